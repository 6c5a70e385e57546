"""Keeps what is chosen, and where it stands on the screen, while the list behind the table is replaced."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QItemSelection, QItemSelectionModel
from PySide6.QtWidgets import QWidget

from desktop.ui.tickets.model import TicketModel
from desktop.ui.widgets.ticket_row import Column
from desktop.ui.widgets.ticket_table import TicketTable

_MOST_KEPT = 2_000
"""More chosen rows than this are not looked up one by one after the list has changed."""


class PlaceKept:
    """`moving` while selections change by themselves and mean nothing."""

    def __init__(self, table: TicketTable, model: TicketModel) -> None:
        self._table, self._model = table, model
        self.moving = False
        self._anew = True
        self._anchor = QWidget(table.viewport())
        self._anchor.setFixedSize(1, 1)
        self._anchor.lower()

    def forget(self) -> None:
        """The next list is another one: begin at its top."""
        self._anew = True

    def anchor(self) -> QWidget:
        """A spot below the current row's subject, for pop-overs."""
        place = self._table.visualRect(self._table.currentIndex().siblingAtColumn(Column.SUBJECT))
        self._anchor.setFixedSize(max(1, place.width()), max(1, place.height()))
        self._anchor.move(place.topLeft())
        return self._anchor

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Replace the list within: the current row stays where it is on the screen, the chosen ones chosen."""
        if self._anew:
            self._anew = False
            yield
            self._table.scrollToTop()
            return
        current, chosen = self._table.currentIndex(), self._chosen()
        row = current.row()
        id = self._model.id_at(row) if current.isValid() else ""
        top = self._table.verticalScrollBar().value()
        self.moving = True
        try:
            yield
            self._restore(id, row, top, chosen)
        finally:
            self.moving = False

    def _chosen(self) -> list[str]:
        rows = self._table.selectionModel().selectedRows()
        return [self._model.id_at(index.row()) for index in rows[:_MOST_KEPT]]

    def _restore(self, id: str, row: int, top: int, chosen: list[str]) -> None:
        count = self._model.rowCount()
        if not count:
            return
        place = self._model.place_of(id) if id else None
        # A ticket that left makes room for the one that follows it.
        now = place if place is not None else min(max(row, 0), count - 1)
        flags = QItemSelectionModel.SelectionFlag
        selection = self._table.selectionModel()
        kept = [found for one in chosen if (found := self._model.place_of(one)) is not None]
        picked = QItemSelection()
        for found in kept or [now]:
            picked.select(self._model.index(found, 0), self._model.index(found, len(Column) - 1))
        selection.setCurrentIndex(self._model.index(now, Column.SUBJECT), flags.NoUpdate)
        selection.select(picked, flags.ClearAndSelect | flags.Rows)
        self._table.verticalScrollBar().setValue(top + now - row)
