"""Saved views and filters as SQL: the same truth as domain.rules.conditions.holds, over the ticket table."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.conditions import Condition, Conditions, Op
from domain.rules.spans import WITHIN
from domain.rules.ticket_values import FIELD_KINDS

Clause = tuple[str, list[Any]]

NEVER: Clause = ("0", [])
_LISTS = frozenset(name for name, kind in FIELD_KINDS.items() if kind == "list")
_ORDERED = {"gt": ">", "lt": "<", "gte": ">=", "lte": "<="}


def where(conn: Connection, conditions: Conditions) -> Clause:
    """An expression over the ticket table as `t`; both groups hold, an empty one always."""
    parts = [_clause(conn, one) for one in conditions.all]
    if conditions.any:
        parts.append(_joined(" OR ", [_clause(conn, one) for one in conditions.any]))
    return _joined(" AND ", parts) if parts else ("1", [])


def _joined(word: str, clauses: Iterable[Clause]) -> Clause:
    given = list(clauses)
    return "(" + word.join(text for text, _ in given) + ")", [one for _, found in given for one in found]


def _clause(conn: Connection, condition: Condition) -> Clause:
    name = condition.field
    if condition.op == "between":
        return _between(conn, condition)
    if name.startswith("fields."):
        return _form_value(condition, '$."' + name.removeprefix("fields.").replace('"', "") + '"')
    if name not in FIELD_KINDS:
        return NEVER
    if condition.op == WITHIN:
        return NEVER  # nobody has worked it out
    if condition.op == "under":
        return _under(conn, condition)
    if name in _LISTS:
        return _list(condition)
    return _single(f"t.{name}", [], condition)


def _between(conn: Connection, condition: Condition) -> Clause:
    """Between two bounds, None for an open one; the second is outside."""
    bounds = condition.value if isinstance(condition.value, list | tuple) else ()
    given: list[tuple[Op, Any]] = [] if len(bounds) != 2 else [("gte", bounds[0]), ("lt", bounds[1])]
    parts = [replace(condition, op=op, value=bound) for op, bound in given if bound is not None]
    return _joined(" AND ", [_clause(conn, part) for part in parts]) if parts else NEVER


def _form_value(condition: Condition, path: str) -> Clause:
    """A value of the form, or any of several; one that the ticket does not have makes every condition false."""
    text, found = _of_form(condition.op, path, condition.value)
    return f"(json_type(t.fields, ?) IS NOT NULL AND {text})", [path, *found]


def _of_form(op: str, path: str, wanted: Any) -> Clause:
    if op.startswith("not_") or op == "is_not":
        text, found = _of_form(_POSITIVE[op], path, wanted)
        return f"NOT {text}", found
    if op in _ORDERED:
        if not _orderable(wanted):
            return NEVER
        text = f"(json_type(t.fields, ?) IN {_kinds(wanted)} AND json_extract(t.fields, ?) {_ORDERED[op]} ?)"
        return text, [path, path, wanted]
    if op == "is":
        return "EXISTS (SELECT 1 FROM json_each(t.fields, ?) e WHERE e.value IS ?)", [path, wanted]
    if op == "in":
        choices = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
        text = "EXISTS (SELECT 1 FROM json_each(t.fields, ?) e JOIN json_each(?) w ON e.value IS w.value)"
        return text, [path, sql.text(choices)]
    if op == "contains":
        inside, found = _contains("json_extract(t.fields, ?)", [path], wanted)
        text = (
            f"CASE json_type(t.fields, ?) WHEN 'text' THEN {inside} "
            "ELSE EXISTS (SELECT 1 FROM json_each(t.fields, ?) e WHERE e.value = ?) END"
        )
        return text, [path, *found, path, wanted]
    return _TESTS[op]("json_extract(t.fields, ?)", [path], wanted)


_POSITIVE = {"is_not": "is", "not_in": "in", "not_contains": "contains"}


def _orderable(wanted: Any) -> bool:
    return isinstance(wanted, int | float | str) and not isinstance(wanted, bool)


def _kinds(wanted: Any) -> str:
    """The kinds of value that can be compared with this one."""
    return "('text')" if isinstance(wanted, str) else "('integer', 'real')"


def _single(column: str, read: list[Any], condition: Condition) -> Clause:
    op, wanted = condition.op, condition.value
    if op.startswith("not_") or op == "is_not":
        positive = Condition(field=condition.field, op=_POSITIVE[op], value=wanted)  # type: ignore[arg-type]
        text, found = _single(column, read, positive)
        return f"NOT {text}", found
    if op in _ORDERED:
        if not _orderable(wanted):
            return NEVER
        text = f"(typeof({column}) IN {_kinds(wanted)} AND {column} {_ORDERED[op]} ?)"
        return text, [*read, *read, wanted]
    return _TESTS[op](column, read, wanted)


def _is(column: str, read: list[Any], wanted: Any) -> Clause:
    return f"({column} IS ?)", [*read, wanted]


def _in(column: str, read: list[Any], wanted: Any) -> Clause:
    choices = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
    text = f"({column} IS NOT NULL AND {column} IN (SELECT value FROM json_each(?)))"
    return text, [*read, *read, sql.text([one for one in choices if one is not None])]


def _contains(column: str, read: list[Any], wanted: Any) -> Clause:
    if not isinstance(wanted, str):
        return NEVER
    return f"(coalesce(instr(lower({column}), ?), 0) > 0)", [*read, wanted.lower()]


def _starts_with(column: str, read: list[Any], wanted: Any) -> Clause:
    if not isinstance(wanted, str):
        return NEVER
    return f"(coalesce(instr(lower({column}), ?), 0) = 1)", [*read, wanted.lower()]


def _is_set(column: str, read: list[Any], _wanted: Any) -> Clause:
    return f"({column} IS NOT NULL AND {column} NOT IN ('', '[]'))", [*read, *read]


def _is_unset(column: str, read: list[Any], _wanted: Any) -> Clause:
    return f"({column} IS NULL OR {column} IN ('', '[]'))", [*read, *read]


_TESTS: dict[str, Callable[[str, list[Any], Any], Clause]] = {
    "is": _is,
    "in": _in,
    "contains": _contains,
    "starts_with": _starts_with,
    "is_set": _is_set,
    "is_unset": _is_unset,
}


def _list(condition: Condition) -> Clause:
    """Tags and people in cc: any of them."""
    column, op, wanted = f"t.{condition.field}", condition.op, condition.value
    if op == "is_set":
        return f"({column} <> '[]')", []
    if op == "is_unset":
        return f"({column} = '[]')", []
    choices = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
    text = (
        f"EXISTS (SELECT 1 FROM json_each({column}) m JOIN json_each(?) w ON m.value = w.value)",
        [sql.text(choices)],
    )
    if op in ("is", "in", "contains"):
        return text
    if op in ("is_not", "not_in", "not_contains"):
        return f"NOT {text[0]}", text[1]
    return NEVER


def _under(conn: Connection, condition: Condition) -> Clause:
    roots = condition.value if isinstance(condition.value, list | tuple) else [condition.value]
    if condition.field not in ("org", "category"):
        return f"(t.{condition.field} IN (SELECT value FROM json_each(?)))", [sql.text(list(roots))]
    found = below(conn, condition.field, [root for root in roots if isinstance(root, str)])
    return f"(t.{condition.field} IN (SELECT value FROM json_each(?)))", [sql.text(found)]


def below(conn: Connection, field: str, roots: Iterable[str]) -> list[str]:
    """The units (`org`) or categories at and below some."""
    source = "SELECT id, parent FROM unit"
    if field == "category":
        source = (
            "SELECT id, json_extract(body, '$.parent') AS parent FROM config "
            "WHERE kind = 'category' AND latest = 1"
        )
    return sql.column(
        conn,
        f"WITH RECURSIVE tree AS ({source}), down(id) AS (SELECT value FROM json_each(?) "
        "UNION SELECT tree.id FROM tree JOIN down ON tree.parent = down.id) SELECT id FROM down",
        (sql.text(list(roots)),),
    )
