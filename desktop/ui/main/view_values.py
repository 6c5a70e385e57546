"""What a condition compares with, as the kind of field and comparison asks: choices, a lookup, a day, words."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol, cast

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.form.directory import Found
from desktop.ui.form.editors import ChipChoice, DateField, NumberField, read_day
from desktop.ui.form.lookup import LookupField
from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.main.view_fields import FORM, MANY, WITHOUT_VALUE, FieldChoice, Vocabulary
from desktop.ui.main.view_spans import SpanField
from desktop.ui.text import tr
from desktop.ui.times import beginning, local
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import Editor
from desktop.ui.widgets.text_field import TextField
from domain.rules.spans import WITHIN

_COMMAS = re.compile(r"[,，、;；]")


class WordsField(TextField):
    """Several words with commas between."""

    def value(self) -> Any:
        """The words."""
        return [one.strip() for one in _COMMAS.split(self.text()) if one.strip()]

    def set_value(self, value: Any) -> None:
        """Fill it by program."""
        self.setText(", ".join(str(one) for one in value or ()))


class DayField(DateField):
    """A day that stands for its beginning as an instant; a moment set by program stays to the millisecond."""

    def __init__(self, *, today: date, placeholder: str) -> None:
        super().__init__(today=today, placeholder=placeholder)
        self._on, self._exact = today, ("", 0)

    def value(self) -> Any:
        """The instant, or None."""
        text = self.text().strip()
        if text and text == self._exact[0]:
            return self._exact[1]
        day = read_day(text, self._on)
        return None if day is None else beginning(day)

    def set_value(self, value: Any) -> None:
        """Fill it by program."""
        self.setText(f"{local(value):%Y-%m-%d}" if isinstance(value, int) else "")
        if isinstance(value, int):
            self._exact = (self.text(), value)

    def trouble(self) -> str | None:
        """The sentence for text that is no day."""
        unread = self.text().strip() and self.value() is None
        return tr("view.wrong.day") if unread else None

    def focusOutEvent(self, event: Any) -> None:
        TextField.focusOutEvent(self, event)
        day = read_day(self.text(), self._on)
        if day is not None:
            self.setText(day.isoformat())


class Several(QWidget):
    """People, units and the like: found one after another, each a chip that can be removed."""

    edited = Signal()
    reshaped = Signal()

    def __init__(self, find: Callable[[str], Sequence[Found]], name: Callable[[str], str], hint: str) -> None:
        super().__init__()
        self._ids: list[str] = []
        self._name = name
        self._line = LookupField(find, name, glyph="magnifying-glass", placeholder=hint)
        self._line.edited.connect(self._on_found)
        self._line.installEventFilter(self)
        self._chips = QWidget()
        self._row = WrapLayout(self._chips)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._line)
        column.addWidget(self._chips)
        self._chips.hide()
        self.setFocusProxy(self._line)

    def value(self) -> list[str]:
        """The ids, as they were chosen."""
        return list(self._ids)

    def set_value(self, value: Any) -> None:
        """Choose by program."""
        given = value if isinstance(value, list | tuple) else [value] if value else []
        self._ids = [str(one) for one in given]
        self._draw()

    def setAccessibleName(self, name: str) -> None:
        """The line is what has the keyboard."""
        super().setAccessibleName(name)
        self._line.setAccessibleName(name)

    def setAccessibleDescription(self, sentence: str) -> None:
        """What is wrong is said where the keyboard is."""
        super().setAccessibleDescription(sentence)
        self._line.setAccessibleDescription(sentence)

    def set_state(self, state: str) -> None:
        """ "error" frames the line."""
        self._line.set_state(state)

    def trouble(self) -> str | None:
        """The sentence for text that names nothing."""
        return self._line.trouble()

    def _on_found(self) -> None:
        id = self._line.value()
        if id is None:
            return
        if id not in self._ids:
            self._ids.append(id)
        self._line.set_value(None)
        self._draw()
        self.edited.emit()

    def _remove(self, id: str) -> None:
        self._ids.remove(id)
        self._line.setFocus()
        self._draw()
        self.edited.emit()

    def _draw(self) -> None:
        self._row.empty()
        for id in self._ids:
            chip = Chip(self._name(id), large=True, removable=True)
            chip.removed.connect(lambda id=id: self._remove(id))
            self._row.addWidget(chip)
        self._chips.setVisible(bool(self._ids))
        self.reshaped.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and event.key() == Qt.Key.Key_Backspace and not self._line.text() and self._ids:  # type: ignore[attr-defined]
            self._remove(self._ids[-1])
            return True
        return super().eventFilter(watched, event)


class Troubled(Protocol):
    """An editor that knows when what is written means nothing."""

    def trouble(self) -> str | None: ...


def editor_for(
    field: FieldChoice, op: str, vocabulary: Vocabulary, *, today: date
) -> tuple[QWidget, Editor] | None:
    """The editor of a condition's value, twice for both of its types; none where nothing is compared."""
    if op in WITHOUT_VALUE:
        return None
    made = _made(field, op, vocabulary, today)
    return made, cast(Editor, made)


def _made(field: FieldChoice, op: str, vocabulary: Vocabulary, today: date) -> QWidget:
    many = op in MANY
    if field.lookup:
        find, name = vocabulary.find(field), vocabulary.name(field)
        hint = tr(f"view.find.{field.lookup}")
        if many:
            return Several(find, name, hint)
        return LookupField(find, name, glyph="magnifying-glass", placeholder=hint)
    if field.options:
        return ChipChoice(field.options) if many else ComboBox(field.options, placeholder=tr("form.choose"))
    if many:
        return WordsField(placeholder=tr("view.words_hint"))
    if field.kind == "flag":
        return ComboBox([(True, tr("form.yes")), (False, tr("form.no"))], placeholder=tr("form.choose"))
    if field.kind == "number":
        return NumberField()
    if op == WITHIN:
        return SpanField(hours=not field.key.startswith(FORM))
    if field.kind == "date":
        hint = tr("view.day_hint")
        return (
            DateField(today=today, placeholder=hint)
            if field.key.startswith(FORM)
            else DayField(today=today, placeholder=hint)
        )
    return TextField()


def trouble_of(editor: object) -> str | None:
    """What an editor says of what is written in it."""
    return cast(Troubled, editor).trouble() if hasattr(editor, "trouble") else None
