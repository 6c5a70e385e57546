"""Forms: conditional fields, what is required when, and one sentence for each error."""

import msgspec
import pytest

from domain.entities.conditions import Condition, Conditions
from domain.entities.forms import FormField, Option
from domain.rules.forms import field_error, form_errors, personal_class, shown_fields
from tests.domain.rules.facts import FORM

EATEN = FormField(
    key="eaten",
    label="Eaten",
    kind="bool",
    required=True,
    when=Conditions(all=(Condition(field="wish", op="is", value="refund"),)),
)
CONDITIONAL = msgspec.structs.replace(FORM, fields=(*FORM.fields, EATEN))


def test_hidden_fields_are_not_required() -> None:
    """A required field is asked for only while its conditions hold."""
    values = {"amount": 5}
    assert EATEN not in shown_fields(CONDITIONAL, values)
    assert form_errors(CONDITIONAL, values, at="create") == ()
    refund = {**values, "wish": "refund"}
    assert [e.key for e in form_errors(CONDITIONAL, refund, at="create")] == ["eaten"]


def test_closure_fields_are_required_when_resolving_only() -> None:
    """What is due at the end is no error at the beginning."""
    values = {"amount": 5}
    assert form_errors(FORM, values, at="create") == ()
    assert [e.key for e in form_errors(FORM, values, at="resolve")] == ["solution"]


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("phone", "1380000271", "field_phone"),
        ("phone", "138 0000 2716", None),
        ("phone", "010-87654321", None),
        ("number", "12", "field_not_number"),
        ("number", True, "field_not_number"),
        ("money", 12.5, None),
        ("date", "2026-11-2", "field_not_date"),
        ("date", "2026-11-21", None),
        ("bool", 1, "field_not_bool"),
        ("select", "b", "field_unknown_option"),
        ("multi_select", ["a", "b"], "field_unknown_option"),
        ("multi_select", ["a"], None),
        ("text", "x" * 501, "field_too_long"),
        ("text", 5, "field_not_text"),
    ],
)
def test_each_kind_takes_what_it_should(kind: str, value: object, code: str | None) -> None:
    """Values are checked by the kind of their field."""
    field = FormField(key="k", label="K", kind=kind, options=(Option(value="a", label="A"),))
    error = field_error(field, value, at="create")
    assert (error.code if error else None) == code


def test_unknown_personal_values_are_sensitive() -> None:
    """What nobody classed is shown to as few as possible."""
    assert personal_class(FORM, "phone") == "sensitive"
    assert personal_class(FORM, "name") == "ordinary"
    assert personal_class(None, "passport") == "sensitive"
