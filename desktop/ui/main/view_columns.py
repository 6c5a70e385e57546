"""Which columns a view shows, and their order: chips that are moved and removed."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.tickets.table_look import NAMES, in_order
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.ticket_row import Column, column_title

_ALWAYS = frozenset({"number", "subject"})


class ColumnsField(QWidget):
    """A chip for each; Alt+← → move it, Delete removes it, a click offers the same."""

    edited = Signal()
    reshaped = Signal()

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__()
        self._columns = list(in_order(columns))
        self._row = WrapLayout(self)
        self._draw()

    def value(self) -> tuple[str, ...]:
        """The columns in order; empty for all as they come."""
        return () if tuple(self._columns) == NAMES else tuple(self._columns)

    def _draw(self, focus: str = "") -> None:
        self._row.empty()
        for name in self._columns:
            chip = Chip(_title(name), large=True, clickable=True, removable=name not in _ALWAYS)
            chip.setToolTip(tr("view.column_hint"))
            chip.setObjectName(name)
            chip.clicked.connect(partial(self._offer, chip, name))
            chip.removed.connect(partial(self._remove, name))
            chip.installEventFilter(self)
            self._row.addWidget(chip)
            if name == focus:
                chip.setFocus(Qt.FocusReason.OtherFocusReason)
        if len(self._columns) < len(NAMES):
            more = Chip(tr("view.add_column"), glyph="plus", large=True, menu=True)
            more.clicked.connect(partial(self._offer_more, more))
            self._row.addWidget(more)
        self.updateGeometry()

    def _offer(self, chip: Chip, name: str) -> None:
        menu = Menu(parent=chip)
        menu.addAction(tr("view.move_left"), partial(self._move, name, -1))
        menu.addAction(tr("view.move_right"), partial(self._move, name, 1))
        if name not in _ALWAYS:
            menu.addAction(tr("widget.remove"), partial(self._remove, name))
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height() + 4)))

    def _offer_more(self, chip: Chip) -> None:
        menu = Menu(parent=chip)
        for name in NAMES:
            if name not in self._columns:
                menu.addAction(_title(name), partial(self._add, name))
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height() + 4)))

    def _move(self, name: str, by: int) -> None:
        place = self._columns.index(name)
        to = min(max(place + by, 0), len(self._columns) - 1)
        self._columns.insert(to, self._columns.pop(place))
        self._changed(name)

    def _add(self, name: str) -> None:
        self._columns.append(name)
        self._changed(name)

    def _remove(self, name: str) -> None:
        place = self._columns.index(name)
        self._columns.remove(name)
        self._changed(self._columns[min(place, len(self._columns) - 1)])

    def _changed(self, focus: str) -> None:
        self._draw(focus)
        self.edited.emit()
        self.reshaped.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
            if by is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._move(watched.objectName(), by)
                return True
        return super().eventFilter(watched, event)


def _title(name: str) -> str:
    return column_title(Column[name.upper()])
