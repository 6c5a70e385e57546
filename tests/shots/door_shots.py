"""Pictures of a replica past its lease, the sealed form, a revoked device: python -m tests.shots.door_shots OUT."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.settings import SettingsFile
from desktop.ui.bridge import Bridge
from desktop.ui.sign_in.door_window import DoorWindow
from desktop.ui.sign_in.gone_window import GoneWindow
from desktop.ui.sign_in.sealed_create import SealedCreateWindow
from domain.errors import RefusedError
from tests.desktop.ui.sign_in.places import locked_out
from tests.shots.every import every

WAIT_MS = 1_200


def door(folder: Path, bridge: Bridge) -> QWidget:
    """Twenty days away, a ticket sealed already."""
    locked = locked_out(folder)
    locked.box.seal("one", b"{}")
    window = DoorWindow(locked, locked.lease.unlock, bridge)
    window.tell_written("临-A7KQS-0001")
    return window


def wrong_code(folder: Path, bridge: Bridge) -> QWidget:
    """A code that was used before; no forms outside."""
    locked = locked_out(folder, forms=False)
    window = DoorWindow(locked, locked.lease.unlock, bridge)
    window.code.editor.setText("9XKQ2-7WM4T")
    window._refused(RefusedError("unlock_code_wrong"))
    return window


def sealed(folder: Path, bridge: Bridge) -> QWidget:
    """The form past the lease."""
    window = SealedCreateWindow(locked_out(folder), SettingsFile(folder))
    window.resize(1366, 768)
    return window


def gone(**how: int) -> Callable[[Path, Bridge], QWidget]:
    """After a revocation."""

    def make(folder: Path, bridge: Bridge) -> QWidget:
        return GoneWindow(name="刘杨", **how)  # type: ignore[arg-type]

    return make


STATES: dict[str, Callable[[Path, Bridge], QWidget]] = {
    "door": door,
    "wrong_code": wrong_code,
    "sealed": sealed,
    "gone": gone(left=0, stolen=False, kept=False),
    "stolen": gone(left=3, stolen=True, kept=False),
}


def shoot(name: str, file: Path) -> None:
    """One state into a file."""
    with tempfile.TemporaryDirectory() as folder:
        bridge = Bridge()
        window = STATES[name](Path(folder), bridge)
        window.show()
        QTest.qWait(WAIT_MS if name == "sealed" else 80)
        window.grab().save(str(file))
        window.close()
        window.deleteLater()
        bridge.close()
        QTest.qWait(10)


if __name__ == "__main__":
    sys.exit(every(sys.argv[1:], STATES, shoot))
