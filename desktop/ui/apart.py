"""The pages shown in place of the work: before a replica past its lease, and after a revocation."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.settings import SettingsFile
from desktop.ui.bridge import Bridge

if TYPE_CHECKING:
    from desktop.sync.signed_on import Locked, SignedOn
    from desktop.ui.sign_in.card import CardWindow
    from desktop.ui.sign_in.door_window import DoorWindow
    from desktop.ui.sign_in.sealed_create import SealedCreateWindow


class Apart(QObject):
    """`entered` carries who has unlocked, `sign_in_wanted` asks for the sign-in window, `left`: a page was closed.

    `unlock` runs off the window's thread.
    """

    entered = Signal(object)
    sign_in_wanted = Signal()
    left = Signal()

    def __init__(
        self,
        settings: SettingsFile,
        bridge: Bridge,
        *,
        unlock: "Callable[[Locked, str], SignedOn]",
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._settings, self._bridge, self._unlock = settings, bridge, unlock
        self.page: QWidget | None = None
        self.creating: SealedCreateWindow | None = None

    def show_door(self, locked: "Locked") -> None:
        """The page before a replica past its lease."""
        from desktop.ui.sign_in.door_window import DoorWindow

        door = DoorWindow(locked, lambda code: self._unlock(locked, code), self._bridge)
        door.unlocked.connect(lambda signed_on: self._enter(door, signed_on))
        door.again.connect(lambda: self._sign_in(door))
        door.create_wanted.connect(lambda: self._create(door, locked))
        self._show(door)

    def show_gone(self, *, name: str, left: int, stolen: bool, kept: bool) -> None:
        """The page after a revocation."""
        from desktop.ui.sign_in.gone_window import GoneWindow

        gone = GoneWindow(name=name, left=left, stolen=stolen, kept=kept)
        gone.another.connect(lambda: self._sign_in(gone))
        self._show(gone)

    def close(self) -> None:
        """Close whatever is shown."""
        page, self.page = self.page, None
        creating, self.creating = self.creating, None
        for window in (creating, page):
            if window is not None:
                window.close()
                window.deleteLater()

    def _show(self, page: "CardWindow") -> None:
        self.close()
        self.page = page
        page.closed.connect(lambda: self._closed(page))
        page.show()

    def _enter(self, door: QWidget, signed_on: object) -> None:
        # First, since the program ends with its last window.
        self.entered.emit(signed_on)
        if self.page is door:
            self.close()

    def _sign_in(self, page: QWidget) -> None:
        self.sign_in_wanted.emit()
        if self.page is page:
            self.close()

    def _closed(self, page: QWidget) -> None:
        if self.page is page:
            self.close()
            self.left.emit()

    def _create(self, door: "DoorWindow", locked: "Locked") -> None:
        from desktop.ui.sign_in.sealed_create import SealedCreateWindow

        if self.creating is None:
            self.creating = SealedCreateWindow(locked, self._settings)
            self.creating.sealed.connect(door.tell_written)
            self.creating.gone.connect(self._created)
        self.creating.show()
        self.creating.raise_()

    def _created(self) -> None:
        window, self.creating = self.creating, None
        if window is not None:
            window.deleteLater()
