"""Which change of the configuration the deadlines of open tickets were last worked out by, and those tickets."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from domain.entities.ticket import OPEN_STATUSES, Entry, Ticket
from sync_server.store import tables as t
from sync_server.store.configuration_changes import changes_after
from sync_server.store.organisation import counter_value
from sync_server.store.queries.tickets import TICKET, entries_of
from sync_server.store.rows import ticket_of
from sync_server.store.upsert import upsert

MEASURED = "sla_measured"
_MATTERS = frozenset({"policy", "calendar", "gate"})


def to_measure(conn: Connection) -> int:
    """The number of the configuration by which deadlines have yet to be worked out; 0 where all are up to date."""
    number = counter_value(conn, "config")
    later = changes_after(conn, counter_value(conn, MEASURED))
    return number if any(row.kind in _MATTERS for change in later for row in change.rows) else 0


def set_measured(conn: Connection, number: int) -> None:
    """Note that every open ticket has been gone through by that number."""
    conn.execute(upsert(conn, t.counter), [{"name": MEASURED, "value": number}])


def open_after(conn: Connection, after: str, limit: int) -> list[str]:
    """Open tickets in the order of their ids."""
    c = t.ticket.c
    query = select(c.id).where(c.status.in_(sorted(OPEN_STATUSES)), c.id > after).order_by(c.id)
    return list(conn.execute(query.limit(limit)).scalars())


def open_with_timelines(conn: Connection, slice_: int) -> Iterator[tuple[Ticket, Sequence[Entry]]]:
    """Every open ticket with its timeline, a slice at a time."""
    after = ""
    while ids := open_after(conn, after, slice_):
        timelines: Mapping[str, Sequence[Entry]] = entries_of(conn, ids)
        for row in conn.execute(select(*TICKET).where(t.ticket.c.id.in_(ids))):
            yield ticket_of(row), timelines.get(row[0], ())
        after = ids[-1]
