"""Reference cycles are collected on the window's thread alone.

Python collects on whatever thread allocates; windows, timers and models that stand in a cycle would be destroyed on a
worker's thread while Qt still sends them events, and the program would crash.
"""

import gc
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

YOUNG_EVERY_MS = 2_000
OLD_EVERY_MS = 60_000
MOST_UNSEEN = 90
"""After so many looks at the younger generations, in an hour or so, everything is looked through though people work."""


class Collector(QObject):
    """Takes over from Python's automatic collection until it is stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        # What the program has loaded by now stays anyway: it need not be looked through again.
        gc.freeze()
        self._young = _every(self, YOUNG_EVERY_MS, self.collect_young)
        self._old = _every(self, OLD_EVERY_MS, self.collect_old)

    def collect_young(self) -> None:
        """Collect the younger generations as far as they are due."""
        due = gc.get_count()
        for generation in (1, 0):
            if due[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def collect_old(self) -> None:
        """Look through everything, while nobody works with the windows; or at last, since they may never leave off."""
        active = QApplication.applicationState() == Qt.ApplicationState.ApplicationActive
        if not active or gc.get_count()[2] >= MOST_UNSEEN:
            gc.collect()
        else:
            gc.collect(1)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._young.stop()
        self._old.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()


def _every(parent: QObject, interval_ms: int, act: Any) -> QTimer:
    timer = QTimer(parent)
    timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
    timer.timeout.connect(act)
    timer.start(interval_ms)
    return timer
