"""Pictures of signing in and of what went wrong: python -m tests.shots.sign_in_shots OUT."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.settings import SettingsFile
from desktop.sync.asked import Asked
from desktop.ui.bridge import Bridge
from desktop.ui.crash import CrashWindow
from desktop.ui.sign_in.window import SignInWindow
from desktop.ui.text import language
from domain.errors import GongdanError, RefusedError, UnavailableError
from tests.shots.every import every

SERVER, LOGIN = "https://gongdan.example.com", "liuyang"
REFUSALS: dict[str, GongdanError] = {
    "wrong_password": RefusedError("wrong_password"),
    "unreachable": UnavailableError("no_replica_here", reason="server_unreachable"),
    "replica_locked_away": RefusedError("replica_locked_away"),
    "device_revoked": RefusedError("device_revoked"),
}
RECORD = [
    "RuntimeError",
    "desktop/ui/tickets/list_page.py:212 _put",
    "desktop/ui/tickets/model.py:88 show_ids",
]


class Door:
    """The window over an empty machine; nobody gets in."""

    def __init__(self, folder: Path, **kept: str) -> None:
        self.bridge, self.settings = Bridge(), SettingsFile(folder)
        self.settings.change(language=language(), **kept)

    def window(self, *, fixed: tuple[str, str] | None = None) -> SignInWindow:
        """The window as it opens."""
        return SignInWindow(self._shut, self.bridge, self.settings, fixed=fixed)

    def _shut(self, asked: Asked) -> object:
        raise UnavailableError("server_unreachable")


def first_time(folder: Path) -> tuple[QWidget, Bridge]:
    """Nothing is known yet."""
    door = Door(folder)
    return door.window(), door.bridge


def remembered(folder: Path) -> tuple[QWidget, Bridge]:
    """Server and login of the last time."""
    door = Door(folder, server=SERVER, login=LOGIN)
    return door.window(), door.bridge


def again(folder: Path) -> tuple[QWidget, Bridge]:
    """The session ran out while somebody works: only the password is asked for."""
    door = Door(folder)
    return door.window(fixed=(SERVER, LOGIN)), door.bridge


def nothing_written(folder: Path) -> tuple[QWidget, Bridge]:
    """Signing in without a word."""
    door = Door(folder)
    window = door.window()
    window.show()
    window.send()
    return window, door.bridge


def refused(code: str) -> Callable[[Path], tuple[QWidget, Bridge]]:
    """The server, or the replica here, said no."""

    def make(folder: Path) -> tuple[QWidget, Bridge]:
        door = Door(folder, server=SERVER, login=LOGIN)
        window = door.window()
        window.show()
        window.password.editor.setText("not-the-password")
        window.show_error(REFUSALS[code])
        return window, door.bridge

    return make


def crash(folder: Path) -> tuple[QWidget, Bridge]:
    """A mistake of the program itself."""
    window = CrashWindow()
    window.add(RECORD)
    return window, Bridge()


STATES: dict[str, Callable[[Path], tuple[QWidget, Bridge]]] = {
    "first_time": first_time,
    "remembered": remembered,
    "again": again,
    "nothing_written": nothing_written,
    **{code: refused(code) for code in REFUSALS},
    "crash": crash,
}


def shoot(name: str, file: Path) -> None:
    """One state into a file."""
    with tempfile.TemporaryDirectory() as folder:
        window, bridge = STATES[name](Path(folder))
        window.show()
        QTest.qWait(80)
        window.grab().save(str(file))
        window.close()
        window.deleteLater()
        bridge.close()
        QTest.qWait(10)


if __name__ == "__main__":
    sys.exit(every(sys.argv[1:], STATES, shoot))
