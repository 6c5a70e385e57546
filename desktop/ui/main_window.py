"""The main window: puts the parts together; what they do is theirs."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from desktop.replica.changed import Changed
from desktop.replica.queries import config
from desktop.settings import Settings
from desktop.ui.actions import Actions
from desktop.ui.directory import Directory
from desktop.ui.main.bindings import bind_actions
from desktop.ui.main.desk_area import OFF, DeskArea, stacked
from desktop.ui.main.follower import Follower
from desktop.ui.main.front import Front
from desktop.ui.main.lists import Lists
from desktop.ui.main.navigation import ATTENTION, Counts, Navigation
from desktop.ui.main.own_views import OwnViews
from desktop.ui.main.panels import Panels
from desktop.ui.main.place import MainPlace
from desktop.ui.main.reminding import attach_reminders
from desktop.ui.main.search import SearchHits
from desktop.ui.main.status_line import StatusLine
from desktop.ui.main.top_bar import TopBar
from desktop.ui.session import Session
from desktop.ui.text import has_text, tr
from desktop.ui.theme.tokens import STATUS_BAR_HEIGHT
from desktop.ui.tickets.acting import Acting
from desktop.ui.tickets.gestures import Gestures
from desktop.ui.tickets.list_page import ListPage
from desktop.ui.tickets.pane import TicketPane
from desktop.ui.tickets.remind import remind_me
from desktop.ui.widgets.toast import Toasts

if TYPE_CHECKING:
    from desktop.ui.reminders.desk import ReminderDesk

_LOOK = "window.main"
_REMIND_AFTER_MS = 400  # the list comes first


class MainWindow(QMainWindow):
    """One person's desk; closing it keeps what is being written."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setMinimumSize(1024, 640)
        self.setWindowTitle(tr("main.title"))
        self._make_parts()
        self._make_desk()
        self._make_controllers()
        self._connect_list()
        self._connect_bars()
        bind_actions(self, session)
        self._restore()
        self.lists.show(self.lists.key)
        self.navigation.count()
        self.panels.follow(session.sync.state)
        self._reminders: ReminderDesk | None = None
        self._reminding = QTimer(self, singleShot=True, interval=_REMIND_AFTER_MS)
        self._reminding.timeout.connect(self._attach_reminders)

    # Putting together.

    def _make_parts(self) -> None:
        session = self._session
        self.directory = Directory(session.replica, session.bridge)
        self.actions_ = Actions(self)
        self.toasts = Toasts(self, above=STATUS_BAR_HEIGHT + 16)
        self.gestures = Gestures(session, self.toasts, self)
        self.top = TopBar(self.actions_, session.person.name)
        self.list = ListPage(session, self.directory)
        self.pane = TicketPane(session, self.directory, self.actions_, self.gestures)
        self._follower = Follower(self.list, self.pane)
        self._clock = QTimer(self)

    def _make_desk(self) -> None:
        session = self._session
        self.area = DeskArea(session.settings, self.list, self.pane)
        self.navigation = Navigation(session, self.area.sidebar)
        self.status = StatusLine(session)
        self._stack = QStackedWidget()
        self._desk = stacked(self.top, self.area)
        self._stack.addWidget(self._desk)
        self.setCentralWidget(stacked(self._stack, self.status))

    def _make_controllers(self) -> None:
        session, directory = self._session, self.directory
        self.front = Front(
            session,
            directory,
            self.actions_,
            self.gestures,
            self.toasts,
            stack=self._stack,
            desk=self._desk,
        )
        self.lists = Lists(session, self.navigation, self.area, self.list, self.front, self.toasts, self)
        self.views = OwnViews(session, directory, self.navigation, self.list, self.lists, self.toasts, self)
        self.panels = Panels(
            session,
            self.area,
            ticket_wanted=self.open_ticket,
            back_to_list=self.lists.again,
            say=self.say,
        )
        self.lists.panels = self.panels
        self.hits = SearchHits(session, self.top.search, self.actions_, self.lists.names)
        self.place = MainPlace(self.front, self.area, self.list, self.pane)
        self.acting = Acting(session, directory, self.actions_, self.gestures, self.place, self)

    def _connect_list(self) -> None:
        self._clock.timeout.connect(self._tick)
        self.list.chosen.connect(lambda _: self.acting.refresh())
        self.list.marked.connect(self._on_marked)
        self.list.counted.connect(lambda _: self._on_marked(len(self.list.chosen_ids())))
        self.list.opened.connect(self.open_ticket)
        self.list.opened_apart.connect(self.front.open_apart)
        self.list.menu_wanted.connect(self._open_menu)
        self.list.view_wanted.connect(self.lists.name_view)
        self.list.head.drop_view.clicked.connect(self.lists.drop_view)
        self.list.head.edit_view.clicked.connect(self.views.edit)
        self.lists.new_view_wanted.connect(self.views.new)
        self.list.step_chosen.connect(self.lists.take_step)
        self.list.head.layout_button.clicked.connect(lambda: self.actions_.press("pane"))
        self.pane.loaded.connect(lambda _: self.acting.refresh())
        self.pane.opened.connect(self.open_ticket)
        self.pane.left.connect(self.list.focus_table)
        self.pane.desk.attention_wanted.connect(lambda: self.lists.go(ATTENTION))
        self.front.step = self.list.step
        self.front.place = self._place_of
        self.front.returned.connect(self.list.focus_table)
        self.front.moved.connect(self.acting.refresh)
        for stack in (self._stack, self.area.stack):
            stack.currentChanged.connect(lambda _: self.acting.refresh())
        self.lists.ticket_wanted.connect(self.open_ticket)

    def _connect_bars(self) -> None:
        self.navigation.chosen.connect(self.lists.go)
        self.navigation.counted.connect(self._on_counted)
        self.hits.ticket_chosen.connect(self.open_ticket)
        self.hits.list_chosen.connect(self.lists.show)
        self.top.search.left.connect(self.list.focus_table)
        self.top.bell_clicked.connect(lambda: self.panels.open_notices(self.top.bell))
        self.status.sync_clicked.connect(lambda: self.panels.open_sync(self.status.sync))
        self.status.attention_clicked.connect(lambda: self.lists.go(ATTENTION))
        self.gestures.refused.connect(self.say)
        self.actions_.refused.connect(self.say)
        self._session.bridge.refused.connect(self.gestures.tell_refused)
        self.destroyed.connect(self._session.settings.listen(self._on_settings))

    # Tickets.

    def open_ticket(self, id: str) -> None:
        """Bring a ticket to the front."""
        self.list.choose(id)
        self.front.open_ticket(id)

    def _place_of(self, id: str) -> tuple[str, int, int]:
        at, total = self.list.position()
        return self.lists.title, at if self.list.current_id() == id else 0, total

    def _on_marked(self, count: int) -> None:
        self.status.set_selection(count, self.list.position()[1])
        self.acting.refresh()

    def _on_counted(self, counts: Counts) -> None:
        self.top.set_notices(counts.notices)
        self.status.set_counts(attention=counts.attention, unsent=counts.unsent)
        self.panels.count_mine(counts.by_key.get("todo", 0))

    def with_current(self, act: Callable[[str], object]) -> None:
        """Do it to the first ticket that actions act on."""
        for id in list(self.place.targets())[:1]:
            act(id)

    def remind(self, id: str) -> None:
        """Ask when to be reminded of a ticket."""
        remind_me(self._session, self.place.anchor("remind"), id)

    def _attach_reminders(self) -> None:
        self._reminders = attach_reminders(
            self._session,
            self,
            actions=self.actions_,
            lists=self.lists,
            open_ticket=self.open_ticket,
            reply_to=self._reply_to,
        )

    def _reply_to(self, id: str) -> None:
        self.open_ticket(id)
        self.write(internal=False)

    def next_tab(self) -> None:
        """The tab after this one."""
        self.place.view().desk.body.next_tab()

    def show_flow(self) -> None:
        """The ticket's flow, the cursor where something is to be done."""
        self.place.view().desk.show_flow()

    def step(self, by: int) -> None:
        """To the ticket before or after."""
        if self.front.ticket is not None:
            self.front.go(by)
        else:
            self.list.step(by)

    def write(self, *, internal: bool) -> None:
        """Begin a reply or a note on the ticket that shows."""
        if self.front.ticket is None and not self.pane.isVisible():
            self.with_current(self.open_ticket)
        self.place.view().desk.write(internal=internal)

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

    def search(self) -> None:
        """Put the keyboard into the search box."""
        self.front.back()
        self.hits.open()

    def panes(self) -> list[QWidget]:
        """Where F6 leads, in order."""
        desk = self.place.view().desk
        beside = [] if self.front.ticket is not None else [self.area.sidebar, self.list.table]
        return [*beside, desk.body, desk.composer]

    def cycle_pane(self) -> None:
        """The ticket right, below, or not at all."""
        if self.area.cycle_pane() == OFF:
            self.list.focus_table()

    def _tick(self) -> None:
        self.list.tick()
        self.pane.tick()
        self.front.tick()

    def _on_settings(self, now: Settings) -> None:
        if not shiboken6.isValid(self):
            return
        self.list.set_density(comfortable=now.density == "comfortable")

    def _restore(self) -> None:
        look = self._session.settings.look(_LOOK) or {}
        self.resize(int(look.get("width", 1366)), int(look.get("height", 768)))
        if look.get("maximized"):
            self.setWindowState(Qt.WindowState.WindowMaximized)
        self._show_unit()
        self._session.bridge.changed.connect(self._on_changed)

    def _show_unit(self) -> None:
        """The person's unit, once the directory has come."""
        with self._session.replica.read() as conn:
            unit = config.unit(conn, self._session.person.unit)
        self.status.set_unit(unit.name if unit is not None else "")

    def _on_changed(self, moved: Changed) -> None:
        if "config" in moved.kinds:
            self._show_unit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.panels.enter():
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.setWindowTitle(tr("main.title"))
            self.list.set_title(self.lists.title)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.pane.desk.composer.flush()
        self.front.close_all()
        self.list.look.save()
        self.area.save()
        size = self.normalGeometry().size() if self.isMaximized() else self.size()
        look = {"width": size.width(), "height": size.height(), "maximized": self.isMaximized()}
        self._session.settings.remember(_LOOK, look)
        self._clock.stop()
        self._reminding.stop()
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start(1000)
        if self._reminders is None:
            self._reminding.start()
