"""Checking form values against a template; the same sentences offline and on the server (B02–B09)."""

import re
from typing import Any

from domain.entities.base import Entity
from domain.entities.forms import FormField, Template
from domain.entities.ticket import PersonalValue
from domain.rules.conditions import holds
from domain.rules.facts import Refusal
from domain.wire.attachments import FILE_KINDS

PHONE = re.compile(r"1\d{10}|0\d{9,11}|400\d{7}")
PERSONAL_CLASS = {"name": "ordinary", "tier": "ordinary", "phone": "sensitive", "address": "sensitive"}
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class FieldError(Entity):
    """What is wrong with one field: a code of `error.<code>` and its arguments."""

    key: str
    code: str
    args: dict[str, Any] = {}


def shown_fields(template: Template, values: dict[str, Any]) -> tuple[FormField, ...]:
    """The fields whose conditions hold over the other values."""
    return tuple(f for f in template.fields if f.when is None or holds(f.when, values))


def form_errors(template: Template, values: dict[str, Any], *, at: str) -> tuple[FieldError, ...]:
    """All errors of a form on creation (`create`) or when resolving (`resolve`), in the form's order."""
    errors = []
    for field in shown_fields(template, values):
        error = field_error(field, values.get(field.key), at=at)
        if error is not None:
            errors.append(error)
    return tuple(errors)


def field_error(field: FormField, value: Any, *, at: str) -> FieldError | None:
    """The error of one value, or None; an empty value is wrong only where it is required by then."""
    if value in (None, "", [], ()):
        due = field.required and (field.required_at == "create" or at == "resolve")
        return FieldError(key=field.key, code="field_required", args={"label": field.label}) if due else None
    found = _CHECKS.get(field.kind, _check_text)(field, value)
    if found is None:
        return None
    code, args = found
    return FieldError(key=field.key, code=code, args={"label": field.label, **args})


Found = tuple[str, dict[str, Any]] | None


def _check_text(field: FormField, value: Any) -> Found:
    if not isinstance(value, str):
        return "field_not_text", {}
    limit = field.max_length or (5000 if field.kind == "long_text" else 500)
    if len(value) > limit:
        return "field_too_long", {"limit": limit, "length": len(value)}
    if field.pattern and not re.fullmatch(field.pattern, value):
        return "field_pattern", {"hint": field.hint}
    return None


def _check_number(field: FormField, value: Any) -> Found:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "field_not_number", {}
    if field.minimum is not None and value < field.minimum:
        return "field_too_small", {"limit": field.minimum}
    if field.maximum is not None and value > field.maximum:
        return "field_too_large", {"limit": field.maximum}
    return None


def _check_select(field: FormField, value: Any) -> Found:
    known = [option.value for option in field.options]
    return None if value in known else ("field_unknown_option", {"value": str(value)})


def _check_multi(field: FormField, value: Any) -> Found:
    if not isinstance(value, list | tuple):
        return "field_unknown_option", {"value": str(value)}
    return next((found for one in value if (found := _check_select(field, one))), None)


def _check_bool(field: FormField, value: Any) -> Found:
    return None if isinstance(value, bool) else ("field_not_bool", {})


def _check_date(field: FormField, value: Any) -> Found:
    return None if isinstance(value, str) and _ISO_DATE.fullmatch(value) else ("field_not_date", {})


def _check_phone(field: FormField, value: Any) -> Found:
    digits = re.sub(r"[\s\-]", "", str(value))
    if PHONE.fullmatch(digits):
        return None
    return "field_phone", {"length": len(digits)}


def _check_files(field: FormField, value: Any) -> Found:
    """References alone; what they may be is judged by rules.attachments, where the limits are known."""
    listed = isinstance(value, list | tuple)
    return None if listed and all(isinstance(one, dict) for one in value) else ("field_not_files", {})


