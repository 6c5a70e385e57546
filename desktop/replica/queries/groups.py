"""Tickets that stand together in a list: by what, in which order, and how many of each."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant

UNDATED = 99
"""The key of tickets without a deadline that runs; 0 are late, 1 due today, 2 tomorrow and so on."""

_KEYS: Mapping[str, str] = {
    "store": "t.org",
    "handler": "t.assignee",
    "status": "t.status",
    "priority": "t.priority",
}


class GroupCount(Entity):
    """One group of a list: the unit, person, status, priority or day that its tickets have in common ("" for none)."""

    key: str
    count: int


def key_of(group: str, now: Instant, days: Sequence[Instant], *, undated_from: int) -> str:
    """What the tickets of one group have in common, as an expression; `days` are the midnights to come.

    A `due_rank` from `undated_from` on is of a ticket without a deadline that runs.
    """
    if group != "due_day":
        return _KEYS[group]
    ends = " ".join(f"WHEN t.due_rank < {int(end)} THEN {place + 1}" for place, end in enumerate(days))
    return (
        f"CASE WHEN t.due_rank >= {undated_from} THEN {UNDATED} WHEN t.due_rank <= {int(now)} THEN 0 "
        f"{ends} ELSE {len(days) + 1} END"
    )


def counted(
    conn: Connection, text: str, parameters: Sequence[object], key: str, order: str
) -> list[GroupCount]:
    """How many tickets each group of a list holds, in the order in which they stand there."""
    found = sql.rows(
        conn,
        f"SELECT {key}, count(*) FROM ticket t WHERE {text} GROUP BY 1 ORDER BY min({order}), 1",
        parameters,
    )
    return [GroupCount(key="" if one is None else str(one), count=count) for one, count in found]
