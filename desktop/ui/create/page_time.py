"""The time spent on the page (K11): only while it is in front, sleep of the machine left out."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.clock import Clock

_TICK_MS, _GAP_MS = 1_000, 5_000


class PageTime(QObject):
    """`ticked` tells the whole seconds so far."""

    ticked = Signal(int)

    def __init__(self, page: QWidget, clock: Clock) -> None:
        super().__init__(page)
        self._page, self._clock = page, clock
        self._ms, self._last = 0, clock.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    @property
    def seconds(self) -> int:
        """Whole seconds so far."""
        self._count()
        return self._ms // 1000

    def begin(self, seconds: int) -> None:
        """Go on from what an earlier sitting took."""
        self._ms, self._last = seconds * 1000, self._clock.monotonic()

    def _count(self) -> None:
        now = self._clock.monotonic()
        passed, self._last = now - self._last, now
        # A tick that came much too late: the machine slept.
        if self._page.isVisible() and self._page.window().isActiveWindow() and 0 <= passed < _GAP_MS:
            self._ms += passed

    def _tick(self) -> None:
        self.ticked.emit(self.seconds)
