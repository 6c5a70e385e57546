"""The main window: puts the parts together; what they do is theirs."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop.replica.queries import config
from desktop.replica.queries.tickets import TicketLine
from desktop.settings import Settings
from desktop.ui.actions import Actions, add_worklist_keys, person_menu
from desktop.ui.directory import Directory
from desktop.ui.main.desk_area import OFF, DeskArea
from desktop.ui.main.drafts_menu import open_drafts
from desktop.ui.main.focus import next_pane
from desktop.ui.main.front import Front
from desktop.ui.main.navigation import ATTENTION, DRAFTS, Counts, Navigation, list_keys
from desktop.ui.main.panels import Panels
from desktop.ui.main.save_view import SaveView
from desktop.ui.main.search import SearchHits
from desktop.ui.main.status_line import StatusLine
from desktop.ui.main.top_bar import TopBar
from desktop.ui.session import Session
from desktop.ui.text import has_text, tr
from desktop.ui.theme.tokens import STATUS_BAR_HEIGHT
from desktop.ui.tickets.acting import Acting
from desktop.ui.tickets.filters import ListShape, SavedView, worklist_conditions
from desktop.ui.tickets.gestures import Gestures
from desktop.ui.tickets.list_page import ListPage
from desktop.ui.tickets.list_reader import Question
from desktop.ui.tickets.pane import TicketPane
from desktop.ui.tickets.remind import remind_me
from desktop.ui.tickets.source import Shown
from desktop.ui.widgets.toast import Toasts
from domain.entities.conditions import Conditions

_LOOK = "window.main"
_FOLLOW_MS = 70
"""The ticket follows the cursor once it rests this long; a held arrow key reads no tickets on its way."""


class MainWindow(QMainWindow):
    """One person's desk; closing it keeps what is being written."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._key = "todo"
        self.setMinimumSize(1024, 640)
        self.setWindowTitle(tr("main.title"))
        self.directory = Directory(session.replica, session.bridge)
        self.actions_ = Actions(self)
        self.toasts = Toasts(self, above=STATUS_BAR_HEIGHT + 16)
        self.gestures = Gestures(session, self.toasts, self)
        self.top = TopBar(self.actions_, session.person.name)
        self.list = ListPage(session, self.directory)
        self.pane = TicketPane(session, self.directory, self.actions_, self.gestures)
        self.area = DeskArea(session.settings, self.list, self.pane)
        self.navigation = Navigation(session, self.area.sidebar)
        self.status = StatusLine(session)
        self._stack = QStackedWidget()
        self._desk = self._stacked(self.top, self.area)
        self._stack.addWidget(self._desk)
        self.setCentralWidget(self._stacked(self._stack, self.status))
        self.front = Front(
            session,
            self.directory,
            self.actions_,
            self.gestures,
            stack=self._stack,
            desk=self._desk,
        )
        self.hits = SearchHits(session, self.top.search, self.actions_, self._lists)
        self.panels = Panels(
            session,
            self.area,
            ticket_wanted=self.open_ticket,
            back_to_list=lambda: self.show_list(self._key),
            say=self.say,
        )
        self.acting = Acting(session, self.directory, self.actions_, self.gestures, self, self)
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.setInterval(_FOLLOW_MS)
        self._clock = QTimer(self)
        self._connect_parts()
        self._connect_actions()
        self._restore()
        self.show_list(self._key)
        self.navigation.count()
        self._clock.start(1000)
        self.panels.follow(session.sync.state)

    def _stacked(self, *parts: QWidget) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in parts:
            column.addWidget(part)
        return box

    def _connect_parts(self) -> None:
        self._clock.timeout.connect(self._tick)
        self._follow.timeout.connect(lambda: self.pane.show_ticket(self.list.current_id()))
        self.list.chosen.connect(self._on_chosen)
        self.list.marked.connect(self._on_marked)
        self.list.counted.connect(lambda _: self._on_marked(len(self.list.chosen_ids())))
        self.list.opened.connect(self.open_ticket)
        self.list.opened_apart.connect(self.front.open_apart)
        self.list.menu_wanted.connect(self._open_menu)
        self.list.view_wanted.connect(self._save_view)
        self.list.step_chosen.connect(self._take_step)
        self.list.head.layout_button.clicked.connect(lambda: self.actions_.press("pane"))
        self.pane.loaded.connect(lambda _: self.acting.refresh())
        self.pane.opened.connect(self.open_ticket)
        self.pane.left.connect(self.list.focus_table)
        self.front.step = self.list.step
        self.front.place = self._place_of
        self.front.returned.connect(self.list.focus_table)
        self.front.moved.connect(self.acting.refresh)
        self.navigation.chosen.connect(self._on_navigated)
        self.navigation.counted.connect(self._on_counted)
        self.hits.ticket_chosen.connect(self.open_ticket)
        self.hits.list_chosen.connect(self.show_list)
        self.top.search.left.connect(self.list.focus_table)
        self.top.bell_clicked.connect(lambda: self.panels.open_notices(self.top.bell))
        self.top.person_clicked.connect(self._open_person_menu)
        self.status.sync_clicked.connect(lambda: self.panels.open_sync(self.status.sync))
        self.status.attention_clicked.connect(lambda: self._on_navigated(ATTENTION))
        self.gestures.refused.connect(self.say)
        self.actions_.refused.connect(self.say)
        self._session.bridge.refused.connect(self.gestures.tell_refused)
        self._unlisten = self._session.settings.listen(self._on_settings)

    def _connect_actions(self) -> None:
        bind = self.actions_.connect_to
        bind("new", self.front.open_create)
        bind("search", self._search)
        bind("undo", self.gestures.undo_last)
        bind("sync_now", self._session.sync.sync_now)
        bind("sync_panel", lambda: self.panels.open_sync(self.status.sync))
        bind("next_problem", lambda: self._on_navigated(ATTENTION))
        bind("reports", self.front.open_reports)
        bind("next_pane", lambda: next_pane(self._panes(), 1))
        bind("previous_pane", lambda: next_pane(self._panes(), -1))
        bind("sidebar", self.area.toggle_sidebar)
        bind("pane", self._cycle_pane)
        bind("full_screen", lambda: self.showNormal() if self.isFullScreen() else self.showFullScreen())
        bind("settings", lambda: self.panels.open_settings(self.top.menu_bar))
        bind("sign_out", self._session.sign_out)
        bind("shortcuts", lambda: self.panels.open_shortcuts(self.top.menu_bar))
        bind("close_window", lambda: self.front.back() if not self._desk.isVisible() else self.close())
        bind("open", lambda: self._with_current(self.open_ticket))
        bind("open_apart", lambda: self._with_current(self.front.open_apart))
        bind("filter", self.list.head.filter_by_text)
        bind("copy", self.list.copy)
        bind("select_all", self.list.table.selectAll)
        bind("reply", lambda: self._write(internal=False))
        bind("note", lambda: self._write(internal=True))
        bind("next_tab", self._next_tab)
        bind("previous_ticket", lambda: self._step(-1))
        bind("next_ticket", lambda: self._step(1))
        bind("remind", lambda: self._with_current(self._remind))
        add_worklist_keys(self, self._choose_place)

    # What actions act on.

    def targets(self) -> Sequence[str]:
        """The ticket in front, or those chosen in the list."""
        page = self.front.ticket
        return [page.desk.source.id] if page is not None else self.list.chosen_ids()

    def lines(self) -> Sequence[TicketLine]:
        """What the list knows of them."""
        return [] if self.front.ticket is not None else self.list.chosen_lines()

    def shown(self) -> Shown | None:
        """The one ticket, once it is read."""
        page = self.front.ticket
        shown = page.shown if page is not None else self.pane.shown
        targets = self.targets()
        return shown if shown is not None and list(targets) == [shown.id] else None

    def anchor(self, name: str) -> QWidget:
        """What a pop-over of an action stands beside."""
        page = self.front.ticket
        if page is not None:
            return page.anchor(name)
        beside = self.pane.isVisible() and len(self.targets()) == 1
        return self.pane.anchor(name) if beside else self.list.anchor()

    # Lists.

    def show_list(self, key: str) -> None:
        """Show a worklist or a saved view."""
        self._key = key
        self.front.back()
        self.navigation.choose(key)
        self.area.show_list(key)
        view = self.navigation.view(key)
        if view is None:
            self.list.show_list(key, self.navigation.title(key), worklist=key)
        else:
            self.list.show_list(key, view.name, base=view.conditions)
        self.list.focus_table()

    def _on_navigated(self, key: str) -> None:
        if key == ATTENTION:
            self.front.back()
            self.navigation.choose(key)
            self.panels.open_attention()
        elif key == DRAFTS:
            self.navigation.choose(self._key)
            anchor = self.area.sidebar.item(DRAFTS)
            open_drafts(self._session, anchor, ticket=self.open_ticket, create=self.front.open_create)
        else:
            self.show_list(key)

    def _choose_place(self, place: int) -> None:
        keys = list_keys(self.navigation.views)
        if place < len(keys):
            self.show_list(keys[place])

    def _lists(self) -> Sequence[tuple[str, str]]:
        return [(key, self.navigation.title(key)) for key in list_keys(self.navigation.views)]

    def _take_step(self, step: str) -> None:
        if step == "new":
            self.front.open_create()
        else:
            self.show_list(step)

    def _save_view(self, question: Question) -> None:
        form = SaveView(self.list.head.save_view, " · ".join(one.words for one in question.shape.filters))
        form.named.connect(lambda name: self._keep_view(question, name))
        form.open()

    def _keep_view(self, question: Question, name: str) -> None:
        narrowed = question.conditions() or Conditions()
        basis = worklist_conditions(question.worklist, self._session.person.id)
        conditions = msgspec.structs.replace(narrowed, all=(*basis, *narrowed.all))
        shape = ListShape(sort=question.shape.sort, descending=question.shape.descending)
        view = SavedView(id=self._session.ids.new(), name=name, conditions=conditions, shape=shape)
        self.show_list(self.navigation.save_view(view))

    def _on_counted(self, counts: Counts) -> None:
        self.top.set_notices(counts.notices)
        self.status.set_attention(counts.attention)
        self.panels.count_mine(counts.by_key.get("todo", 0))

    # Tickets.

    def open_ticket(self, id: str) -> None:
        """Bring a ticket to the front."""
        self.list.choose(id)
        self.front.open_ticket(id)

    def _place_of(self, id: str) -> tuple[str, int, int]:
        at, total = self.list.position()
        return self.navigation.title(self._key), at if self.list.current_id() == id else 0, total

    def _on_chosen(self, id: str) -> None:
        self.acting.refresh()
        if id:
            self._follow.start()
        else:
            self._follow.stop()
            self.pane.show_ticket("")

    def _on_marked(self, count: int) -> None:
        self.status.set_selection(count, self.list.model.rowCount())
        self.acting.refresh()

    def _with_current(self, act: Callable[[str], object]) -> None:
        for id in list(self.targets())[:1]:
            act(id)

    def _remind(self, id: str) -> None:
        remind_me(self._session, self.anchor("remind"), id)

    def _step(self, by: int) -> None:
        if self.front.ticket is not None:
            self.front.go(by)
        else:
            self.list.step(by)

    def _next_tab(self) -> None:
        (self.front.ticket or self.pane).desk.body.next_tab()

    def _write(self, *, internal: bool) -> None:
        if self.front.ticket is None and not self.pane.isVisible():
            self._with_current(self.open_ticket)
        (self.front.ticket or self.pane).desk.write(internal=internal)

    def _open_menu(self, at: QPoint) -> None:
        self.acting.refresh()
        self.actions_.ticket_menu(self.list).popup(at)

    # The window itself.

    def say(self, words: str) -> None:
        """Say something that is not the outcome of a gesture."""
        self.toasts.say("toast.plain", words=words)

    def show_hint(self, key: str, values: Mapping[str, object]) -> None:
        """Tell what was found at sign-in."""
        if has_text(key):
            self.say(tr(key, **values))

    def _search(self) -> None:
        self.front.back()
        self.hits.open()

    def _panes(self) -> list[QWidget]:
        page = self.front.ticket
        if page is not None:
            return [page.desk.body, page.desk.composer]
        return [self.area.sidebar, self.list.table, self.pane.desk.body, self.pane.desk.composer]

    def _cycle_pane(self) -> None:
        if self.area.cycle_pane() == OFF:
            self.list.focus_table()

    def _open_person_menu(self) -> None:
        menu = person_menu(self.actions_, self.top.person)
        corner = self.top.person.mapToGlobal(QPoint(self.top.person.width(), self.top.person.height() + 4))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def _tick(self) -> None:
        self.list.tick()
        self.pane.tick()
        self.front.tick()

    def _on_settings(self, now: Settings) -> None:
        self.list.set_density(comfortable=now.density == "comfortable")

    def _restore(self) -> None:
        look = self._session.settings.look(_LOOK) or {}
        self.resize(int(look.get("width", 1366)), int(look.get("height", 768)))
        if look.get("maximized"):
            self.setWindowState(Qt.WindowState.WindowMaximized)
        with self._session.replica.read() as conn:
            unit = config.unit(conn, self._session.person.unit)
        self.status.set_unit(unit.name if unit is not None else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.panels.enter():
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.setWindowTitle(tr("main.title"))
            self.list.set_title(self.navigation.title(self._key))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.pane.desk.composer.flush()
        self.front.close_all()
        self.list.look.save()
        self.area.save()
        size = self.normalGeometry().size() if self.isMaximized() else self.size()
        look = {"width": size.width(), "height": size.height(), "maximized": self.isMaximized()}
        self._session.settings.remember(_LOOK, look)
        self._clock.stop()
        self._unlisten()
        super().closeEvent(event)
