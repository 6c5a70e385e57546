"""Worklists as ids in order: what the table holds, before a single row is read."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.queries import filters, groups
from desktop.replica.search import phrase
from domain.entities.base import Instant
from domain.entities.conditions import Conditions
from domain.rules.parts import (
    ACTED,
    ASKED,
    ASSIGNED,
    CREATED,
    FOLLOWS,
    HELD_UP,
    PASSED,
    PAUSED_RANK,
)

Worklist = Literal[
    "todo", "to_transfer", "transferred", "done", "created", "cc", "unassigned", "soon", "late", "all"
]
WORKLISTS: tuple[Worklist, ...] = get_args(Worklist)

_RANKS = {
    "priority": ("urgent", "high", "normal", "low"),
    "status": ("new", "open", "pending", "on_hold", "resolved", "closed"),
}
SORTS: Mapping[str, str] = {
    "due": "t.due_rank",
    "updated": "t.updated_at",
    "created": "t.created_at",
    "number": "CAST(t.number AS INTEGER)",
    "subject": "t.subject",
    "customer": "(SELECT value FROM personal p WHERE p.ticket = t.id AND p.key = 'name')",
    "store": "(SELECT name FROM unit u WHERE u.id = t.org)",
    "handler": "(SELECT name FROM person p WHERE p.id = t.assignee)",
    **{
        name: f"CASE t.{name} {' '.join(f'WHEN {value!r} THEN {at}' for at, value in enumerate(values))} END"
        for name, values in _RANKS.items()
    },
}
"""What a worklist can be sorted by."""


_INDEXED: Mapping[str, str] = {
    "due": "t.due_rank {way}, t.updated_at {back}",
    "updated": "t.updated_at {way}",
    "created": "t.id {way}",  # identifiers rise with the moment they were made
}


def worklist_ids(
    conn: Connection,
    worklist: str,
    person: str,
    now: Instant,
    *,
    filter: Conditions | None = None,
    sort: str = "due",
    descending: bool = False,
    search: str | None = None,
    group: str = "",
    days: Sequence[Instant] = (),
) -> list[str]:
    """The ids of a worklist in order. By deadline: late first, then time left, paused, unmeasured, resolved.

    Those of one `group` stand together, in the order of groups; `days` are the midnights to come, for `due_day`.
    """
    found = _narrowed(conn, worklist, person, now, filter, search)
    if found is None:
        return []
    text, parameters = found
    order = _order(sort, descending=descending, plain=text == "1" and not group)
    if group:
        key = groups.key_of(group, now, days, undated_from=PAUSED_RANK)
        order = f"{SORTS.get(group, key)}, {key}, {order}"
    # One long text is handed over far sooner than 100,000 short ones.
    ids = sql.value(
        conn,
        f"SELECT group_concat(id, ' ') FROM (SELECT t.id FROM ticket t WHERE {text} ORDER BY {order})",
        parameters,
    )
    return ids.split(" ") if ids else []


def worklist_groups(
    conn: Connection,
    worklist: str,
    person: str,
    now: Instant,
    group: str,
    *,
    filter: Conditions | None = None,
    search: str | None = None,
    days: Sequence[Instant] = (),
) -> list[groups.GroupCount]:
    """The groups of a worklist as `worklist_ids` orders them."""
    found = _narrowed(conn, worklist, person, now, filter, search)
    if found is None:
        return []
    key = groups.key_of(group, now, days, undated_from=PAUSED_RANK)
    return groups.counted(conn, *found, key, SORTS.get(group, key))


def _narrowed(
    conn: Connection, worklist: str, person: str, now: Instant, filter: Conditions | None, search: str | None
) -> tuple[str, list[Any]] | None:
    """What makes a ticket part of a worklist that is narrowed and searched; None where nothing can be."""
    text, parameters = _membership(conn, worklist, person, now)
    if filter is not None:
        clause, found = filters.where(conn, filter)
        text, parameters = f"{text} AND {clause}", [*parameters, *found]
    if search and search.strip():
        matched = phrase(search)
        if not matched:
            return None
        text += (
            " AND t.id IN (SELECT d.ticket FROM search JOIN search_doc d ON d.num = search.rowid "
            "WHERE search MATCH ?)"
        )
        parameters = [*parameters, matched]
    return text, parameters


def _order(sort: str, *, descending: bool, plain: bool) -> str:
    """The order of a worklist; one that holds everything is read in the order of an index."""
    way, back = ("DESC", "ASC") if descending else ("ASC", "DESC")
    if plain and sort in _INDEXED:
        return _INDEXED[sort].format(way=way, back=back)
    # The plus keeps a few tickets from being looked for in an index of all.
    return f"+{SORTS[sort]} {way}, t.id DESC"


def worklist_counts(conn: Connection, person: str, now: Instant) -> dict[str, int]:
    """How many tickets each worklist holds."""
    counts: dict[str, int] = {}
    for worklist in WORKLISTS:
        text, parameters = _membership(conn, worklist, person, now)
        counts[worklist] = int(sql.value(conn, f"SELECT count(*) FROM ticket t WHERE {text}", parameters))
    return counts


def view_count(conn: Connection, conditions: Conditions) -> int:
    """How many tickets a saved view holds."""
    text, parameters = filters.where(conn, conditions)
    return int(sql.value(conn, f"SELECT count(*) FROM ticket t WHERE {text}", parameters))


def values_held(conn: Connection, column: Literal["tier", "channel"]) -> list[str]:
    """What the tickets here have in a column, each once, in order."""
    return sql.column(conn, f"SELECT DISTINCT {column} FROM ticket WHERE {column} <> '' ORDER BY {column}")


_MINE: Mapping[str, str] = {
    "todo": f"t.my & {ASSIGNED | ASKED} AND t.is_open = 1",
    "to_transfer": f"t.my & {ASSIGNED} AND t.is_open = 1 AND (t.status = 'on_hold' OR t.my & {HELD_UP})",
    "transferred": f"t.my & {PASSED} AND NOT t.my & {ASSIGNED}",
    "done": f"t.my & {ACTED} AND t.status IN ('resolved', 'closed', 'pending')",
    "created": f"t.my & {CREATED}",
    "cc": f"t.my & {FOLLOWS}",
}


def _membership(conn: Connection, worklist: str, person: str, now: Instant) -> tuple[str, list[Any]]:
    """What makes a ticket part of a worklist."""
    if worklist in _MINE:
        return f"t.my <> 0 AND {_MINE[worklist]}", []
    if worklist == "unassigned":
        return _unassigned(conn, person)
    if worklist == "late":
        return "t.due_rank <= ?", [now]
    if worklist == "soon":
        return "t.due_rank > ? AND t.due_rank < ? AND t.soon_at <= ?", [now, PAUSED_RANK, now]
    if worklist == "all":
        return "1", []
    raise ValueError(worklist)


def _unassigned(conn: Connection, person: str) -> tuple[str, list[Any]]:
    """Nobody's, in one of the person's teams or in no team; all of them for somebody without a team."""
    base = "t.assignee IS NULL AND t.is_open = 1"
    teams = my_teams(conn, person)
    if not teams:
        return base, []
    return f"{base} AND (t.team IS NULL OR t.team IN (SELECT value FROM json_each(?)))", [sql.text(teams)]


def my_teams(conn: Connection, person: str) -> list[str]:
    """The teams a person belongs to."""
    return sql.column(
        conn,
        "SELECT id FROM config WHERE kind = 'team' AND latest = 1 AND deleted = 0 AND EXISTS ("
        "SELECT 1 FROM json_each(body, '$.members') m WHERE m.value = ?)",
        (person,),
    )
