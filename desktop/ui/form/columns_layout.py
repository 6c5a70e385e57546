"""A layout of equal columns, as many as fit; each row is as high as its highest field needs at its width."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

COLUMN_WIDTH = 216
"""A field gets at least this much before the next one moves up beside it."""
_GAP = 8


class ColumnsLayout(QLayout):
    """Hidden widgets leave no hole; wide ones take the whole row. (Qt's grid clips rows that mix the two.)"""

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self._items: list[QLayoutItem] = []
        self._wide: set[QWidget] = set()
        self._height = 0  # at the width it was last given
        self.setContentsMargins(0, 0, 0, 0)

    def add(self, widget: QWidget, *, wide: bool) -> None:
        """Add a widget after the others."""
        if wide:
            self._wide.add(widget)
        self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        height = self._arrange(rect, move=True)
        if height != self._height:
            # Scroll areas go by the least height, which hangs on the width.
            self._height = height
            self.update()

    def sizeHint(self) -> QSize:
        wide = COLUMN_WIDTH * min(self._most, max(1, len(self._items)))
        return QSize(wide, self.heightForWidth(wide))

    def minimumSize(self) -> QSize:
        widest = max((item.minimumSize().width() for item in self._items if not item.isEmpty()), default=0)
        return QSize(widest, self._height)

    def columns(self, width: int) -> int:
        """How many columns fit into a width."""
        return max(1, min(self._most, (width + _GAP) // (COLUMN_WIDTH + _GAP)))

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Place the items in `rect`; returns the height they take."""
        columns = self.columns(rect.width())
        each = (rect.width() - _GAP * (columns - 1)) // columns
        top, column, line = rect.top(), 0, 0
        for item in self._items:
            if item.isEmpty():
                continue
            span = columns if item.widget() in self._wide else 1
            if column and column + span > columns:
                top, column, line = top + line + _GAP, 0, 0
            width = rect.width() if span == columns else each
            height = item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
            if move:
                place = QPoint(rect.left() + column * (each + _GAP), top)
                item.setGeometry(QRect(place, QSize(width, height)))
            column, line = column + span, max(line, height)
        return top + line - rect.top()
