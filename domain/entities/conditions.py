"""Conditions as an administrator edits them: two groups, all of and any of (RULES §3, §4)."""

from typing import Any, Literal

from domain.entities.base import Entity

Op = Literal[
    "is",
    "is_not",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "gt",
    "lt",
    "gte",
    "lte",
    "is_set",
    "is_unset",
    "under",
    "within",  # a span relative to now, in views
    "between",  # what a span comes to; nobody writes it
]
FieldKind = Literal["text", "choice", "number", "date", "flag", "list", "unit"]


class Condition(Entity):
    """One comparison of a named field with a value; `value` is a list for `in` and `not_in`."""

    field: str
    op: Op
    value: Any = None


class Conditions(Entity):
    """Holds where every one of `all` and, if there are any, at least one of `any` hold; empty always."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()


class Problem(Entity):
    """What is wrong with one condition: where (`all[0]`), a stable code, its sentence's arguments."""

    place: str
    code: str
    args: dict[str, Any] = {}
