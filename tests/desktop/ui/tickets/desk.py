"""What tests do at the main window, as an agent does it: by keyboard, waiting for what shows."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.replica import rows
from desktop.replica.queries.outbox import unsent
from desktop.ui.main_window import MainWindow
from desktop.ui.tickets.source import Shown
from desktop.ui.widgets.popover import Popover
from domain.entities.ticket import Entry, Ticket
from tests.desktop.ui.keys import focused, press
from tests.desktop.ui.world import World


class Desk:
    """The window, the replica under it, and patience."""

    def __init__(self, world: World, window: MainWindow, qtbot: QtBot) -> None:
        self.world, self.window, self.qtbot = world, window, qtbot

    def show_list(self, key: str) -> None:
        """Show a list and wait for its rows."""
        with self.qtbot.waitSignal(self.window.list.counted, timeout=5000):
            self.window.lists.show(key)
        if self.window.list.model.rowCount():
            self.qtbot.waitUntil(
                lambda: self.window.list.model.line(self.window.list.model.id_at(0)) is not None
            )

    def choose(self, id: str) -> Shown:
        """Put the cursor on a ticket, the keyboard in the list, and wait for the ticket beside it."""
        assert self.window.list.choose(id)
        self.window.list.focus_table()
        return self.wait_shown(id)

    def wait_shown(self, id: str) -> Shown:
        """Wait until a ticket is read and the actions know it."""

        def ready() -> bool:
            shown = self.window.place.shown()
            return shown is not None and shown.id == id

        self.qtbot.waitUntil(ready)
        shown = self.window.place.shown()
        assert shown is not None
        return shown

    def key(self, key: Qt.Key, *, ctrl: bool = False) -> None:
        """Press a key where the keyboard is."""
        press(key, ctrl=ctrl)

    def popover(self) -> Popover:
        """The pop-over that is open, once it is."""
        self.qtbot.waitUntil(lambda: self.window.acting.popover is not None)
        found = self.window.acting.popover
        assert found is not None
        self.qtbot.waitUntil(lambda: focused() is found or found.isAncestorOf(focused()))
        # Without a window system activations arrive a moment later, and must not come after the closing.
        self.qtbot.waitUntil(lambda: QApplication.focusWindow() is found.windowHandle())
        return found

    def wait_closed(self) -> None:
        """Wait until no pop-over is open and the window has the keyboard again."""
        self.qtbot.waitUntil(lambda: self.window.acting.popover is None)
        self.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)

    def ticket(self, id: str) -> Ticket:
        """A ticket as the replica has it."""
        with self.world.replica.read() as conn:
            found = rows.load_ticket(conn, id)
        assert found is not None
        return found

    def entries(self, id: str) -> list[Entry]:
        """Its timeline."""
        with self.world.replica.read() as conn:
            return rows.load_entries(conn, id)

    def kinds(self) -> list[str]:
        """The commands that wait for the server."""
        with self.world.replica.read() as conn:
            return [line.kind for line in unsent(conn)]

    def wait_status(self, id: str, status: str) -> None:
        """Wait until a ticket has a status."""
        self.qtbot.waitUntil(lambda: self.ticket(id).status == status)

    def count(self, key: str) -> int | None:
        """The figure beside a list in the sidebar."""
        return self.window.area.sidebar.item(key).count()

    def toast(self) -> str:
        """What the toast says."""
        return self.window.toasts.text if self.window.toasts.showing else ""
