"""What was said about a ticket, as bubbles with events between them, the latest in view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.attachments.box import Box
from desktop.ui.attachments.shown import ShownAttachments
from desktop.ui.text import has_text, tr
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.tickets.events import MESSAGES, Wording
from desktop.ui.times import moment
from desktop.ui.widgets.bubble import Bubble
from desktop.ui.widgets.button import LinkButton
from desktop.ui.widgets.event_line import EventLine
from desktop.ui.widgets.label import Label
from domain.entities.base import Instant
from domain.entities.ticket import Entry, Ticket
from domain.wire.attachments import refs_of

AT_FIRST = 20
"""Bubbles shown before somebody asks for the earlier ones."""
_GAP = 12
_TOLD = frozenset(
    {
        *("created", "status", "assigned", "taken", "transferred", "routed", "attached", "returned", "urged"),
        *(
            "merged_into",
            "merged_from",
            "unmerged",
            "unmerged_from",
            "split",
            "linked",
            "unlinked",
            "redirected",
        ),
    }
)
_KINDS = {"message": "customer", "created": "customer", "reply": "public", "note": "note"}


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What a conversation is made from."""

    ticket: Ticket
    entries: Sequence[Entry]
    customer: str
    me: str
    now_at: Instant
    wording: Wording
    offline: bool = False


def count_said(entries: Sequence[Entry]) -> int:
    """How many messages were said."""
    return sum(_is_said(entry) for entry in entries)


def _is_said(entry: Entry) -> bool:
    return entry.kind in MESSAGES or (
        entry.kind == "created" and bool(entry.body or entry.detail.get("attachments"))
    )


def _is_told(entry: Entry) -> bool:
    # Taking a ticket opens it, too: one line says both.
    return entry.kind in _TOLD and entry.detail.get("why") not in ("taken", "merged", "unmerged")


class Conversation(QScrollArea):
    """Scrolls to the latest; keeps its place when something is added while somebody reads above."""

    complained = Signal(str)

    def __init__(self, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = box
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
        self._column.setSpacing(_GAP)
        self._column.addStretch(1)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("ticket.tab.conversation"))
        self._talk: Talk | None = None
        self._widgets: dict[str, tuple[object, QWidget]] = {}
        self._limit = AT_FIRST
        self._follow = True
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def show_talk(self, talk: Talk) -> None:
        """Show a ticket's conversation; of the same ticket only what is new is made."""
        if self._talk is None or self._talk.ticket.id != talk.ticket.id:
            self._clear()
            self._limit = AT_FIRST
            self._follow = True
        self._talk = talk
        self._refresh()

    def _shown(self, talk: Talk) -> list[Entry]:
        told = [entry for entry in talk.entries if _is_told(entry) or _is_said(entry)]
        said = [place for place, entry in enumerate(told) if _is_said(entry)]
        return told if len(said) <= self._limit else told[said[-self._limit] :]

    def _refresh(self) -> None:
        talk = self._talk
        if talk is None:
            return
        shown = self._shown(talk)
        earlier = count_said(talk.entries) - sum(_is_said(entry) for entry in shown)
        wanted: list[str] = []
        if earlier:
            wanted.append("earlier")
            self._keep("earlier", earlier, partial(self._earlier_link, earlier))
        for entry in shown:
            content = (entry, talk.customer, talk.wording.who(entry.person))
            if not _is_said(entry) or entry.kind == "created":
                wanted.append(f"{entry.id}:event")
                self._keep(wanted[-1], content, partial(self._event, entry, talk))
            if _is_said(entry):
                wanted.append(entry.id)
                self._keep(entry.id, content, partial(self._bubble, entry, talk))
        self._arrange(wanted)

    def _keep(self, key: str, content: object, make: Callable[[], QWidget]) -> None:
        """Make the widget of a key anew only where its content changed."""
        known = self._widgets.get(key)
        if known is not None and known[0] == content:
            return
        if known is not None:
            self._drop(key)
        self._widgets[key] = (content, make())

    def _drop(self, key: str) -> None:
        _, widget = self._widgets.pop(key)
        self._column.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _arrange(self, wanted: list[str]) -> None:
        for key in [key for key in self._widgets if key not in wanted]:
            self._drop(key)
        for place, key in enumerate(wanted):
            widget = self._widgets[key][1]
            if self._column.indexOf(widget) != place:
                self._column.removeWidget(widget)
                self._column.insertWidget(place, widget)
                widget.show()

    def _earlier_link(self, count: int) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        link = LinkButton(tr("ticket.earlier", count=count), glyph="caret-up")
        link.clicked.connect(self._show_earlier)
        row.addStretch(1)
        row.addWidget(link)
        row.addStretch(1)
        return box

    def _show_earlier(self) -> None:
        self._limit += 4 * AT_FIRST
        self._follow = False
        self._refresh()

    def _event(self, entry: Entry, talk: Talk) -> QWidget:
        event = talk.wording.event(entry)
        line = EventLine(f"{moment(entry.at, talk.now_at, full=True)} · {event.who} · {event.words}")
        files = self._files(entry, talk) if entry.kind == "attached" else None
        if files is None:
            return line
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line)
        column.addWidget(files)
        return both

    def _files(self, entry: Entry, talk: Talk) -> ShownAttachments | None:
        refs = () if entry.erased else refs_of(entry.detail)
        if not refs:
            return None
        files = ShownAttachments(self._box, refs, ticket=talk.ticket.id, offline=talk.offline)
        files.complained.connect(self.complained)
        return files

    def _bubble(self, entry: Entry, talk: Talk) -> Bubble:
        kind = _KINDS[entry.kind]
        when = moment(entry.at, talk.now_at)
        own = entry.person == talk.me
        author = talk.wording.name(entry.person)
        if kind == "customer":
            own = False
            author = talk.customer or author
            when = f"{self._channel(entry, talk)}{when}"
        body = tr("ticket.erased") if entry.erased else entry.body or ""
        bubble = Bubble(kind, body, author=author, when=when, own=own)
        files = self._files(entry, talk)
        if files is not None:
            bubble.add(files)
        if entry.rev == 0:
            bubble.set_foot(tr("ticket.unsent"))
        return bubble

    def _channel(self, entry: Entry, talk: Talk) -> str:
        channel = str(entry.detail.get("channel") or talk.ticket.channel)
        key = f"channel.{channel}"
        return f"{tr(key)} · " if channel != "desktop" and has_text(key) else ""

    def _clear(self) -> None:
        for key in list(self._widgets):
            self._drop(key)

    def clear(self) -> None:
        """Show nothing."""
        self._talk = None
        self._clear()

    def add_below(self, text: str) -> None:
        """Say something after the last message, as while a ticket is still being fetched."""
        self._column.insertWidget(self._column.count() - 1, Label(text, kind="small", tone="text3"))

    def _on_range_changed(self, _low: int, high: int) -> None:
        if self._follow:
            self.verticalScrollBar().setValue(high)

    def _on_scrolled(self, value: int) -> None:
        self._follow = value >= self.verticalScrollBar().maximum() - 4

    def show_last(self) -> None:
        """Bring the latest message into view."""
        self._follow = True
        QTimer.singleShot(0, self, lambda: self._on_range_changed(0, self.verticalScrollBar().maximum()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._clear()
            self._refresh()
