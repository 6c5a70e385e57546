"""A key drawn as a cap, for hints: Ctrl+K, Enter, R."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.widgets.button import native
from desktop.ui.widgets.painting import box, width, write

_HEIGHT = 18


class KeyCap(QWidget):
    """A small cap with a heavier lower edge; `least` makes a column of caps equally wide."""

    def __init__(self, keys: str, *, least: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = native(keys)
        self.setFixedSize(max(least, width(self._keys, "small") + 10, _HEIGHT), _HEIGHT)
        self.setAccessibleName(self._keys)

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), line="line", radius=3)
        painter.fillRect(2, self.height() - 2, self.width() - 4, 1, painter.pen().color())
        left = (self.width() - width(self._keys, "small")) / 2
        write(painter, left, self.rect(), self._keys, kind="small", tone="text3")
