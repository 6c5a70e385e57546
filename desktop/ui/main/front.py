"""Which page is in front: the desk, one ticket, a new ticket; and the windows opened beside."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.ui.actions import Actions
from desktop.ui.directory import Directory
from desktop.ui.session import Session
from desktop.ui.tickets.gestures import Gestures
from desktop.ui.tickets.ticket_page import TicketPage
from desktop.ui.tickets.ticket_window import TicketWindow
from desktop.ui.widgets.toast import Toasts


class Front(QObject):
    """`returned` when the desk is in front again, `moved` when what actions act on is another ticket."""

    returned = Signal()
    moved = Signal()

    def __init__(
        self,
        session: Session,
        directory: Directory,
        actions: Actions,
        gestures: Gestures,
        toasts: Toasts,
        *,
        stack: QStackedWidget,
        desk: QWidget,
    ) -> None:
        super().__init__(stack)
        self._session, self._directory = session, directory
        self._actions, self._gestures, self._toasts = actions, gestures, toasts
        self._stack, self._desk = stack, desk
        self._page: TicketPage | None = None
        self._create: QWidget | None = None
        self._windows: dict[str, QWidget] = {}
        self.step: Callable[[int], str] = lambda by: ""
        self.place: Callable[[str], tuple[str, int, int]] = lambda id: ("", 0, 0)

    @property
    def ticket(self) -> TicketPage | None:
        """The ticket in front; None where something else is."""
        return self._page if self._page is not None and self._stack.currentWidget() is self._page else None

    def open_ticket(self, id: str) -> TicketPage:
        """Bring a ticket to the front."""
        page = self._page or self._make_page()
        page.show_ticket(id)
        page.show_place(*self.place(id))
        self._stack.setCurrentWidget(page)
        page.focus_page()
        self.moved.emit()
        return page

    def _make_page(self) -> TicketPage:
        page = TicketPage(self._session, self._directory, self._actions, self._gestures)
        self._page = page
        self._stack.addWidget(page)
        back = QShortcut(QKeySequence(Qt.Key.Key_Escape), page)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.back)
        page.closed.connect(self.back)
        page.stepped.connect(self.go)
        page.loaded.connect(lambda _: self.moved.emit())
        page.opened.connect(self.open_ticket)
        page.desk.attention_wanted.connect(lambda: self._actions.press("next_problem"))
        return page

    def go(self, by: int) -> None:
        """To the ticket before or after in the list."""
        id = self.step(by)
        if id and self.ticket is not None:
            self.open_ticket(id)

    def back(self) -> None:
        """The desk again; what is being written is kept as a draft."""
        if self._page is not None:
            self._page.desk.composer.flush()
        # Before the page is gone: without it the stack shows the desk by itself, and the focus is nowhere.
        covered = self.covers()
        self._drop_create()
        if covered:
            self._stack.setCurrentWidget(self._desk)
            self.returned.emit()
            self.moved.emit()

    def open_apart(self, id: str) -> None:
        """A ticket in a window of its own; one window for each."""
        window = self._windows.get(id)
        if window is None:
            made = TicketWindow(self._session, self._directory, id)
            made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            made.opened.connect(self.open_apart)
            window = made
        self._show_window(id, window)

    def open_reports(self) -> None:
        """The reports in a window of their own."""
        window = self._windows.get("reports")
        if window is None:
            from desktop.ui.reports.window import ReportWindow

            made = ReportWindow(self._session)
            made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            made.ticket_opened.connect(self.open_apart)
            window = made
        self._show_window("reports", window)

    def _show_window(self, key: str, window: QWidget) -> None:
        if key not in self._windows:
            self._windows[key] = window
            window.destroyed.connect(lambda: self._windows.pop(key, None))
        window.show()
        window.raise_()
        window.activateWindow()

    def covers(self) -> bool:
        """Whether something is in front of the desk."""
        return self._stack.currentWidget() is not self._desk

    def open_create(self, draft: str = "") -> None:
        """The page that makes a ticket: the one that is open already, or one with that draft."""
        if draft:
            self._drop_create()
        if self._create is None:
            from desktop.ui.create.page import CreatePage

            page = CreatePage(self._session, draft=draft, toasts=self._toasts)
            page.closed.connect(lambda: self._leave_create(page))
            page.ticket_opened.connect(self._made)
            self._create = page
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(self._create)
        self._create.setFocus()

    def _leave_create(self, page: QWidget) -> None:
        if self._create is page:
            self.back()

    def _made(self, id: str) -> None:
        self._drop_create()
        self.open_ticket(id)

    def _drop_create(self) -> None:
        page, self._create = self._create, None
        if page is not None:
            self._stack.removeWidget(page)
            page.hide()
            page.deleteLater()

    def close_all(self) -> None:
        """Close the windows beside."""
        if self._page is not None:
            self._page.desk.composer.flush()
        for window in list(self._windows.values()):
            window.close()

    def tick(self) -> None:
        """Once a second."""
        if self.ticket is not None:
            self.ticket.tick()
