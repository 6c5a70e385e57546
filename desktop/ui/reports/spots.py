"""What lies over a chart: the mark that is pointed at, and its tooltip."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.ui.theme import colour, metrics
from desktop.ui.widgets.painting import box, write

_PADDING, _LINE, _AWAY, _RING = 8, 18, 10, 6


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a cell of the content is drawn, in the chart's pixels; bars have a rectangle."""

    row: int
    column: int
    at: QPointF
    bar: QRectF | None = None


class Overlay(QWidget):
    """Lies over the chart and takes no events."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._spot: Spot | None = None
        self._lines: list[str] = []
        self._upright = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_spot(self, spot: Spot | None, tip: str, *, upright: bool) -> None:
        """Mark a spot and say what it is; `upright` draws a line through it."""
        self._spot, self._lines, self._upright = spot, tip.split("\n"), upright
        self.setVisible(spot is not None)
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._spot is None:
            return
        painter = QPainter(self)
        at = self._spot.at
        if self._upright:
            painter.fillRect(QRectF(round(at.x()), 0, 1, self.height() - 22), colour("line_strong"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("text"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._spot.bar is not None:
            painter.drawRect(self._spot.bar.adjusted(1, 1, -1, -1))
        else:
            painter.drawEllipse(at, _RING, _RING)
        self._paint_tip(painter, at)

    def _paint_tip(self, painter: QPainter, at: QPointF) -> None:
        kinds = ["small_bold", *["small"] * (len(self._lines) - 1)]
        wide = max(
            metrics(kind).horizontalAdvance(line) for kind, line in zip(kinds, self._lines, strict=True)
        )
        wide, high = wide + 2 * _PADDING, len(self._lines) * _LINE + _PADDING
        left = at.x() + _AWAY if at.x() + _AWAY + wide <= self.width() else at.x() - _AWAY - wide
        left = min(max(0.0, left), max(0.0, float(self.width() - wide)))
        top = min(max(0.0, at.y() - high - _AWAY), max(0.0, float(self.height() - high)))
        place = QRect(round(left), round(top), wide, high)
        box(painter, place, fill="text")
        for n, (kind, line) in enumerate(zip(kinds, self._lines, strict=True)):
            where = QRect(place.left(), place.top() + _PADDING // 2 + n * _LINE, wide, _LINE)
            write(painter, place.left() + _PADDING, where, line, kind=kind, tone="surface")
