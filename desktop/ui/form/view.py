"""A form drawn from its template: what is filled is a field, what is only shown a line; errors in place."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.attachments.box import Box
from desktop.ui.form.directory import Directory, NoDirectory
from desktop.ui.form.make import Maker
from desktop.ui.form.part import FormPart
from desktop.ui.form.wording import error_sentence, value_words
from desktop.ui.text import tr
from desktop.ui.times import local
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.section import Section
from domain.entities.base import Instant
from domain.entities.forms import FormField, Template
from domain.rules.equipment import EQUIPMENT, FAULT, faults_of
from domain.rules.forms import FieldError, field_error, shown_fields
from domain.wire.attachments import FILE_KINDS

_WIDE = FILE_KINDS | {"long_text"}
EMPTY: tuple[Any, ...] = (None, "", [], ())


class FormView(QWidget):
    """The fields of some sections of a template.

    `sections` of more than one fold under their titles unless `folded` is False. `editable_keys` says which
    fields are filled here, None for all; the rest are lines of label and value. `at` is the moment it is
    checked for: create or resolve. `omit` leaves out fields that stand elsewhere on the page. `now_at` tells
    which year a day without one is in; without it, days are written in full. `box` takes files; without it
    fields of files only show what they hold.

    `changed` tells the key that the person edited, `shown_changed` that conditional fields came or went.
    """

    changed = Signal(str)
    shown_changed = Signal()

    def __init__(
        self,
        template: Template,
        values: Mapping[str, Any],
        *,
        sections: Sequence[str],
        at: str = "create",
        editable_keys: frozenset[str] | None = None,
        omit: frozenset[str] = frozenset(),
        directory: Directory | None = None,
        columns: int = 3,
        folded: bool = True,
        now_at: Instant = 0,
        box: Box | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._template, self._at = template, at
        self._directory: Directory = directory or NoDirectory()
        self._maker = Maker(self._directory, local(now_at).date() if now_at else None, box)
        self._values = {key: value for key, value in values.items() if value not in EMPTY}
        self._mine = [
            field for field in template.fields if field.section in sections and field.key not in omit
        ]
        self._editable = {f.key for f in self._mine if editable_keys is None or f.key in editable_keys}
        self._beside: dict[str, Any] = {}
        self._fields: dict[str, Field] = {}
        self._sections: dict[str, Section] = {}
        self._parts: dict[str, FormPart] = {}
        self._shown: frozenset[str] = frozenset()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0 if folded else 8)
        folds = folded and len(sections) > 1
        for section in sections:
            self._add_section(section, folds=folds, columns=columns)
        if folds:
            self._column.addStretch(1)
        if at == "create":
            self._take_defaults()
        self._offer_faults()
        self._fill()
        self._reveal()

    def _add_section(self, name: str, *, folds: bool, columns: int) -> None:
        part = FormPart(columns)
        self._parts[name] = part
        for field in self._mine:
            if field.section == name and field.key in self._editable:
                self._fields[field.key] = self._make_field(field)
                part.add_field(field.key, self._fields[field.key], wide=field.kind in _WIDE)
            elif field.section == name:
                part.add_line(field.key, field.label)
        if not folds:
            self._column.addWidget(part)
            return
        section = Section(tr(f"form.section.{name}"))
        section.body.addWidget(part)
        self._sections[name] = section
        self._column.addWidget(section)

    def _make_field(self, field: FormField) -> Field:
        editor = self._maker.editor(field)
        required = field.required and (field.required_at == "create" or self._at == "resolve")
        made = Field(field.label, editor, required=required, check=lambda: self._complaint(field))
        made.editor.edited.connect(lambda: self._on_edited(field.key))
        return made

    def _take_defaults(self) -> None:
        for field in self._mine:
            if field.default not in EMPTY and field.key in self._editable:
                self._values.setdefault(field.key, field.default)

    def _fill(self) -> None:
        for key, field in self._fields.items():
            if key in self._values:
                field.set_value(self._values[key])

    # Reading.

    def values(self) -> dict[str, Any]:
        """What is filled in the fields that show, without empty ones; what the ticket gets."""
        return {key: self._values[key] for key in self._fields if key in self._shown and key in self._values}

    def kept(self) -> dict[str, Any]:
        """Everything written so far, hidden fields too; what a draft keeps."""
        return {key: self._values[key] for key in self._fields if key in self._values}

    def shown_keys(self) -> tuple[str, ...]:
        """The fields that show now, in their order."""
        return tuple(field.key for field in self._mine if field.key in self._shown)

    def errors(self) -> tuple[FieldError, ...]:
        """What is wrong with the fields that show, in their order; marks nothing."""
        found = [self._error(field) for field in self._mine if self._checked(field)]
        return tuple(error for error in found if error is not None)

    def fields(self) -> tuple[FormField, ...]:
        """The fields of these sections, shown or not."""
        return tuple(self._mine)

    def label_of(self, key: str) -> str:
        """The label of a field."""
        return next((field.label for field in self._mine if field.key == key), key)

    # Acting.

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Fill by program; `changed` stays silent."""
        self._values = {key: value for key, value in values.items() if value not in EMPTY}
        self._offer_faults()
        for key, field in self._fields.items():
            field.set_value(self._values.get(key, ""))
        self._reveal()

    def put(self, key: str, value: Any) -> None:
        """Fill one field by program; what is being typed in the others stays as it is."""
        if value in EMPTY:
            self._values.pop(key, None)
        else:
            self._values[key] = value
        if key in self._kinds(EQUIPMENT):
            self._offer_faults()
        self._fields[key].set_value(self._values.get(key, ""))
        self._reveal()

    def read_beside(self, values: Mapping[str, Any]) -> None:
        """Values of fields that stand elsewhere on the page, for the conditions here."""
        self._beside = dict(values)
        self._reveal()

    def validate(self) -> tuple[FieldError, ...]:
        """Mark everything that is wrong and say what; empty when nothing is."""
        for field in self._mine:
            if self._checked(field):
                self._fields[field.key].validate()
        return self.errors()

    def mark(self, errors: Sequence[FieldError]) -> None:
        """Show errors that came from elsewhere (the server's `form_invalid`)."""
        by_key = {field.key: field for field in self._mine}
        for error in errors:
            if error.key in self._fields:
                self._fields[error.key].set_error(error_sentence(error, by_key[error.key]))

    def focus_first_error(self) -> bool:
        """Put the cursor where the first thing is wrong; False when nothing is."""
        errors = self.errors()
        return bool(errors) and self.focus_field(errors[0].key)

    def focus_field(self, key: str) -> bool:
        """Put the cursor into a field, opening its section; False where it does not show."""
        field = self._fields.get(key)
        if field is None or key not in self._shown:
            return False
        for name, section in self._sections.items():
            if self._parts[name].holds(key):
                section.set_open(True)
        field.focus_editor()
        return True

    def field(self, key: str) -> Field:
        """The field of a key that is filled here; KeyError for others."""
        return self._fields[key]

    def set_note(self, section: str, note: str) -> None:
        """Say at the right of a section's title how it stands."""
        self._sections[section].set_note(note)

    def open_section(self, section: str, *, opened: bool = True) -> None:
        """Open or close a section."""
        self._sections[section].set_open(opened)

    # Inside.

    def _checked(self, field: FormField) -> bool:
        return field.key in self._fields and field.key in self._shown

    def _error(self, field: FormField) -> FieldError | None:
        trouble = self._trouble(field.key)
        if trouble:
            return FieldError(key=field.key, code="field_wrong", args={"label": field.label})
        return field_error(field, self._values.get(field.key), at=self._at)

    def _trouble(self, key: str) -> str | None:
        """What an editor itself has to say about text that makes no value."""
        ask = getattr(self._fields[key].editor, "trouble", None)
        return ask() if ask is not None else None

    def _complaint(self, field: FormField) -> str | None:
        if field.key not in self._shown:
            return None
        trouble = self._trouble(field.key)
        if trouble:
            return trouble
        error = field_error(field, self._values.get(field.key), at=self._at)
        return None if error is None else error_sentence(error, field)

    def _on_edited(self, key: str) -> None:
        value = self._fields[key].value()
        if value in EMPTY:
            self._values.pop(key, None)
        else:
            self._values[key] = value
        if key in self._kinds(EQUIPMENT):
            self._offer_faults(anew=True)
        self._reveal()
        self.changed.emit(key)

    def _kinds(self, kind: str) -> frozenset[str]:
        return frozenset(field.key for field in self._mine if field.kind == kind)

    def _offer_faults(self, *, anew: bool = False) -> None:
        """Offer the fault codes of the model; of another one (`anew`) what it can't show is taken back."""
        keys = self._kinds(FAULT) & self._fields.keys()
        if not keys:
            return
        known = {**self._beside, **self._values}
        faults = faults_of(self._directory.models(), self._template, known)
        for key in sorted(keys):
            editor = self._fields[key].editor
            if isinstance(editor, ComboBox):
                offered = {one.value: f"{one.value} {one.label}" for one in faults}
                held = self._values.get(key)
                if held not in offered and anew:
                    self._values.pop(key, None)
                elif held is not None:
                    offered.setdefault(str(held), str(held))  # of a catalogue of before
                editor.set_options(list(offered.items()))

    def _reveal(self) -> None:
        """Show the fields whose conditions hold; a hidden field's value counts for nothing."""
        shown = self._hold()
        if shown != self._shown:
            came_or_went = bool(self._shown)
            self._shown = shown
            for name, part in self._parts.items():
                part.show_keys(shown)
                self._sections.get(name, part).setVisible(bool(part.visible_count()))
            if came_or_went:
                self.shown_changed.emit()
        self._write_lines()

    def _hold(self) -> frozenset[str]:
        hidden: frozenset[str] = frozenset()
        known = self._values | self._beside
        # Each pass can only hide more of what hung on a hidden value; templates are small.
        for _ in self._template.fields:
            seen = {key: value for key, value in known.items() if key not in hidden}
            shown = frozenset(field.key for field in shown_fields(self._template, seen))
            now_hidden = frozenset(field.key for field in self._template.fields) - shown
            if now_hidden <= hidden:
                break
            hidden |= now_hidden
        return frozenset(field.key for field in self._mine) - hidden

    def _write_lines(self) -> None:
        for field in self._mine:
            if field.key not in self._fields:
                words = value_words(field, self._values.get(field.key), self._directory)
                self._parts[field.section].set_line(field.key, words)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            for name, section in self._sections.items():
                section.set_title(tr(f"form.section.{name}"))
            self._write_lines()
