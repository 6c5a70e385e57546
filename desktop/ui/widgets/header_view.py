"""A table header: weight 400, left-aligned, the sorted column in accent with a caret."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from desktop.ui.theme import colour, paint_icon
from desktop.ui.theme.tokens import HEADER_HEIGHT
from desktop.ui.widgets.painting import fitted, width, write

_CARET = 12


class HeaderView(QHeaderView):
    """For any table; sections in `right_aligned` hold numbers."""

    def __init__(
        self, *, right_aligned: frozenset[int] = frozenset(), padding: int = 6, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._right, self._padding = right_aligned, padding
        self.setSectionsClickable(True)
        self.setSortIndicatorShown(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setStretchLastSection(False)
        self.setMinimumSectionSize(24)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEADER_HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.save()
        painter.fillRect(rect, colour("sunken"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colour("line"))
        model = self.model()
        words = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        sorted_here = bool(words) and self.sortIndicatorSection() == section
        caret_room = _CARET + 4 if sorted_here else 0
        room = rect.width() - 2 * self._padding - caret_room
        shown = fitted(words, "small", room)
        left = rect.left() + self._padding
        if section in self._right:
            left = rect.right() + 1 - self._padding - caret_room - width(shown, "small")
        write(painter, left, rect, shown, kind="small", tone="accent" if sorted_here else "text2")
        if sorted_here:
            rising = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            at = QPointF(left + width(shown, "small") + 4, rect.top() + (rect.height() - _CARET) // 2)
            paint_icon(painter, at, "caret-up" if rising else "caret-down", size=_CARET, tone="accent")
        painter.restore()
