"""Whether what is kept twice agrees: revisions, followers, grants and the tree, clocks, the database's own time."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, exists, func, select, text

from domain.entities.base import Instant
from domain.entities.ticket import OPEN_STATUSES, Entry, Ticket
from domain.wire.protocol import MARK_BITS
from sync_server.store import tables as t
from sync_server.store.queries.tickets import entries_of
from sync_server.store.rows import TICKET_COLUMNS, load_names, ticket_of

SLICE = 500


def revisions_ahead(conn: Connection) -> int:
    """Timeline rows and personal values that claim a later revision than their ticket, or have no ticket."""
    found = 0
    for table in (t.entry, t.personal):
        fits = exists().where(t.ticket.c.id == table.c.ticket, t.ticket.c.rev >= table.c.rev)
        found += int(conn.execute(select(func.count()).select_from(table).where(~fits)).scalar_one())
    return found


def marks_out_of_range(conn: Connection) -> int:
    """Tickets whose mark no digest could sum."""
    wrong = (t.ticket.c.mark < 0) | (t.ticket.c.mark >= 1 << MARK_BITS)
    return int(conn.execute(select(func.count()).select_from(t.ticket).where(wrong)).scalar_one())


def followers_apart(conn: Connection) -> int:
    """Tickets whose followers are not the rows that scope asks for."""
    kept: dict[str, set[str]] = {}
    for ticket, person in conn.execute(select(t.ticket_cc.c.ticket, t.ticket_cc.c.person)):
        kept.setdefault(ticket, set()).add(person)
    apart = 0
    for id, cc in conn.execute(select(t.ticket.c.id, t.ticket.c.cc).where(t.ticket.c.cc != "[]")):
        apart += set(load_names(cc)) != kept.pop(id, set())
    return apart + len(kept)


def tree_faults(conn: Connection) -> int:
    """Units without their parent, or outside its range of the preorder."""
    c = t.org_unit.c
    units = {row.id: row for row in conn.execute(select(c.id, c.parent, c.pos, c.end))}
    faults = len(units) - len({row.pos for row in units.values()})
    for row in units.values():
        above = units.get(row.parent)
        lost = bool(row.parent) and above is None
        outside = above is not None and not (above.pos < row.pos and row.end <= above.end)
        faults += row.end <= row.pos or lost or outside
    return faults


def idle_grants(conn: Connection) -> int:
    """Grants of people or over units that are not there."""
    person = exists().where(t.person.c.id == t.grant.c.person)
    unit = exists().where(t.org_unit.c.id == t.grant.c.unit)
    return int(conn.execute(select(func.count()).select_from(t.grant).where(~(person & unit))).scalar_one())


def open_tickets(conn: Connection, limit: int) -> Iterator[tuple[Ticket, list[Entry]]]:
    """The open tickets that changed last, with their timelines."""
    is_open = t.ticket.c.status.in_(sorted(OPEN_STATUSES))
    columns = [t.ticket.c[name] for name in TICKET_COLUMNS]
    query = select(*columns).where(is_open).order_by(t.ticket.c.updated_at.desc()).limit(limit)
    rows = list(conn.execute(query))
    for begin in range(0, len(rows), SLICE):
        tickets = [ticket_of(row) for row in rows[begin : begin + SLICE]]
        timelines = entries_of(conn, {ticket.id for ticket in tickets})
        for ticket in tickets:
            yield ticket, timelines.get(ticket.id, [])


def quarantined(conn: Connection, since: Instant) -> int:
    """Commands that made the server itself fail, and were rejected unread."""
    faults = (t.verdict.c.code == "server_fault") & (t.verdict.c.at >= since)
    return int(conn.execute(select(func.count()).select_from(t.verdict).where(faults)).scalar_one())


def clock_apart_ms(conn: Connection, now: Instant) -> int:
    """How far the database's clock is ahead of this machine's; SQLite has none of its own."""
    if conn.dialect.name != "postgresql":
        return 0
    told: Any = conn.execute(text("SELECT extract(epoch FROM clock_timestamp()) * 1000")).scalar_one()
    return int(told) - now
