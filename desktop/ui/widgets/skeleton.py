"""Skeleton rows while something loads: nothing under 200 ms, then grey bars that hold still."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.theme import colour
from desktop.ui.theme.tokens import ROW_HEIGHT, SKELETON_DELAY_MS

_SHARES = (0.62, 0.44, 0.71, 0.53, 0.38, 0.66)


class SkeletonRows(QWidget):
    """As many rows as fit, each a short bar and a long one; it waits before it draws."""

    def __init__(
        self,
        *,
        row_height: int = ROW_HEIGHT,
        delay_ms: int = SKELETON_DELAY_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._row_height = row_height
        self._drawn = delay_ms == 0
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(delay_ms)
        self._delay.timeout.connect(self._on_delay_over)

    @property
    def drawn(self) -> bool:
        """Whether the delay is over and the bars show."""
        return self._drawn

    def sizeHint(self) -> QSize:
        return QSize(240, self._row_height * 4)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._drawn:
            self._delay.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._delay.stop()
        self._drawn = self._delay.interval() == 0

    def _on_delay_over(self) -> None:
        self._drawn = True
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._drawn:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("hover"))
        for row in range(self.height() // self._row_height):
            top = row * self._row_height + (self._row_height - 12) / 2
            painter.drawRoundedRect(QRectF(0, top, 60, 12), 2, 2)
            rest = (self.width() - 68) * _SHARES[row % len(_SHARES)]
            painter.drawRoundedRect(QRectF(68, top, max(0.0, rest), 12), 2, 2)
