"""One of a few choices side by side: 工作时间 | 自然时间."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.theme import colour
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import CONTROL_HEIGHT_SMALL
from desktop.ui.widgets.painting import box, width, write

_PADDING = 10
_STEPS: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Segmented(QWidget):
    """Options are (value, words); arrows move between them; `changed` tells the value."""

    changed = Signal(object)

    def __init__(
        self, options: Sequence[tuple[str, str]], *, value: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._options = list(options)
        self._at = max(0, [option for option, _ in self._options].index(value) if value else 0)
        self.setFixedHeight(CONTROL_HEIGHT_SMALL)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._options[self._at][1])

    def value(self) -> str:
        """The chosen value."""
        return self._options[self._at][0]

    def set_value(self, value: str) -> None:
        """Choose by program; `changed` stays silent."""
        self._at = [option for option, _ in self._options].index(value)
        self.setAccessibleName(self._options[self._at][1])
        self.update()

    def _width(self, place: int) -> int:
        return width(self._options[place][1], "small") + 2 * _PADDING

    def sizeHint(self) -> QSize:
        return QSize(sum(self._width(place) for place in range(len(self._options))), CONTROL_HEIGHT_SMALL)

    def _cells(self) -> list[QRect]:
        cells, left = [], 0
        for place in range(len(self._options)):
            cells.append(QRect(left, 0, self._width(place), self.height()))
            left += self._width(place)
        return cells

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._options) and place != self._at:
            self.set_value(self._options[place][0])
            self.changed.emit(self.value())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for place, cell in enumerate(self._cells()):
            if cell.contains(event.position().toPoint()):
                self._choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(event.key())
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(self._at + step)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), fill="surface", line="line")
        for place, cell in enumerate(self._cells()):
            chosen = place == self._at
            if chosen:
                box(painter, cell, fill="accent_soft", line="accent_line")
            elif place and place - 1 != self._at:
                painter.fillRect(QRect(cell.left(), 1, 1, cell.height() - 2), colour("line"))
            words = self._options[place][1]
            write(
                painter,
                cell.left() + _PADDING,
                cell,
                words,
                kind="small",
                tone="accent" if chosen else "text",
            )
        if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            draw_ring(painter, self.rect().toRectF(), 4)
