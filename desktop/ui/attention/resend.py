"""The content of a refused command, open for editing before it is sent anew."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.attachments.bar import AttachmentBar
from desktop.ui.attention.concerns import Concern
from desktop.ui.attention.wording import key_label
from desktop.ui.directory import Directory
from desktop.ui.form.columns_layout import ColumnsLayout
from desktop.ui.form.lookup import LookupField
from desktop.ui.form.make import Maker
from desktop.ui.form.view import FormView
from desktop.ui.text import tr
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.times import local
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.text_field import TextField
from domain.entities.base import Instant
from domain.entities.ticket import PRIORITIES
from domain.rules.attachments import plain
from domain.rules.forms import FieldError, field_of
from domain.wire.attachments import refs_in

_LONG = frozenset({"description", "body", "note", "reason", "reply"})
_NEW = ("subject", "description", "org", "category", "priority")
_KEYS = {
    "create": _NEW,
    "split": _NEW,
    "reply": ("body",),
    "message": ("body",),
    "macro": ("reply",),
    "assign": ("assignee", "team", "note"),
    "transfer": ("org", "team", "assignee", "note"),
    "ask_to_leave": ("org", "team", "assignee", "note"),
    "delegate": ("assignee", "note"),
    "approve": ("note",),
    "merge": ("note",),
    "status": ("reason", "category"),
    "hand_back": ("reason",),
    "return": ("reason",),
    "urge": ("reason",),
}
_MADE = ("create", ("customer", "request"))
_FORMS = {"create": _MADE, "split": _MADE, "status": ("resolve", ("completion", "closure"))}
_VALUES = frozenset({"edit", "complete"})
"""Kinds that hold values by key; those of a task have no room before theirs."""


class ResendForm(QWidget):
    """Fields for what may be changed in a command of this kind; the rest stays as it was."""

    def __init__(
        self, concern: Concern, names: Directory, *, now_at: Instant, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._concern, self._names, self._now_at = concern, names, now_at
        self._given: Mapping[str, Any] = concern.item.command.set
        self._fields: dict[str, Field] = {}
        self._values: dict[str, Field] = {}
        self._form: FormView | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 16)
        self._column.setSpacing(8)
        self._grid = ColumnsLayout(2)
        self._column.addLayout(self._grid)
        kind = concern.item.command.kind
        for key in _KEYS.get(kind, ()):
            if self._wanted(key):
                self._add(key)
        for key, value in self._given.get("values", {}).items() if kind in _VALUES else ():
            self._add_value(key, value)
        self._files: AttachmentBar | None = None
        if self._given.get("attachments"):
            self._files = AttachmentBar(None)
            self._column.addWidget(self._files)
            self._files.set_refs(refs_in(self._given["attachments"]))
        if kind in _FORMS:
            self._add_form(*_FORMS[kind])
        if not (self._fields or self._values or self._files or self._form):
            self._column.addWidget(Label(tr("attention.nothing_to_edit"), tone="text2", wrap=True))

    def _wanted(self, key: str) -> bool:
        if key == "reason" and self._concern.item.command.kind == "status":
            return self._given.get("to") == "on_hold"
        if key == "reply":
            return bool(self._given.get("reply"))
        return key != "priority" or key in self._given

    def _add(self, key: str) -> None:
        field = Field(key_label(key, None), self._editor(key))
        field.set_value(self._given.get(key) or "")
        self._fields[key] = field
        self._grid.add(field, wide=key in _LONG or key == "subject")

    def _add_value(self, key: str, value: Any) -> None:
        template = self._concern.template
        task = self._concern.item.command.kind == "complete" and key != "category"
        named = f"fields.{key}" if task else key
        found = field_of(template, named)
        maker = Maker(self._names, local(self._now_at).date())
        editor = maker.editor(found) if found is not None else self._editor(key)
        field = Field(key_label(named, template), editor)
        field.set_value("" if value is None else value)
        self._values[key] = field
        self._grid.add(field, wide=found is not None and found.kind == "long_text")

    def _editor(self, key: str) -> QWidget:
        made: dict[str, Callable[[], QWidget]] = {
            "org": lambda: LookupField(self._names.find_units, self._names.unit, glyph="storefront"),
            "assignee": lambda: LookupField(self._names.find_people, self._names.person, glyph="user"),
            "team": lambda: LookupField(self._names.find_teams, self._names.team, glyph="users-three"),
            "category": lambda: LookupField(self._names.find_categories, self._names.category),
            "priority": lambda: ComboBox([(one, priority_text(one)) for one in PRIORITIES]),
        }
        if key in made:
            return made[key]()
        return TextArea(least=2, most=8) if key in _LONG else TextField()

    def _add_form(self, at: str, sections: tuple[str, ...]) -> None:
        template = self._concern.template
        if template is None or (at == "resolve" and self._given.get("to") != "resolved"):
            return
        values = {**self._concern.values, **self._given.get("fields", {}), **self._given.get("personal", {})}
        self._form = FormView(
            template,
            values,
            sections=sections,
            at=at,
            directory=self._names,
            columns=2,
            folded=False,
            now_at=self._now_at,
        )
        self._column.addWidget(self._form)
        errors = self._concern.item.detail.get("errors")
        told = [FieldError(**one) for one in errors] if isinstance(errors, list) else []
        self._form.mark(told)

    def edited(self) -> dict[str, Any]:
        """The parts of the command's content as they stand now."""
        found: dict[str, Any] = {}
        for key, field in self._fields.items():
            value = field.value() or None
            if value != (self._given.get(key) or None):
                found[key] = "" if value is None and key in (*_LONG, "subject") else value
        if self._files is not None and self._files.refs() != refs_in(self._given["attachments"]):
            found["attachments"] = plain(self._files.refs())
        if self._values:
            found["values"] = {key: _held(field) for key, field in self._values.items()}
        if self._form is not None:
            found["fields"], found["personal"] = self._parted(self._form)
        return found

    def _parted(self, form: FormView) -> tuple[dict[str, Any], dict[str, Any]]:
        """Form values, and those about the customer that no field of the form holds."""
        shown = {field.key for field in form.fields()}
        kept = {key: value for key, value in self._given.get("personal", {}).items() if key not in shown}
        return form.values(), kept

    def validate(self) -> bool:
        """Mark what is wrong; False when something is."""
        return self._form is None or not self._form.validate() or not self._form.focus_first_error()

    def focus_first(self) -> None:
        """Put the cursor where something is wrong, else into the first field."""
        if self._form is not None and self._form.focus_first_error():
            return
        first = next(iter((*self._fields.values(), *self._values.values())), None)
        if first is not None:
            first.focus_editor()

    def field(self, key: str) -> Field:
        """The field of a part of the content."""
        return self._fields[key] if key in self._fields else self._values[key]

    @property
    def form(self) -> FormView | None:
        """The template's fields, where the command holds any."""
        return self._form


def _held(field: Field) -> Any:
    value = field.value()
    return None if value == "" else value
