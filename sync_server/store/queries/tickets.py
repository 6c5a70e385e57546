"""Reading tickets with their children by id."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from domain.entities.ticket import Entry, PersonalValue, Ticket
from sync_server.store import tables as t
from sync_server.store.rows import (
    ENTRY_COLUMNS,
    PERSONAL_COLUMNS,
    TICKET_COLUMNS,
    entry_of,
    personal_of,
    ticket_of,
)

Columns = Sequence[Any]

TICKET = [t.ticket.c[name] for name in TICKET_COLUMNS]
MARKED = [*TICKET, t.ticket.c.mark]
ENTRY = [t.entry.c[name] for name in ENTRY_COLUMNS]
PERSONAL = [t.personal.c[name] for name in PERSONAL_COLUMNS]


def ticket_rows(conn: Connection, ids: Iterable[str]) -> list[Row[Any]]:
    """The columns of tickets, in struct order, and their marks."""
    wanted = list(ids)
    return list(conn.execute(select(*MARKED).where(t.ticket.c.id.in_(wanted)))) if wanted else []


def lock_tickets(conn: Connection, ids: Iterable[str]) -> dict[str, Ticket]:
    """The tickets, locked in id order until the transaction ends."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query: Select[Any] = select(*TICKET).where(t.ticket.c.id.in_(wanted)).order_by(t.ticket.c.id)
    return {row[0]: ticket_of(row) for row in conn.execute(query.with_for_update())}


def entries_of(conn: Connection, ids: Iterable[str]) -> dict[str, list[Entry]]:
    """The whole timelines of tickets, in order."""
    found: dict[str, list[Entry]] = defaultdict(list)
    wanted = list(ids)
    if wanted:
        query = select(*ENTRY).where(t.entry.c.ticket.in_(wanted)).order_by(t.entry.c.at, t.entry.c.id)
        for row in conn.execute(query):
            found[row[1]].append(entry_of(row))
    return found


def personal_of_tickets(conn: Connection, ids: Iterable[str]) -> dict[str, dict[str, PersonalValue]]:
    """The personal values of tickets, by key."""
    found: dict[str, dict[str, PersonalValue]] = defaultdict(dict)
    wanted = list(ids)
    if wanted:
        for row in conn.execute(select(*PERSONAL).where(t.personal.c.ticket.in_(wanted))):
            found[row[0]][row[1]] = personal_of(row)
    return found


def child_rows(
    conn: Connection, since: Mapping[str, int]
) -> tuple[dict[str, list[Columns]], dict[str, list[Columns]]]:
    """Timeline rows and personal values, as columns, whose revision is above each ticket's `since`."""
    entries: dict[str, list[Columns]] = defaultdict(list)
    personal: dict[str, list[Columns]] = defaultdict(list)
    by_since: dict[int, list[str]] = defaultdict(list)
    for ticket, revision in since.items():
        by_since[revision].append(ticket)
    for revision, ids in by_since.items():
        newer = select(*ENTRY).where(t.entry.c.ticket.in_(ids))
        values = select(*PERSONAL).where(t.personal.c.ticket.in_(ids))
        if revision:
            newer = newer.where(t.entry.c.rev > revision)
            values = values.where(t.personal.c.rev > revision)
        for row in conn.execute(newer.order_by(t.entry.c.ticket, t.entry.c.at, t.entry.c.id)).all():
            entries[row[1]].append(row)
        for row in conn.execute(values.order_by(t.personal.c.ticket, t.personal.c.key)).all():
            personal[row[0]].append(row)
    return entries, personal
