"""The main window over a filled replica, ready to be shown in any state and photographed."""

import dataclasses
import time
from pathlib import Path

from msgspec import to_builtins
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.sync.state import SyncState
from desktop.ui.main_window import MainWindow
from desktop.ui.tickets.filters import SavedView
from domain.entities.conditions import Condition, Conditions
from domain.entities.people import HANDLE
from domain.wire.identity import Me
from domain.wire.sync import Notice
from tests.desktop.ui.world import START, World, sample_rows
from tests.shots.office import Office
from tests.shots.stories import ME, claim, stories, strawberries, weekend

SYNCED = SyncState(connection="online", verified_at=START - 2_000, streaming=True)


class Stage:
    """A window over a filled replica, and how to make it show something."""

    def __init__(
        self, folder: Path, *, state: SyncState = SYNCED, filled: bool = True, level: int = HANDLE
    ) -> None:
        self.world = World(folder, person=ME, unit="HQ-CS", head_office=True, level=level)
        self.world.session.server_time.observe(
            asked=self.world.clock.monotonic() - 42, answered=self.world.clock.monotonic(), server_at=START
        )
        self.world.sync.state = state
        person = Me(id=ME, login=ME, name="王芳菲", unit="HQ-CS")
        self.session = dataclasses.replace(self.world.session, person=person)
        self.ids: dict[str, str] = {}
        if filled:
            self._fill()
        self.window = MainWindow(self.session)

    def _fill(self) -> None:
        office = Office(list(sample_rows(ME)), START, first_number=104_700)
        puts = [office.tell(steps) for steps in stories()]
        told = {"strawberries": strawberries(), "weekend": weekend(), "claim": claim()}
        special = {name: office.tell(steps) for name, steps in told.items()}
        self.ids = {name: put.ticket.id for name, put in special.items()}
        self.world.receive(*puts, *special.values())
        notices = [
            Notice(id=f"n{n}", ticket=put.ticket.id, kind="assigned", at=START - n * 60_000)
            for n, put in enumerate(puts[:3])
        ]
        self.world.notices(*notices)
        fresh = Condition(field="category", op="under", value="spoiled")
        refund = Condition(field="category", op="under", value="coupon")
        views = [
            SavedView(id="v1", name="生鲜变质", conditions=Conditions(all=(fresh,))),
            SavedView(id="v2", name="满减与扣款", conditions=Conditions(all=(refund,))),
        ]
        self.session.settings.remember(f"views.{ME}", [to_builtins(view) for view in views])

    def show(self, size: tuple[int, int]) -> None:
        """Put the window up and let it settle."""
        self.window.resize(*size)
        self.window.show()
        settle()

    def choose(self, name: str) -> None:
        """Put the cursor on one of the tickets told in full."""
        self.window.list.choose(self.ids[name])
        settle()

    def key(self, keys: str) -> None:
        """Press a letter where the keyboard is."""
        target = QApplication.focusWidget() or self.window
        QTest.keyClicks(target, keys)
        settle()

    def close(self) -> None:
        """End it."""
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()
        self.world.stop()


def settle(seconds: float = 0.45) -> None:
    """Let workers answer and timers run."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        QApplication.processEvents()
        time.sleep(0.004)


def _depth(widget: QWidget) -> int:
    """A pop-up that belongs to another lies over it."""
    above = widget.parentWidget()
    return 0 if above is None else 1 + _depth(above)


def picture(window: QWidget) -> QPixmap:
    """The window with the pop-ups over it, which are windows of their own."""
    made = window.grab()
    origin = window.mapToGlobal(QPoint(0, 0))
    painter = QPainter(made)
    for popup in sorted(QApplication.topLevelWidgets(), key=_depth):
        if popup is not window and popup.isVisible() and popup.windowType() == Qt.WindowType.Popup:
            painter.drawPixmap(popup.mapToGlobal(QPoint(0, 0)) - origin, popup.grab())
    painter.end()
    return made