_CHECKS = {
    "number": _check_number,
    "money": _check_number,
    "select": _check_select,
    "multi_select": _check_multi,
    "bool": _check_bool,
    "date": _check_date,
    "phone": _check_phone,
    **dict.fromkeys(FILE_KINDS, _check_files),
}


def check_form(template: Template, values: dict[str, Any], *, at: str) -> None:
    """Refuse (``form_invalid``) with every error of the form."""
    errors = form_errors(template, values, at=at)
    if errors:
        raise Refusal("form_invalid", errors=[{"key": e.key, "code": e.code, "args": e.args} for e in errors])


def check_value(template: Template | None, key: str, value: Any) -> None:
    """Refuse one edited value that its form field does not take; keys of older templates pass."""
    field = field_of(template, key)
    if field is None or field.kind not in FILE_KINDS:
        check_plain({key: value})
    if field is not None:
        error = field_error(field, value, at="edit")
        if error is not None:
            raise Refusal("form_invalid", errors=[{"key": key, "code": error.code, "args": error.args}])


def is_personal(field: FormField) -> bool:
    """Whether a value stands in a row of its own, erasable; files are kept apart by their class alone."""
    return field.personal and field.kind not in FILE_KINDS


def file_fields(template: Template | None) -> dict[str, FormField]:
    """The fields of a form that hold files, by key."""
    return {one.key: one for one in template.fields if one.kind in FILE_KINDS} if template is not None else {}


def check_plain(values: dict[str, Any]) -> None:
    """Refuse values that are no text, number, truth value or list of these, and keys without a name."""
    for key, value in values.items():
        parts = value if isinstance(value, list | tuple) else (value,)
        plain = all(part is None or isinstance(part, str | int | float) for part in parts)
        if not plain or not key.strip() or key.endswith("."):
            raise Refusal(
                "form_invalid", errors=[{"key": key, "code": "field_not_text", "args": {"label": key}}]
            )


def field_of(template: Template | None, key: str) -> FormField | None:
    """The form field behind `fields.KEY` or `personal.KEY`."""
    room, _, name = key.partition(".")
    if template is None or room not in ("fields", "personal"):
        return None
    return next((field for field in template.fields if field.key == name), None)


def is_long_text(template: Template | None, key: str) -> bool:
    """Whether a value is long text, which is merged by lines."""
    field = field_of(template, key)
    return field is not None and field.kind == "long_text"


def personal_class(template: Template | None, key: str) -> str:
    """The class of a personal value: the form's word, else by key, sensitive where nothing is known."""
    field = field_of(template, f"personal.{key}")
    if field is not None and is_personal(field):
        return field.field_class
    return PERSONAL_CLASS.get(key, "sensitive")


def placed(template: Template | None, key: str) -> str:
    """Where the value of a key stands: one that the form marks personal never among the ordinary ones (SYNC §6)."""
    room, _, name = key.partition(".")
    field = field_of(template, key)
    return f"personal.{name}" if room == "fields" and field is not None and is_personal(field) else key


def class_of(template: Template | None, key: str) -> str:
    """The class of an ordinary form value; keys that the form does not know are ordinary."""
    field = field_of(template, key)
    return field.field_class if field is not None else "ordinary"


def personal_values(
    template: Template | None, ticket: str, values: dict[str, Any]
) -> tuple[PersonalValue, ...]:
    """The personal ones among form values, as rows of their own; empty ones are left out."""
    marked = {field.key for field in template.fields if is_personal(field)} if template is not None else set()
    return tuple(
        PersonalValue(ticket=ticket, key=key, field_class=personal_class(template, key), value=str(value))
        for key, value in sorted(values.items())
        if key in marked and value not in (None, "")
    )


def without_personal(template: Template, values: dict[str, Any]) -> dict[str, Any]:
    """The form values that stand in the ticket's row: all but the personal ones and the empty ones."""
    personal = {field.key for field in template.fields if is_personal(field)}
    return {
        key: value for key, value in sorted(values.items()) if key not in personal and value not in (None, "")
    }
