"""What the shapes of a chart's marks mean; colours and lines are labelled where they are drawn."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.reports.content import ChartName
from desktop.ui.text import tr
from desktop.ui.theme import colour
from desktop.ui.widgets.painting import width, write

# Shape and word of each mark.
LEGENDS: Mapping[ChartName, tuple[tuple[str, str], ...]] = {
    "spreads": (
        ("dot", "report.legend.median"),
        ("diamond", "report.legend.average"),
        ("ring", "report.legend.p90"),
    ),
    "categories": (("tick", "report.legend.before"),),
}
_HIGH, _MARK, _GAP, _APART = 20, 12, 6, 20


class Legend(QWidget):
    """One line, centred; nothing where a chart needs none."""

    def __init__(self, name: ChartName, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = LEGENDS.get(name, ())
        self.setFixedHeight(_HIGH if self._marks else 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(bool(self._marks))

    def _widths(self) -> list[int]:
        return [_MARK + _GAP + width(tr(key), "small") for _, key in self._marks]

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + _APART * max(0, len(self._marks) - 1), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paint_on(QPainter(self))

    def paint_on(self, painter: QPainter) -> None:
        """Paint the line; also for print."""
        left = (self.width() - self.sizeHint().width()) / 2
        for (shape, key), wide in zip(self._marks, self._widths(), strict=True):
            _paint_mark(painter, shape, QPointF(left + _MARK / 2, _HIGH / 2))
            write(painter, left + _MARK + _GAP, self.rect(), tr(key), kind="small", tone="text2")
            left += wide + _APART


def _paint_mark(painter: QPainter, shape: str, at: QPointF) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tone = "c6" if shape == "diamond" else "c1"
    painter.setPen(QPen(colour(tone), 2))
    painter.setBrush(colour("surface" if shape == "ring" else tone))
    if shape == "tick":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(QRectF(at.x() - 1, at.y() - 6, 2, 12), colour("text"))
    elif shape == "diamond":
        corners = [QPointF(0, -4), QPointF(4, 0), QPointF(0, 4), QPointF(-4, 0)]
        painter.drawPolygon(QPolygonF([at + corner for corner in corners]))
    else:
        painter.drawEllipse(at, 4, 4)
    painter.restore()
