"""Reading tickets with their children by id."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from domain.entities.ticket import Entry, PersonalValue, Ticket
from sync_server.store import tables as t
from sync_server.store.direct import Sql
from sync_server.store.rows import (
    ENTRY_COLUMNS,
    PERSONAL_COLUMNS,
    TICKET_COLUMNS,
    entry_of,
    personal_of,
    ticket_of,
)

Columns = Sequence[Any]
_BLOCK = 500

TICKET = [t.ticket.c[name] for name in TICKET_COLUMNS]
MARKED = select(*TICKET, t.ticket.c.mark)
ENTRY = [t.entry.c[name] for name in ENTRY_COLUMNS]
PERSONAL = [t.personal.c[name] for name in PERSONAL_COLUMNS]

_LOCK = Sql(f"SELECT {', '.join(TICKET_COLUMNS)} FROM ticket WHERE id IN ? ORDER BY id [FOR UPDATE]")
_LOCK_FREE = Sql(
    f"SELECT {', '.join(TICKET_COLUMNS)} FROM ticket WHERE id IN ? ORDER BY id [FOR UPDATE SKIP LOCKED]"
)
_TIMELINES = Sql(f"SELECT {', '.join(ENTRY_COLUMNS)} FROM entry WHERE ticket IN ? ORDER BY at, id")
_PERSONAL = Sql(f"SELECT {', '.join(PERSONAL_COLUMNS)} FROM personal WHERE ticket IN ?")
_MARKED = Sql(f"SELECT {', '.join(TICKET_COLUMNS)}, mark FROM ticket WHERE id IN ?")
_NEWER_ENTRIES = Sql(
    f"SELECT {', '.join(ENTRY_COLUMNS)} FROM entry WHERE ticket IN ? AND rev > ? ORDER BY ticket, at, id"
)
_NEWER_PERSONAL = Sql(
    f"SELECT {', '.join(PERSONAL_COLUMNS)} FROM personal WHERE ticket IN ? AND rev > ? ORDER BY ticket, key"
)


def ticket_rows(conn: Connection, ids: Iterable[str]) -> list[Columns]:
    """The columns of tickets, in struct order, and their marks."""
    wanted = list(ids)
    return list(_MARKED.all(conn, wanted)) if wanted else []


def not_closed(conn: Connection) -> Iterator[Ticket]:
    """Every ticket that is not closed, the newest first, read in blocks."""
    after: str | None = None
    while True:
        query = select(*TICKET).where(t.ticket.c.status != "closed").order_by(t.ticket.c.id.desc())
        rows = conn.execute(
            (query if after is None else query.where(t.ticket.c.id < after)).limit(_BLOCK)
        ).all()
        yield from map(ticket_of, rows)
        if len(rows) < _BLOCK:
            return
        after = rows[-1][0]


Locked = tuple[dict[str, Ticket], dict[str, list[Entry]], dict[str, dict[str, PersonalValue]]]


def ask_locked(conn: Connection, ids: Iterable[str], *, waiting: bool = True) -> Callable[[], Locked]:
    """Ask for tickets, locked in id order until the transaction ends, and for their timelines and personal values.

    Without `waiting` those that another transaction holds are left out.

    The answers are taken when called, so that all of it may be part of a pipeline; what is asked for later sees
    what the locks waited for.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return lambda: ({}, {}, {})
    lock = _LOCK if waiting else _LOCK_FREE
    asked = [one.sent(conn, wanted) for one in (lock, _TIMELINES, _PERSONAL)]

    def take() -> Locked:
        tickets, entries, personal = (one.fetchall() for one in asked)
        return {row[0]: ticket_of(row) for row in tickets}, _timelines(entries), _by_key(personal)

    return take


def entries_of(conn: Connection, ids: Iterable[str]) -> dict[str, list[Entry]]:
    """The whole timelines of tickets, in order."""
    wanted = list(ids)
    return _timelines(_TIMELINES.all(conn, wanted)) if wanted else {}


def _timelines(rows: Iterable[Columns]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for row in rows:
        found[row[1]].append(entry_of(row))
    return found


def _by_key(rows: Iterable[Columns]) -> dict[str, dict[str, PersonalValue]]:
    found: dict[str, dict[str, PersonalValue]] = defaultdict(dict)
    for row in rows:
        found[row[0]][row[1]] = personal_of(row)
    return found


def child_rows(
    conn: Connection, since: Mapping[str, int]
) -> tuple[dict[str, list[Columns]], dict[str, list[Columns]]]:
    """Timeline rows and personal values, as plain columns, whose revision is above each ticket's `since`."""
    entries: dict[str, list[Columns]] = defaultdict(list)
    personal: dict[str, list[Columns]] = defaultdict(list)
    by_since: dict[int, list[str]] = defaultdict(list)
    for ticket, revision in since.items():
        by_since[revision].append(ticket)
    for revision, ids in by_since.items():
        for row in _NEWER_ENTRIES.all(conn, ids, revision):
            entries[row[1]].append(row)
        for row in _NEWER_PERSONAL.all(conn, ids, revision):
            personal[row[0]].append(row)
    return entries, personal
