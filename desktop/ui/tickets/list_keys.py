"""Keys and clicks of the list beyond moving: Space ticks a row; a heading folds and opens."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from desktop.ui.tickets.model import TicketModel
from desktop.ui.tickets.sections import Sections
from desktop.ui.widgets.ticket_row import Column
from desktop.ui.widgets.ticket_table import TicketTable

_TURNS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ListKeys(QObject):
    """`folded` once a group was folded or opened: the list is to be put anew.

    On a heading Space and Enter turn it, ← folds, → opens; ← on a ticket leads to its heading.
    """

    folded = Signal()

    def __init__(self, table: TicketTable, model: TicketModel, sections: Sections) -> None:
        super().__init__(table)
        self._table, self._model, self._sections = table, model, sections
        table.installEventFilter(self)
        table.clicked.connect(self._on_clicked)

    def _on_clicked(self, index: QModelIndex) -> None:
        self._fold(index.row())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and not event.modifiers():
            return self._press(event.key())
        return super().eventFilter(watched, event)

    def _press(self, key: int) -> bool:
        row = self._table.currentIndex().row()
        if row < 0:
            return False
        if self._model.heading_at(row) is not None:
            if key in _TURNS:
                self._fold(row)
                return True
            if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
                self._fold(row, opened=key == Qt.Key.Key_Right)
                return True
            return False
        if key == Qt.Key.Key_Space:
            self._tick()
            return True
        above = self._sections.heading_above(row) if key == Qt.Key.Key_Left else None
        if above is not None:
            self._table.setCurrentIndex(self._model.index(above, Column.SUBJECT))
        return above is not None

    def _fold(self, row: int, *, opened: bool | None = None) -> None:
        if self._sections.fold(row, opened=opened):
            self.folded.emit()

    def _tick(self) -> None:
        """Choose the current row beside the others, or no longer, and go on to the next."""
        index = self._table.currentIndex()
        flags = QItemSelectionModel.SelectionFlag
        selection = self._table.selectionModel()
        selection.select(index, flags.Toggle | flags.Rows)
        below = self._model.index(min(index.row() + 1, self._model.rowCount() - 1), index.column())
        selection.setCurrentIndex(below, flags.NoUpdate)
