"""What both views of a ticket share: where it comes from, its tabs, the composer, and what is written there."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.commands import local, status, together
from desktop.commands.runner import Runner
from desktop.commands.write import edit, note, reply, reply_and_wait
from desktop.replica.changed import Changed
from desktop.ui.attachments.box import Box
from desktop.ui.directory import Directory
from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.tickets.body import TABS, TicketBody
from desktop.ui.tickets.composer import Composer
from desktop.ui.tickets.flow_stops import flow_of
from desktop.ui.tickets.gestures import Act, Gestures
from desktop.ui.tickets.source import Shown, TicketSource, draft_key
from desktop.ui.tickets.text_modules import ReplyTexts
from desktop.ui.tickets.together_bars import TogetherBars
from desktop.ui.widgets.banner import Banner
from domain.errors import GongdanError


class TicketDesk(QWidget):
    """Tabs above, composer below. `loaded` once a ticket is read, `opened` when another is wanted."""

    loaded = Signal(object)
    gone = Signal()
    opened = Signal(str)
    left = Signal()
    attention_wanted = Signal()

    def __init__(
        self,
        session: Session,
        directory: Directory,
        gestures: Gestures,
        *,
        tabs: Sequence[str] = TABS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._gestures = session, gestures
        self._drafted = ""  # of which ticket the composer holds the draft
        self.source = TicketSource(session, directory, self)
        self._box = Box(session, self)
        self.body = TicketBody(session, self._box)
        self.body.show_tabs(tabs)
        self.composer = Composer(self._box)
        self._banner = Banner("error", "", action=tr("widget.close"))
        self._banner.hide()
        self._attention = Banner("warning", "", glyph="git-diff")
        self._attention.hide()
        self.bars = TogetherBars()
        self._attention.acted.connect(self.attention_wanted)
        self._arrange()
        self.source.loaded.connect(self._on_loaded)
        self.source.gone.connect(self.gone)
        self.body.saved.connect(self._on_saved)
        self.body.opened.connect(self.opened)
        self.bars.opened.connect(self.opened)
        self.bars.incidents.connect(self._resolve_incidents)
        self.body.links.removed.connect(self._unlink)
        self.body.flow.wanted.connect(self._go_on)
        self.composer.sent.connect(self._on_sent)
        self.composer.draft_changed.connect(self._on_draft_changed)
        self.body.conversation.complained.connect(self._say)
        ReplyTexts(session, self.composer, lambda: self.shown)
        self.composer.left.connect(self.left)
        self._banner.acted.connect(self._banner.hide)

    def _arrange(self) -> None:
        foot = QVBoxLayout()
        foot.setContentsMargins(PANE_PADDING, 8, PANE_PADDING, 12)
        foot.setSpacing(8)
        foot.addWidget(self.bars)
        foot.addWidget(self._attention)
        foot.addWidget(self._banner)
        foot.addWidget(self.composer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.body, 1)
        column.addLayout(foot)

    @property
    def shown(self) -> Shown | None:
        """The ticket shown, once it is read."""
        return self.source.shown

    def show_ticket(self, id: str) -> None:
        """Show another ticket; "" for none. What is being written stays with its own."""
        if id != self.source.id:
            self.composer.flush()
            self.composer.complain("")
            self._banner.hide()
            # What was being attached to the ticket before comes into its draft no more, and to no other.
            self.composer.files.set_refs(())
            self._box.show(id)
            self.source.show(id)

    def write(self, *, internal: bool) -> None:
        """Begin a reply or a note."""
        self.body.choose("conversation")
        self.composer.write(internal=internal)

    def show_flow(self) -> None:
        """Show the ticket's flow, the cursor where something is to be done."""
        if self.shown is not None and flow_of(self.shown) is not None:
            self.body.choose("flow")
            self.body.flow.focus_first()

    def _on_loaded(self, shown: Shown) -> None:
        if self._drafted != shown.id:
            self._drafted = shown.id
            draft = shown.draft
            self.composer.show_draft(draft.body, internal=draft.internal, files=draft.files)
        offline = self._session.sync.state.offline
        self.composer.set_target(shown.customer, may_reply=shown.may_reply(), offline=offline)
        self.body.show_ticket(shown)
        self.bars.show_ticket(shown)
        self._attention.setVisible(bool(shown.page.attention))
        words = tr("ticket.attention", count=len(shown.page.attention))
        self._attention.show_message("warning", words, action=tr("ticket.settle"), glyph="git-diff")
        self.loaded.emit(shown)

    def _on_draft_changed(self, body: str, internal: bool) -> None:
        self.source.save_draft(body, internal, self.composer.files.refs())

    def _on_sent(self, body: str, internal: bool, wait: bool) -> None:
        shown, replica = self.shown, self._session.replica
        if shown is None:
            return
        id, key, files = shown.id, draft_key(shown.id), self.composer.files.refs()
        said = note if internal else reply_and_wait if wait else reply

        def act(runner: Runner, ids: Sequence[str]) -> Changed:
            return said(runner, ids[0], body=body, files=files)

        def taken() -> None:
            self._session.bridge.act(lambda: local.drop_draft(replica, key))
            self._on_taken(id)

        toast = "toast.noted" if internal else "toast.sent_waiting" if wait else "toast.sent"
        self._gestures.run(toast, [id], act, then=taken, failed=self._on_refused)

    def _resolve_incidents(self, ids: Sequence[str]) -> None:
        """A problem is solved, and with it what it had caused: one command for each, none behind anybody's back."""
        self._gestures.run("toast.resolved", ids, status.resolve, failed=self._on_refused_link)

    def _unlink(self, relation: str, other: str) -> None:
        def act(runner: Runner, ids: Sequence[str]) -> Changed:
            return together.unlink(runner, ids[0], to=other, relation=relation)

        self._gestures.run("toast.unlinked", [self.source.id], act, failed=self._on_refused_link)

    def _go_on(self, toast: str, act: Act) -> None:
        self._banner.hide()
        self._gestures.run(toast, [self.source.id], act, failed=self._on_refused_link)

    def _on_refused_link(self, error: GongdanError) -> None:
        self._say(error_words(error))

    def _on_taken(self, id: str) -> None:
        if id == self.source.id:
            self.composer.done()
            self.body.conversation.show_last()
            self.left.emit()

    def _on_refused(self, error: GongdanError) -> None:
        self.composer.complain(error_words(error))

    def _on_saved(self, values: Mapping[str, Any]) -> None:
        id = self.source.id
        self._banner.hide()
        self._gestures.run(
            "toast.edited",
            [id],
            lambda runner, ids: edit(runner, ids, values=values),
            failed=self.complain,
        )

    def complain(self, error: GongdanError) -> None:
        """Say above the composer what was refused."""
        self._say(error_words(error))

    def _say(self, sentence: str) -> None:
        self._banner.show_message("error", sentence, action=tr("widget.close"))
        self._banner.show()
