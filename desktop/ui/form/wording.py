"""Form values and their errors in words."""

from typing import Any

from desktop.ui.form.directory import Directory
from desktop.ui.text import has_text, tr
from desktop.ui.times import figure
from domain.entities.forms import FormField
from domain.rules.forms import FieldError
from domain.wire.attachments import FILE_KINDS, refs_in

CHOICES = frozenset({"select", "multi_select", "bool", "store", "person", "date"}) | FILE_KINDS
"""Kinds whose value is chosen rather than written."""


def error_sentence(error: FieldError, field: FormField | None = None) -> str:
    """What is wrong with a field, and what to do."""
    args = {"label": error.key, **error.args}
    if error.code == "field_required" and field is not None and field.kind in CHOICES:
        sentence = tr("form.choose_required", **args)
        return f"{sentence}{tr('form.clause')}{field.hint}" if field.hint else sentence
    if error.code == "field_pattern" and not args.get("hint"):
        return tr("error.field_pattern_plain", **args)
    key = f"error.{error.code}"
    return tr(key, **_figures(args)) if has_text(key) else tr("error.field_wrong", **args)


def _figures(args: dict[str, Any]) -> dict[str, Any]:
    """Limits without a needless decimal: 500, not 500.0."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in args.items()
    }


def value_words(field: FormField | None, value: Any, directory: Directory) -> str:
    """A value as people read it; an empty one is "—"."""
    if value in (None, "", [], ()):
        return "—"
    if field is None:
        return _plain(value)
    if field.kind in ("select", "multi_select"):
        labels = {option.value: option.label for option in field.options}
        chosen = value if isinstance(value, list | tuple) else (value,)
        return tr("form.comma").join(labels.get(one, str(one)) for one in chosen)
    if field.kind in FILE_KINDS:
        return tr("form.comma").join(ref.name for ref in refs_in(value)) or "—"
    if field.kind == "money" and isinstance(value, int | float):
        return tr("form.money", amount=figure(value, digits=2))
    if field.kind == "store":
        return directory.unit_name(str(value))
    if field.kind == "equipment":
        model = directory.models().get(str(value))
        return model.name if model is not None else str(value)
    if field.kind == "fault_code":
        labels = {one.value: one.label for model in directory.models().values() for one in model.faults}
        return f"{value} {labels.get(str(value), '')}".strip()
    if field.kind == "person":
        return directory.person_name(str(value))
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return tr("form.yes" if value else "form.no")
    if isinstance(value, list | tuple):
        return tr("form.comma").join(str(one) for one in value)
    return str(value)
