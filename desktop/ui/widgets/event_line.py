"""An event between messages: one centred line in text3 between two hairlines."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.theme import colour
from desktop.ui.widgets.painting import fitted, width, write

_HEIGHT, _GAP = 20, 8


class EventLine(QWidget):
    """`text` is elided with a tooltip where it does not fit."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(text)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(width(self._text, "small") + 64, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(64, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = fitted(self._text, "small", self.width() - 32)
        wide = width(text, "small")
        left = (self.width() - wide) // 2
        middle = _HEIGHT // 2
        painter.fillRect(QRect(0, middle, max(0, left - _GAP), 1), colour("line"))
        right = left + wide + _GAP
        painter.fillRect(QRect(right, middle, max(0, self.width() - right), 1), colour("line"))
        write(painter, left, self.rect(), text, kind="small", tone="text3")
        self.setToolTip(self._text if text != self._text else "")
