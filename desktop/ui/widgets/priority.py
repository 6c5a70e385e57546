"""A ticket's priority: a square with ! when urgent, else 3, 2 or 1 bars."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.text import has_text, tr
from desktop.ui.theme import colour
from desktop.ui.widgets.painting import width, write

SIDE = 14
_BARS = {"high": 3, "normal": 2, "low": 1}
_GAP = 4


def priority_text(priority: str) -> str:
    """The word of a priority."""
    key = f"priority.{priority}"
    return tr(key) if has_text(key) else priority


def paint_priority(painter: QPainter, at: QPointF, priority: str) -> None:
    """Paint the mark, 14 by 14, with its top left corner at a point."""
    painter.setPen(Qt.PenStyle.NoPen)
    if priority == "urgent":
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(colour("late"))
        painter.drawRoundedRect(QRectF(at.x() + 1, at.y() + 1, 12, 12), 2, 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(at.x() + 6, at.y() + 3, 2, 5), colour("on_late"))
        painter.fillRect(QRectF(at.x() + 6, at.y() + 9, 2, 2), colour("on_late"))
        return
    for bar in range(3):
        height = 4 + 4 * bar
        ink = colour("text2" if bar < _BARS.get(priority, 2) else "line")
        painter.fillRect(QRectF(at.x() + 1 + 4 * bar, at.y() + 13 - height, 3, height), ink)


class PriorityMark(QWidget):
    """The mark, with its word beside it unless `bare`."""

    def __init__(
        self,
        priority: str = "normal",
        *,
        bare: bool = False,
        kind: str = "body",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bare, self._kind = bare, kind
        self.set_priority(priority)

    def set_priority(self, priority: str) -> None:
        """Show another priority."""
        self._priority = priority
        self.setAccessibleName(priority_text(priority))
        self.setToolTip(priority_text(priority) if self._bare else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        word = 0 if self._bare else _GAP + width(priority_text(self._priority), self._kind)
        return QSize(SIDE + word, 20)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_priority(painter, QPointF(0, (self.height() - SIDE) // 2), self._priority)
        if not self._bare:
            write(painter, SIDE + _GAP, self.rect(), priority_text(self._priority), kind=self._kind)
