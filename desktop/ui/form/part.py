"""One section of a form: lines that are only shown, then the fields to fill."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.form.columns_layout import ColumnsLayout
from desktop.ui.form.line import Line
from desktop.ui.widgets.field import Field


class FormPart(QWidget):
    """Lines first, then fields; hidden ones leave no hole."""

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[str, Line] = {}
        self._fields: dict[str, Field] = {}
        self._visible = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._above = QVBoxLayout()
        self._above.setSpacing(0)
        self._below = ColumnsLayout(columns)
        column.addLayout(self._above)
        column.addLayout(self._below)

    def add_line(self, key: str, label: str) -> None:
        """Add what is only shown."""
        self._lines[key] = Line(label)
        self._above.addWidget(self._lines[key])

    def add_field(self, key: str, field: Field, *, wide: bool) -> None:
        """Add what is filled; a wide one takes the whole row."""
        self._fields[key] = field
        self._below.add(field, wide=wide)

    def set_line(self, key: str, words: str) -> None:
        """Write the value of a line."""
        self._lines[key].set_value(words)

    def holds(self, key: str) -> bool:
        """Whether a key stands here."""
        return key in self._lines or key in self._fields

    def visible_count(self) -> int:
        """How many lines and fields show."""
        return self._visible

    def show_keys(self, keys: frozenset[str]) -> None:
        """Show these and hide the others."""
        for key, widget in (*self._lines.items(), *self._fields.items()):
            widget.setVisible(key in keys)
        self._visible = sum(key in keys for key in (*self._lines, *self._fields))
