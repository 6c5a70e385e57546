"""The conditions of a view as rows to fill in: field, comparison, value; what is wrong stands below its row."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.main.view_fields import MANY, FieldChoice, Vocabulary, fresh
from desktop.ui.main.view_values import Several, editor_for, trouble_of
from desktop.ui.text import has_text, tr
from desktop.ui.widgets.button import IconButton, LinkButton
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import Editor, ErrorLine
from desktop.ui.widgets.label import Label
from domain.entities.conditions import Condition

_FIELD_WIDTH, _OP_WIDTH = 168, 148
_MOST_SHOWN = 14


def op_words(field: FieldChoice, op: str) -> str:
    """A comparison in words; of days they differ."""
    key = f"view.op.{field.kind}.{op}"
    return tr(key if has_text(key) else f"explain.op.{op}")


class ConditionRow(QWidget):
    """`edited` when it means something else, `reshaped` when it takes more or less room, `removed` by its ×."""

    edited = Signal()
    reshaped = Signal()
    removed = Signal()

    def __init__(self, vocabulary: Vocabulary, condition: Condition, *, today: date) -> None:
        super().__init__()
        self._vocabulary, self._today = vocabulary, today
        self._value: Editor | None = None
        self._shown: QWidget | None = None
        offered = [(key, one.words) for key, one in vocabulary.fields.items()]
        if condition.field not in vocabulary.fields:
            offered.append((condition.field, condition.field))
        self._field = ComboBox(offered)
        self._op = ComboBox()
        self._error = ErrorLine()
        self._line = QHBoxLayout()
        self._arrange()
        self._fill(condition)
        self._field.edited.connect(self._on_field)
        self._op.edited.connect(self._on_op)

    def _arrange(self) -> None:
        self._field.setFixedWidth(_FIELD_WIDTH)
        self._field.setMaxVisibleItems(_MOST_SHOWN)
        self._field.setAccessibleName(tr("view.field"))
        self._op.setFixedWidth(_OP_WIDTH)
        self._op.setAccessibleName(tr("view.op"))
        remove = IconButton("x", tr("view.remove"))
        remove.clicked.connect(self.removed)
        top = Qt.AlignmentFlag.AlignTop
        self._line.setSpacing(6)
        self._line.addWidget(self._field, 0, top)
        self._line.addWidget(self._op, 0, top)
        self._line.addStretch(1)
        self._line.addWidget(remove, 0, top)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._line)
        column.addWidget(self._error)

    def condition(self) -> Condition:
        """What the row says; its value is None while none is given."""
        value = None if self._value is None else self._value.value()
        return Condition(field=self._field.value(), op=self._op.value(), value=value)

    def trouble(self) -> str | None:
        """What is written in it and means nothing, as a sentence."""
        return None if self._value is None else trouble_of(self._value)

    def set_error(self, sentence: str) -> None:
        """Say what is wrong; "" clears it."""
        if sentence == self._error.text():
            return
        if self._value is not None:
            self._value.set_state("error" if sentence else "")
        if self._shown is not None:
            self._shown.setAccessibleDescription(sentence)
        self._error.set_text(sentence)
        self.reshaped.emit()

    def focus_value(self) -> None:
        """The cursor to where something is missing."""
        (self._shown or self._op).setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_field(self) -> None:
        """The cursor to its beginning."""
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self, condition: Condition) -> None:
        self._field.set_value(condition.field)
        self._offer_ops(condition.op)
        self._make_value(condition.value)

    def _offer_ops(self, op: str) -> None:
        field = self._vocabulary.field(self._field.value())
        self._op.set_options([(one, op_words(field, one)) for one in field.offered(op)])
        self._op.set_value(op)

    def _on_field(self) -> None:
        self._fill(fresh(self._vocabulary.field(self._field.value())))
        self._on_edited()

    def _on_op(self) -> None:
        before = None if self._value is None else self._value.value()
        self._make_value(_carried(before, many=self._op.value() in MANY))
        self._on_edited()

    def _make_value(self, value: Any) -> None:
        if self._shown is not None:
            self._line.removeWidget(self._shown)
            self._shown.hide()
            self._shown.deleteLater()
        field = self._vocabulary.field(self._field.value())
        made = editor_for(field, self._op.value(), self._vocabulary, today=self._today)
        self._shown, self._value = made or (None, None)
        self._line.setStretch(2, 0 if made else 1)
        if made is not None:
            shown, editor = made
            shown.setAccessibleName(tr("view.value", field=field.words))
            editor.set_value(value)
            editor.edited.connect(self._on_edited)
            if isinstance(shown, Several):
                shown.reshaped.connect(self.reshaped)
            self._line.insertWidget(2, shown, 1)
            shown.show()
        self.reshaped.emit()

    def _on_edited(self) -> None:
        self.set_error("")
        self.edited.emit()


def _carried(value: Any, *, many: bool) -> Any:
    """A value as another comparison takes it: several of one, or the first of several."""
    if many:
        return value if isinstance(value, list | tuple) else [value] if value not in (None, "") else []
    if isinstance(value, list | tuple):
        return value[0] if value else None
    return value


class ConditionGroup(QWidget):
    """A group of rows under its heading, and a link for one more; `edited` and `reshaped` as of rows."""

    edited = Signal()
    reshaped = Signal()

    def __init__(
        self, title: str, vocabulary: Vocabulary, conditions: Sequence[Condition], *, today: date
    ) -> None:
        super().__init__()
        self._vocabulary, self._today = vocabulary, today
        self._rows: list[ConditionRow] = []
        self._room = QVBoxLayout()
        self._room.setSpacing(6)
        self._more = LinkButton(tr("view.add"), glyph="plus")
        self._more.clicked.connect(self.add_empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(title, kind="small", tone="text2"))
        column.addLayout(self._room)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        for one in conditions:
            self._add(one)

    def conditions(self) -> tuple[Condition, ...]:
        """What the rows say."""
        return tuple(row.condition() for row in self._rows)

    def row(self, index: int) -> ConditionRow:
        """One of the rows, counted from 0."""
        return self._rows[index]

    def troubles(self) -> Mapping[int, str]:
        """What is written in rows and means nothing, by their number."""
        found = ((index, row.trouble()) for index, row in enumerate(self._rows))
        return {index: sentence for index, sentence in found if sentence}

    def add_empty(self) -> None:
        """One more row, the cursor in it."""
        field = next(iter(self._vocabulary.fields.values()))
        self.add(fresh(field)).focus_field()

    def add(self, condition: Condition) -> ConditionRow:
        """One more row, filled."""
        row = self._add(condition)
        self.edited.emit()
        self.reshaped.emit()
        return row

    def _add(self, condition: Condition) -> ConditionRow:
        row = ConditionRow(self._vocabulary, condition, today=self._today)
        row.edited.connect(self.edited)
        row.reshaped.connect(self.reshaped)
        row.removed.connect(lambda: self._remove(row))
        self._rows.append(row)
        self._room.addWidget(row)
        row.show()  # now, so that it can take the cursor
        return row

    def _remove(self, row: ConditionRow) -> None:
        self._rows.remove(row)
        self._room.removeWidget(row)
        row.hide()
        row.deleteLater()
        (self._rows[-1].focus_field if self._rows else self._more.setFocus)()
        self.edited.emit()
        self.reshaped.emit()
