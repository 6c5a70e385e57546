"""A chart's table: the same rows, to be read by eye, screen reader and keyboard."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.ui.reports.content import Content
from desktop.ui.theme import colour
from desktop.ui.theme.tokens import ROW_HEIGHT
from desktop.ui.widgets.header_view import HeaderView
from desktop.ui.widgets.painting import fitted, width, write

PADDING = 8
Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ContentModel(QAbstractTableModel):
    """A Content's rows: its labels, then its cells."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self.content = content

    def show_content(self, content: Content) -> None:
        """Hold something else."""
        self.beginResetModel()
        self.content = content
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.content.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.content.heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.content.rows[index.row()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() else _LEFT
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells[index.column() - 1].text if index.column() else row.label
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column():
            return self.content.spoken(index.row(), index.column() - 1)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.content.heads[section] if orientation is Qt.Orientation.Horizontal else section + 1


class PaddedDelegate(QStyledItemDelegate):
    """Cells as far from their edges as the heads above them."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        place, chosen = QRect(option.rect), bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            focused = bool(option.state & QStyle.StateFlag.State_Active)
            painter.fillRect(place, colour("accent_soft" if chosen and focused else "hover"))
        text = fitted(str(index.data() or ""), "body", place.width() - 2 * PADDING)
        side = index.data(Qt.ItemDataRole.TextAlignmentRole) or Qt.AlignmentFlag.AlignLeft
        left = place.left() + PADDING
        if side & Qt.AlignmentFlag.AlignRight:
            left = place.right() + 1 - PADDING - width(text)
        write(painter, left, place, text)


class ContentTable(QTableView):
    """`drilled` tells row and column of the content on Enter or double click."""

    drilled = Signal(int, int)

    def __init__(self, content: Content, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ContentModel(content)
        self.setModel(self._model)
        numbers = frozenset(range(1, len(content.heads)))
        head = HeaderView(right_aligned=numbers, padding=PADDING, parent=self)
        self.setHorizontalHeader(head)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSectionsClickable(False)
        self._head = head
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.setItemDelegate(PaddedDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName(content.question)
        self.doubleClicked.connect(self._drill)
        self._fit()

    def show_content(self, content: Content) -> None:
        """Show something else."""
        self._model.show_content(content)
        self.setAccessibleName(content.question)
        self._fit()

    def _fit(self) -> None:
        """Columns of figures as wide as their words, the label has the rest."""
        content = self._model.content
        for column, name in enumerate(content.heads[1:], start=1):
            words = [width(row.cells[column - 1].text) for row in content.rows]
            self._head.resizeSection(column, max([*words, width(name, "small")]) + 2 * PADDING + 2)
        self._head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _drill(self, index: QModelIndex) -> None:
        column = max(0, index.column() - 1)
        if index.isValid() and self._model.content.drill(index.row(), column) is not None:
            self.drilled.emit(index.row(), column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._drill(self.currentIndex())
            return
        super().keyPressEvent(event)
