"""A person as the family name in a circle; oneself in accent."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.widgets.painting import box, width, write

SIDE, SIDE_LARGE = 24, 32


def initial(name: str) -> str:
    """林 for 林晓雯, W for Wu Lei; "?" for nobody."""
    return name.strip()[:1].upper() or "?"


def paint_avatar(painter: QPainter, rect: QRect, name: str, *, own: bool = False) -> None:
    """Paint the circle that fills `rect`, which is square."""
    fill, line, tone = ("accent_soft", "accent_line", "accent") if own else ("hover", "line", "text2")
    box(painter, rect, fill=fill, line=line, radius=rect.width() // 2)
    kind = "small_bold" if rect.width() < SIDE_LARGE else "body_bold"
    letter = initial(name)
    write(painter, rect.left() + (rect.width() - width(letter, kind)) / 2, rect, letter, kind=kind, tone=tone)


class Avatar(QWidget):
    """24 or 32 wide; the full name is its tooltip and accessible name."""

    def __init__(
        self, name: str = "", *, own: bool = False, side: int = SIDE, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._own = own
        self.setFixedSize(side, side)
        self.set_name(name)

    def set_name(self, name: str, *, own: bool | None = None) -> None:
        """Show another person."""
        self._name = name
        self._own = self._own if own is None else own
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_avatar(QPainter(self), self.rect(), self._name, own=self._own)
