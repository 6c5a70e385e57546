"""Conditions: what holds, and what an administrator is told is wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entities.conditions import Condition, Conditions, FieldKind, Op
from domain.entities.sla import Policy
from domain.rules.conditions import check, fields_read, first_match, holds

TICKET: dict[str, Any] = {
    "priority": "high",
    "subject": "Freezer at 门店 leaks",
    "amount": 120,
    "tags": ["cold", "urgent"],
    "assignee": None,
    "unit": "store-17",
    "unit_path": ["head", "north", "store-17"],
    "created": "2026-03-02",
}
FIELDS: dict[str, FieldKind] = {
    "priority": "choice", "subject": "text", "amount": "number", "tags": "list", "assignee": "choice",
    "unit": "unit", "created": "date",
}  # fmt: skip


def one(field: str, op: Op, value: Any = None) -> Conditions:
    """A single condition that must hold."""
    return Conditions(all=(Condition(field=field, op=op, value=value),))


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("priority", "is", "high", True),
        ("priority", "is", "low", False),
        ("priority", "is_not", "low", True),
        ("priority", "in", ["urgent", "high"], True),
        ("priority", "not_in", ["urgent", "high"], False),
        ("assignee", "not_in", ["anna"], True),
        ("subject", "contains", "freezer", True),
        ("subject", "contains", "门店", True),
        ("subject", "not_contains", "oven", True),
        ("subject", "starts_with", "FREEZER", True),
        ("subject", "starts_with", "leaks", False),
        ("amount", "gt", 100, True),
        ("amount", "gt", 120, False),
        ("amount", "gte", 120, True),
        ("amount", "lt", 120.5, True),
        ("amount", "lte", 119, False),
        ("amount", "gt", "100", False),
        ("created", "lt", "2026-04-01", True),
        ("tags", "contains", "cold", True),
        ("tags", "not_contains", "warm", True),
        ("tags", "is", "urgent", True),
        ("tags", "in", ["warm", "cold"], True),
        ("assignee", "is_set", None, False),
        ("assignee", "is_unset", None, True),
        ("assignee", "contains", "a", False),
        ("tags", "is_set", None, True),
        ("unit", "under", "north", True),
        ("unit", "under", "store-17", True),
        ("unit", "under", ["south", "head"], True),
        ("unit", "under", "south", False),
        ("unit", "under", None, False),
    ],
)
def test_each_comparison(field: str, op: Op, value: Any, expected: bool) -> None:
    """Every operator does what its name says, and its negation the opposite."""
    assert holds(one(field, op, value), TICKET) is expected


@given(st.sampled_from(["is", "is_not", "not_in", "contains", "gt", "is_unset", "under"]), st.text())
def test_a_field_nobody_knows_makes_its_condition_false(op: Op, value: str) -> None:
    """A negation too: a rule never fires because of a field that is not there."""
    assert not holds(one("no such field", op, value), TICKET)


def test_groups() -> None:
    """All of one group and at least one of the other; nothing asked for holds always."""
    high, low = (
        Condition(field="priority", op="is", value="high"),
        Condition(field="priority", op="is", value="low"),
    )
    assert holds(Conditions(), {})
    assert holds(Conditions(all=(high,), any=(low, high)), TICKET)
    assert not holds(Conditions(all=(high,), any=(low,)), TICKET)
    assert not holds(Conditions(all=(high, low), any=(high,)), TICKET)


def test_the_first_by_position_applies() -> None:
    """Of several that match the lowest position wins, whatever their order; else there is none."""
    last = Policy(id="last", position=9)
    first = Policy(id="first", position=1, conditions=one("priority", "is", "high"))
    other = Policy(id="other", position=0, conditions=one("priority", "is", "low"))
    assert first_match([last, first, other], TICKET) == first
    assert first_match([other], TICKET) is None


def test_the_fields_a_group_reads() -> None:
    """Both groups are looked at again when one of their fields changes."""
    one, other = Condition(field="a", op="is_set"), Condition(field="b", op="is_set")
    assert fields_read(Conditions(all=(one,), any=(other,))) == {"a", "b"}


@pytest.mark.parametrize(
    ("field", "op", "value", "code"),
    [
        ("prioriti", "is", "high", "condition_unknown_field"),
        ("priority", "resembles", "high", "condition_unknown_op"),
        ("priority", "gt", "high", "condition_op_not_for_kind"),
        ("subject", "under", "north", "condition_op_not_for_kind"),
        ("priority", "in", "high", "condition_value_not_a_list"),
        ("priority", "in", [], "condition_value_not_a_list"),
        ("priority", "is", None, "condition_value_missing"),
        ("amount", "gt", "much", "condition_value_not_a_number"),
    ],
)
def test_what_is_wrong_is_named_and_placed(field: str, op: Any, value: Any, code: str) -> None:
    """The administrator hears which condition is wrong, how, and what is known instead."""
    good = Condition(field="priority", op="is", value="high")
    problems = check(Conditions(all=(good,), any=(good, Condition(field=field, op=op, value=value))), FIELDS)
    assert [(problem.place, problem.code) for problem in problems] == [("any[1]", code)]
    assert problems[0].args["field"] == field


def test_good_conditions_have_no_problem() -> None:
    """What can be evaluated is accepted, operators without a value too."""
    group = (
        Condition(field="amount", op="gte", value=3),
        Condition(field="assignee", op="is_unset"),
        Condition(field="unit", op="under", value="north"),
        Condition(field="tags", op="in", value=["a"]),
    )
    assert check(Conditions(all=group, any=group), FIELDS) == ()
