"""A count in a round badge: plain, accent (new) or late (needs attention)."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.widgets.painting import box, width, write

_SIDE = 18
_LOOKS = {"plain": ("hover", "text2"), "accent": ("accent_fill", "on_accent"), "late": ("late", "on_late")}


def count_text(count: int) -> str:
    """The count, or 999+."""
    return str(count) if count < 1000 else "999+"


def count_width(count: int) -> int:
    """How wide the badge of a count is."""
    return max(_SIDE, width(count_text(count), "small_bold") + 10)


def paint_count(painter: QPainter, rect: QRect, count: int, look: str = "plain") -> None:
    """Paint the badge at the right end of `rect`, centred upright."""
    fill, tone = _LOOKS[look]
    side = count_width(count)
    place = QRect(rect.right() + 1 - side, rect.top() + (rect.height() - _SIDE) // 2, side, _SIDE)
    box(painter, place, fill=fill, radius=_SIDE // 2)
    kind = "small" if look == "plain" else "small_bold"
    left = place.left() + (side - width(count_text(count), kind)) / 2
    write(painter, left, place, count_text(count), kind=kind, tone=tone)


class CountBadge(QWidget):
    """A badge on its own; hidden at 0."""

    def __init__(self, count: int = 0, *, look: str = "plain", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count, self._look = count, look
        self.set_count(count)

    def set_count(self, count: int) -> None:
        """Show another count."""
        self._count = count
        self.setFixedSize(count_width(count), _SIDE)
        self.setAccessibleName(count_text(count))
        self.setVisible(count > 0)
        self.update()

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_count(QPainter(self), self.rect(), self._count, self._look)
