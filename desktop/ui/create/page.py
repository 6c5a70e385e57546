"""The page on which a ticket is made: Ctrl+N."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QFocusEvent, QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.replica.queries.intake import Caller
from desktop.sync.customers import Known
from desktop.ui.attachments.box import Box
from desktop.ui.create import places, record
from desktop.ui.create.after import outlook
from desktop.ui.create.caller import CallerLookup
from desktop.ui.create.draft import Draft
from desktop.ui.create.drafts import Kept, kept_drafts, to_open
from desktop.ui.create.keeper import DraftKeeper
from desktop.ui.create.known import Catalogue, load, path_of
from desktop.ui.create.page_time import PageTime
from desktop.ui.create.sheet import Sheet
from desktop.ui.create.shelf import DraftShelf
from desktop.ui.create.submit import Submission, content_of
from desktop.ui.create.suggested import NAME
from desktop.ui.form.own_keys import kept
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.text_modules.filling import filled, known_words
from desktop.ui.text_modules.own import OwnTexts
from desktop.ui.text_modules.uses import count_use, uses
from desktop.ui.times import clock, day, moment
from desktop.ui.widgets.toast import Toasts, toasts_of
from domain.entities.forms import TextModule
from domain.rules.forms import FieldError
from domain.rules.nearest import StoreMap
from domain.wire.customers import Order

TEMPLATE_LOOK = "create.template"
OUTLOOK_MS = 200


class CreatePage(QWidget):
    """`closed` when it is done with, `ticket_opened` tells a ticket to show, `submitted` the one made.

    `toasts` are those of the window it stands in; `draft` the one to go on with.
    """

    closed = Signal()
    ticket_opened = Signal(str)
    submitted = Signal(str)

    def __init__(
        self,
        session: Session,
        *,
        draft: str = "",
        toasts: Toasts | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._wanted, self._toasts = session, draft, toasts
        self._catalogue: Catalogue | None = None
        self._done = False
        self._known: Known | None = None
        self._places: StoreMap | None = None
        self._keeper = DraftKeeper(session, self)
        self._shelf = DraftShelf(session, self._keeper, self)
        self._callers = CallerLookup(session, self)
        self._time = PageTime(self, session.clock)
        self._submission = Submission(session, self)
        self._box = Box(session, self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.sheet = self._put_sheet()
        # What was typed before the page knows its drafts would be lost to them.
        self.sheet.setEnabled(False)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(OUTLOOK_MS)
        self._later.timeout.connect(self._show_outlook)
        self._connect()
        self._load()

    def _put_sheet(self) -> Sheet:
        sheet = Sheet(self._box)
        self._column.addWidget(sheet)
        sheet.edited.connect(self._on_edited)
        sheet.customer.asked.connect(self._callers.ask)
        sheet.customer.opened.connect(self.ticket_opened)
        sheet.customer.ordered.connect(self._on_ordered)
        sheet.customer.phone.editor.edited.connect(self._on_number_edited)
        sheet.head.closed.connect(self.leave)
        sheet.head.drafts_wanted.connect(lambda: self._shelf.open_list(sheet.head.drafts))
        sheet.foot.cancel.clicked.connect(self.leave)
        sheet.foot.submit.clicked.connect(self.submit)
        sheet.help.modules.inserted.connect(self._insert)
        sheet.help.modules.count_uses(uses(self._session.settings))
        OwnTexts(self._session, sheet.help.modules, sheet.own_text, self._toasts)
        sheet.help.duplicates.opened.connect(self.ticket_opened)
        sheet.help.duplicates.added.connect(self._add_to)
        sheet.help.duplicates.dismissed.connect(self._not_duplicate)
        sheet.banner.acted.connect(self.begin_anew)
        return sheet

    def _connect(self) -> None:
        self._keeper.saved.connect(self._on_saved)
        self._time.ticked.connect(self._on_ticked)
        self._submission.done.connect(self._on_submitted)
        self._submission.refused.connect(self._on_refused)
        self._callers.found.connect(self._show_caller)
        self._callers.known.connect(self._show_record)
        self._shelf.counted.connect(self._on_drafts_counted)
        self._shelf.chosen.connect(self._take_up)
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+Return": self.submit,
            "Ctrl+Enter": self.submit,
            "Alt+Y": self._confirm,
            "Ctrl+/": self._open_modules,
        }
        for sequence, act in keys.items():
            shortcut = QShortcut(QKeySequence(sequence), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _confirm(self) -> None:
        self.sheet.store.confirm()

    def _open_modules(self) -> None:
        self.sheet.open_modules()

    # Opening.

    def _load(self) -> None:
        replica, person = self._session.replica, self._session.person

        def read() -> tuple[Catalogue, list[Kept]]:
            return load(replica, person), kept_drafts(replica)

        self._session.bridge.read(read, then=self._on_loaded, owner=self)

    def _on_loaded(self, told: tuple[Catalogue, list[Kept]]) -> None:
        self._catalogue, kept_ones = told
        self._shelf.put(kept_ones)
        catalogue, replica = self._catalogue, self._session.replica
        self._session.bridge.read(lambda: places.load(replica, catalogue), then=self._on_places, owner=self)
        self.sheet.offer(self._catalogue, now_at=self._session.clock.now())
        self.sheet.setEnabled(True)
        found = to_open(self._shelf.others(), self._wanted)
        if found is None:
            self._begin(self._new_draft(), kept=False)
            self.sheet.left.take_focus()
            return
        self._begin(found.draft, kept=True)
        if not self._wanted:
            when = moment(found.updated_at, self._session.clock.now(), full=True)
            self.sheet.banner.show_message("info", tr("create.restored", when=when), action=tr("create.anew"))
            self.sheet.banner.show()

    def _on_places(self, found: StoreMap) -> None:
        self._places = found
        self.sheet.store.take_places(found)

    def _new_draft(self) -> Draft:
        assert self._catalogue is not None
        last = str(self._session.settings.look(TEMPLATE_LOOK, ""))
        return Draft(id=self._session.ids.new(), template=last)

    def _begin(self, draft: Draft, *, kept: bool) -> None:
        assert self._catalogue is not None
        self._keeper.begin(draft, kept=kept)
        self._box.show(draft.id)
        self._time.begin(draft.page_time_s)
        self._callers.forget()
        self.sheet.banner.hide()
        self.sheet.fill(draft)
        self.sheet.adopt(left=False)
        self.sheet.show_caller(None, now_at=0)
        self._show_record(None)
        self.sheet.head.saved.set_text("")
        if not draft.org and self._catalogue.own_store:
            self.sheet.store.propose(self._catalogue.own_store, "unit")
        if draft.phone:
            self.sheet.customer.look_up_now()
        self._shelf.count()
        self._show_outlook()

    def begin_anew(self) -> None:
        """Leave the draft in the list and start with an empty page."""
        self._park()
        self._begin(self._new_draft(), kept=False)
        self.sheet.left.take_focus()

    @property
    def draft_id(self) -> str:
        """The draft on the page, which no other page takes up."""
        return self._keeper.draft_id

    @property
    def page_seconds(self) -> int:
        """The time spent on it so far."""
        return self._time.seconds

    # While it is written.

    def _draft(self) -> Draft:
        self.sheet.adopt(page_time_s=self._time.seconds)
        return self.sheet.draft()

    def _on_edited(self) -> None:
        if self._catalogue is not None and not self._done:
            self._keeper.keep(self._draft())
            self._later.start()

    def _on_saved(self, at: int) -> None:
        self.sheet.head.saved.set_text(tr("create.saved", time=clock(at)))

    def _on_ticked(self, seconds: int) -> None:
        self.sheet.head.timer.set_text(tr("create.page_time", time=f"{seconds // 60:02}:{seconds % 60:02}"))

    def _on_number_edited(self) -> None:
        """An answer that is still under way is about another number, and asked for anew for the same."""
        self._callers.forget()
        record.drop(self.sheet)

    def _show_caller(self, caller: Caller) -> None:
        if self._catalogue is None or self._done:
            return
        self.sheet.show_caller(caller, now_at=self._session.clock.now())
        self.sheet.suggested.offer("history", {NAME: caller.name, "tier": caller.tier})
        store = self.sheet.store
        last = next((one.org for one in caller.tickets if self._catalogue.stores.knows_unit(one.org)), "")
        if self.sheet.draft().order_no:
            return  # the order says where it was
        if last and not self._catalogue.own_store:
            store.propose(last, "history")
        elif not last and store.source == "history":
            store.withdraw()

    def _show_record(self, known: Known | None) -> None:
        """Show the record of who calls; it stays with the draft until another one calls."""
        if self._catalogue is None or self._done:
            return
        self._known = known
        if known is not None and known.customer is not None:
            record.take(self.sheet, known.customer)
        record.show(self.sheet, known, self._catalogue, self._session.clock.now())
        self._on_edited()

    def _on_ordered(self, order: Order | None) -> None:
        assert self._catalogue is not None
        record.choose(self.sheet, order, self._catalogue)
        record.show(self.sheet, self._known, self._catalogue, self._session.clock.now())
        self._on_edited()

    def _show_outlook(self) -> None:
        template = self.sheet.template
        if self._catalogue is None or template is None or self._done:
            return
        self.sheet.store.propose_near(str(self.sheet.draft().values.get("address") or ""))
        draft, now = self.sheet.draft(), self._session.server_time.now()
        path = path_of(self._session.replica, draft.org) if draft.org else ()
        self.sheet.show_outlook(outlook(draft, template, self._catalogue, org_path=path, now=now), now)

    def _insert(self, module: TextModule) -> None:
        assert self._catalogue is not None
        draft, today = self.sheet.draft(), self._session.clock.now()
        store = self._catalogue.directory.unit_name(draft.org) if draft.org else ""
        known = known_words(
            self.sheet.template,
            self.sheet.form_values(),
            self._catalogue.directory,
            store=store,
            customer=draft.name,
            order=draft.order_no,
            date=day(today, today),
        )
        self.sheet.matter.insert(filled(module.body, known))
        count_use(self._session.settings, module.id)

    # Drafts.

    def _on_drafts_counted(self, count: int) -> None:
        self.sheet.head.set_drafts(count)

    def _take_up(self, draft: Draft) -> None:
        self._park()
        self._begin(draft, kept=True)

    def _park(self) -> None:
        """Put the draft into the list, where the next page does not take it up by itself."""
        self.sheet.adopt(left=True)
        draft = self._draft()
        if draft.empty:
            self._keeper.drop()
        else:
            self._keeper.keep(draft)
            self._keeper.flush()

    # Leaving.

    def submit(self) -> None:
        """Send the ticket, or lead to what is missing."""
        if self._catalogue is None or self._done or not self.sheet.mark_gaps():
            return
        template = self.sheet.template
        if template is not None:
            self._keeper.flush()
            draft, values = self._draft(), self.sheet.form_values()
            self._submission.send(draft, content_of(draft, template, line=self.sheet.line(), values=values))

    def _on_submitted(self, ticket: str, number: str) -> None:
        self._done = True
        self._keeper.forget()
        self._keeper.release()
        if self.sheet.template is not None:
            self._session.settings.remember(TEMPLATE_LOOK, self.sheet.template.id)
        offline = self._session.sync.state.offline
        self._say("create.submitted_offline" if offline else "create.submitted", number=number)
        self.submitted.emit(ticket)
        self.closed.emit()

    def _on_refused(self, sentence: str, errors: list[FieldError]) -> None:
        for form in self.sheet.forms():
            form.mark(errors)
        self.sheet.banner.show_message("error", sentence)
        self.sheet.banner.show()

    def _add_to(self, ticket: str) -> None:
        if not self.sheet.draft().description:
            self.sheet.matter.description.set_error(tr("create.addition_missing"))
            self.sheet.matter.description.focus_editor()
            return
        draft = self._draft()
        number = next((one.number for one in self._callers.caller.tickets if one.id == ticket), "")

        def then() -> None:
            self._done = True
            self._keeper.drop()
            self._keeper.release()
            self._say("create.added", number=number)
            self.ticket_opened.emit(ticket)
            self.closed.emit()

        self._submission.add_to(ticket, draft, then=then)

    def _not_duplicate(self, ticket: str) -> None:
        self.sheet.adopt(distinct=(*self.sheet.draft().distinct, ticket))
        self.sheet.show_caller(self._callers.caller, now_at=self._session.clock.now())
        self._on_edited()

    def _say(self, key: str, *, number: str) -> None:
        if self._toasts is None:
            self._toasts = toasts_of(self.window())
        self._toasts.say(key, number=number)

    def leave(self) -> None:
        """Close the page; what was written stays as a draft."""
        if not self._done and self._catalogue is not None:
            self._park()
            self._keeper.release()
            self._done = True
        self.closed.emit()

    def event(self, event: QEvent) -> bool:
        # The window's single letters act on its lists, which this page covers.
        return kept(event) or super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.sheet.left.take_focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._keeper.flush()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._done:
            self.leave()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self._catalogue is not None:
            draft, gone = self._draft(), self.sheet
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
            self.sheet = self._put_sheet()
            self.sheet.offer(self._catalogue, now_at=self._session.clock.now())
            if self._places is not None:
                self.sheet.store.take_places(self._places)
            self.sheet.fill(draft)
            self._show_caller(self._callers.caller)
            self._show_record(self._known)
            self._shelf.count()
            self._show_outlook()
