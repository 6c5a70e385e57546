"""Evaluating and checking conditions over plain values; used by policies, routing, views and triggers."""

from collections.abc import Callable, Iterable, Mapping
from operator import ge, gt, le, lt
from typing import Any, Protocol, TypeVar

from domain.entities.conditions import Condition, Conditions, FieldKind, Problem
from domain.rules.spans import WITHIN, read_span

Values = Mapping[str, Any]

_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {"gt": gt, "lt": lt, "gte": ge, "lte": le}
_WITHOUT_VALUE = frozenset({"is_set", "is_unset"})
_ANY_KIND = frozenset({"is", "is_not", "in", "not_in", "is_set", "is_unset"})
_OPS: Mapping[FieldKind, frozenset[str]] = {
    "text": _ANY_KIND | {"contains", "not_contains", "starts_with"},
    "choice": _ANY_KIND,
    "number": _ANY_KIND | set(_ORDERED),
    "date": _ANY_KIND | set(_ORDERED),
    "flag": frozenset({"is", "is_not", "is_set", "is_unset"}),
    "list": _ANY_KIND | {"contains", "not_contains"},
    "unit": _ANY_KIND | {"under"},
}
ALL_OPS = frozenset().union(*_OPS.values())
_SPANNED: Mapping[FieldKind, frozenset[str]] = {**_OPS, "date": _OPS["date"] | {WITHIN}}


class Conditioned(Protocol):
    """Anything an administrator orders and gives conditions: a policy, a routing rule, a trigger."""

    @property
    def position(self) -> int: ...
    @property
    def conditions(self) -> Conditions: ...


Rule = TypeVar("Rule", bound=Conditioned)


def first_match(rules: Iterable[Rule], values: Values) -> Rule | None:
    """The first rule, by position, whose conditions hold."""
    for rule in sorted(rules, key=lambda rule: rule.position):
        if holds(rule.conditions, values):
            return rule
    return None


def holds(conditions: Conditions, values: Values) -> bool:
    """Whether both groups hold; a field that `values` does not know makes its condition false.

    A known field without a value is there as None. `under` reads the ids on the way from the root to a unit
    (or category) from `<field>_path`.
    """
    if not all(_holds(condition, values) for condition in conditions.all):
        return False
    return not conditions.any or any(_holds(condition, values) for condition in conditions.any)


def fields_read(conditions: Conditions) -> frozenset[str]:
    """The fields whose change may change the outcome."""
    return frozenset(condition.field for condition in (*conditions.all, *conditions.any))


def _holds(condition: Condition, values: Values) -> bool:
    if condition.field not in values:
        return False
    actual, op, wanted = values[condition.field], condition.op, condition.value
    if op == "under":
        return _under(values, condition)
    if op == "between":
        return _between(actual, wanted)
    if op in _ORDERED:
        return _comparable(actual, wanted) and _ORDERED[op](actual, wanted)
    if op.startswith("not_"):
        return not _TESTS[op.removeprefix("not_")](actual, wanted)
    if op == "is_not":
        return not _is(actual, wanted)
    # A span that nobody has worked out holds for nothing.
    return op != WITHIN and _TESTS[op](actual, wanted)


def _between(actual: Any, bounds: Any) -> bool:
    """Whether a value lies between two bounds, None for an open one; the second is outside."""
    if not isinstance(bounds, list | tuple) or len(bounds) != 2 or bounds[0] is bounds[1] is None:
        return False
    low, high = bounds
    after = low is None or (_comparable(actual, low) and actual >= low)
    return bool(after and (high is None or (_comparable(actual, high) and actual < high)))


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple | set | frozenset) else (value,)


def _is(actual: Any, wanted: Any) -> bool:
    return any(one == wanted for one in _listed(actual)) or actual == wanted


def _in(actual: Any, wanted: Any) -> bool:
    choices = list(_listed(wanted))
    return any(one in choices for one in _listed(actual))


def _contains(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, str):
        return isinstance(wanted, str) and wanted.casefold() in actual.casefold()
    return actual is not None and wanted in _listed(actual)


def _starts_with(actual: Any, wanted: Any) -> bool:
    both = isinstance(actual, str) and isinstance(wanted, str)
    return both and bool(actual.casefold().startswith(wanted.casefold()))


def _is_set(actual: Any, _wanted: Any) -> bool:
    return actual is not None and actual not in ("", [], ())


def _is_unset(actual: Any, wanted: Any) -> bool:
    return not _is_set(actual, wanted)


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": _is,
    "in": _in,
    "contains": _contains,
    "starts_with": _starts_with,
    "is_set": _is_set,
    "is_unset": _is_unset,
}


def _under(values: Values, condition: Condition) -> bool:
    actual = values[condition.field]
    path = values.get(f"{condition.field}_path") or ()
    return any(root is not None and (root == actual or root in path) for root in _listed(condition.value))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _comparable(actual: Any, wanted: Any) -> bool:
    return (_number(actual) and _number(wanted)) or (isinstance(actual, str) and isinstance(wanted, str))


def check(
    conditions: Conditions, fields: Mapping[str, FieldKind], *, spans: bool = False
) -> tuple[Problem, ...]:
    """What is wrong with the conditions, given the fields that exist and their kinds; empty if nothing.

    `spans`: they are asked at a moment, as views are, and may name spans relative to it.
    """
    groups = (("all", conditions.all), ("any", conditions.any))
    found = [
        _problem(f"{name}[{index}]", condition, fields, _SPANNED if spans else _OPS)
        for name, group in groups
        for index, condition in enumerate(group)
    ]
    return tuple(problem for problem in found if problem is not None)


def _problem(
    place: str,
    condition: Condition,
    fields: Mapping[str, FieldKind],
    ops: Mapping[FieldKind, frozenset[str]],
) -> Problem | None:
    kind = fields.get(condition.field)
    args = {"field": condition.field, "op": condition.op}
    if kind is None:
        return Problem(place=place, code="condition_unknown_field", args={**args, "known": sorted(fields)})
    known = frozenset[str]().union(*ops.values())
    if condition.op not in known:
        return Problem(place=place, code="condition_unknown_op", args={**args, "known": sorted(known)})
    if condition.op not in ops[kind]:
        return Problem(place=place, code="condition_op_not_for_kind", args={**args, "kind": kind})
    wrong = _wrong_value(condition, kind)
    return Problem(place=place, code=wrong, args=args) if wrong else None


def _wrong_value(condition: Condition, kind: FieldKind) -> str | None:
    value = condition.value
    if condition.op in _WITHOUT_VALUE:
        return None
    if condition.op in ("in", "not_in"):
        return None if isinstance(value, list | tuple) and value else "condition_value_not_a_list"
    if value is None or value == "":
        return "condition_value_missing"
    if condition.op == WITHIN and read_span(value) is None:
        return "condition_value_no_span"
    if kind == "number" and not _number(value):
        return "condition_value_not_a_number"
    return None
