"""Remembers the columns of the ticket table per view: widths, order, which are hidden."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QTimer

from desktop.settings import SettingsFile
from desktop.ui.text import tr
from desktop.ui.widgets.painting import width
from desktop.ui.widgets.ticket_delegate import PADDING
from desktop.ui.widgets.ticket_row import Column
from desktop.ui.widgets.ticket_table import TicketTable, column_widths

_REST_MS = 500
_FIXED = frozenset({Column.MARK, Column.SUBJECT})  # the subject takes all slack
NAMES = tuple(column.name.lower() for column in Column if column is not Column.MARK)
"""Those a view may name, in the order they come with."""


def in_order(columns: Sequence[str]) -> tuple[str, ...]:
    """Columns as a view shows them: none given is all; number and subject are always there."""
    if not columns:
        return NAMES
    known = [one for one in columns if one in NAMES]
    lead = [one for one in ("number", "subject") if one not in known]
    if lead == ["subject"] and known[:1] == ["number"]:
        return ("number", "subject", *known[1:])
    return (*lead, *known)


class TableLook:
    """Writes a moment after the last change, reads when another view is shown."""

    def __init__(self, table: TicketTable, settings: SettingsFile) -> None:
        self._table, self._settings = table, settings
        self._key = ""
        self._quiet = False
        self._widths: dict[str, int] = {}
        self._rest = QTimer(table)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.save)
        header = table.horizontalHeader()
        header.sectionResized.connect(self._on_changed)
        header.sectionMoved.connect(self._on_changed)
        self._plain = self._as_it_is()

    def show(self, key: str, columns: Sequence[str] = ()) -> None:
        """Give the table the look of a view, which may name the columns it begins with, in their order."""
        if self._rest.isActive():
            self.save()
        self._key = f"table.{key}"
        plain = self._plain
        if columns:
            shown = in_order(columns)
            hidden = [one for one in NAMES if one not in shown]
            plain = {**plain, "order": [Column.MARK.name.lower(), *shown, *hidden], "hidden": hidden}
        self._apply(self._settings.look(self._key) or plain)

    def hide_column(self, column: Column, *, hidden: bool) -> None:
        """The person hides a column, or shows it again."""
        self._table.hide_column(column, hidden=hidden)
        self.save()

    def take_language(self) -> None:
        """Words are longer or shorter now: what nobody widened by hand gets its width anew."""
        self._plain = {**self._plain, "widths": {c.name.lower(): w for c, w in column_widths().items()}}
        if self._key and self._settings.look(self._key) is None:
            self._apply(self._plain)

    def make_room(self, number: str) -> None:
        """A provisional number is longer; the column grows unless somebody set its width."""
        need = width(tr("ticket.provisional"), "small") + 12 + 4 + width(number) + 2 * PADDING + 2
        header = self._table.horizontalHeader()
        if header.sectionSize(Column.NUMBER) < need and self._settings.look(self._key) is None:
            self._quiet = True
            self._table.setColumnWidth(Column.NUMBER, need)
            self._table.fit_columns()
            self._quiet = False

    def columns_shown(self) -> tuple[str, ...]:
        """Those in sight, from left to right."""
        look = self._as_it_is()
        return tuple(one for one in look["order"] if one in NAMES and one not in look["hidden"])

    def forget(self) -> None:
        """Write nothing of the view at hand any more: another look is about to be shown."""
        self._key = ""

    def reset(self) -> None:
        """Back to the look it came with."""
        self._apply(self._plain)
        self.save()

    def save(self) -> None:
        """Write the look of the view at hand now."""
        self._rest.stop()
        look = self._as_it_is()
        if self._key and look != (self._settings.look(self._key) or self._plain):
            self._settings.remember(self._key, look)

    def _on_changed(self, *_: int) -> None:
        # While the window finds its size sections move by themselves.
        if not self._quiet and self._table.isVisible():
            self._rest.start()

    def _as_it_is(self) -> dict[str, Any]:
        header = self._table.horizontalHeader()
        for column in Column:
            if column not in _FIXED and header.sectionSize(column):  # a hidden one has no size
                self._widths[column.name.lower()] = header.sectionSize(column)
        return {
            "widths": dict(self._widths),
            "order": [Column(header.logicalIndex(place)).name.lower() for place in range(header.count())],
            "hidden": sorted(column.name.lower() for column in self._table.hidden_columns()),
        }

    def _apply(self, look: dict[str, Any]) -> None:
        self._quiet = True
        by_name = {column.name.lower(): column for column in Column}
        header = self._table.horizontalHeader()
        for name, wide in dict(look.get("widths") or {}).items():
            column = by_name.get(name)
            if column is not None and column not in _FIXED and isinstance(wide, int) and wide > 0:
                self._widths[name] = wide
                self._table.setColumnWidth(column, wide)
        for place, name in enumerate(look.get("order") or ()):
            if name in by_name:
                header.moveSection(header.visualIndex(by_name[name]), place)
        hidden = {by_name[name] for name in look.get("hidden") or () if name in by_name}
        for column in Column:
            self._table.hide_column(column, hidden=column in hidden)
        self._table.fit_columns()
        self._quiet = False
