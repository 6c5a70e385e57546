"""Due steps of SLA clocks: claimed once by whichever worker comes first (RULES §3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from domain.entities.base import Entity, Instant
from domain.entities.ticket import Ticket
from sync_server.store import tables as t
from sync_server.store.direct import Rows, Sql, pipelined
from sync_server.store.rows import TICKET_COLUMNS, ticket_of
from sync_server.store.unit_of_work import UnitOfWork

_STEP = ("ticket", "metric", "cycle", "step", "due_at")
_NAMES, _TICKET = ", ".join(_STEP), ", ".join(f"k.{name}" for name in TICKET_COLUMNS)
_WHICH = "FROM sla_step WHERE fired_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?"
_FIRE = Sql(f"UPDATE sla_step SET fired_at = ? WHERE rowid IN (SELECT rowid {_WHICH}) RETURNING {_NAMES}")
_THEIRS = Sql(f"SELECT {_TICKET} FROM ticket k WHERE id IN ? [FOR UPDATE SKIP LOCKED]")
# Nobody can say beforehand how much is due: planned from statistics, all of it would be sorted for each slice.
_IN_ORDER, _ANY_WAY = Sql("SET LOCAL enable_sort = off"), Sql("SET LOCAL enable_sort = on")
# On PostgreSQL by themselves, by keys and addresses: joined, they are planned without knowing how many they are.
_LOCK_STEPS = Sql(f"SELECT {_NAMES}, ctid::text {_WHICH} FOR UPDATE SKIP LOCKED")
_FIRE_LOCKED = Sql("UPDATE sla_step SET fired_at = ? WHERE ctid = ANY(?::_tid)")


class ClaimedStep(Entity, gc=False):
    """A step that this transaction fires."""

    ticket: str
    metric: str
    cycle: int
    step: str
    due_at: Instant


Claimed = list[tuple[ClaimedStep, Ticket]]


def claim_due(work: UnitOfWork, *, limit: int) -> Claimed:
    """Lock what is due with its tickets, oldest first, and mark it fired at once.

    On PostgreSQL steps and tickets that another worker or a command holds are passed over, never waited for: the
    next turn comes to them. Whoever writes steps holds their ticket.
    """
    conn = work.conn
    alone = conn.dialect.name == "sqlite"
    rows = _FIRE.all(conn, work.at, work.at, limit) if alone else _locked(conn, work.at, limit)
    found = _THEIRS.all(conn, list({row[0] for row in rows})) if rows else []
    tickets = {row[0]: ticket_of(row) for row in found}
    held = [row for row in rows if row[0] in tickets]
    if held and not alone:
        _FIRE_LOCKED.run(conn, work.at, [row[len(_STEP)] for row in held])
    claimed = [(_step(row), tickets[row[0]]) for row in held]
    claimed.sort(key=lambda pair: (pair[0].due_at, pair[0].ticket))
    return claimed


def _locked(conn: Connection, at: Instant, limit: int) -> Rows:
    with pipelined(conn):
        _IN_ORDER.run(conn)
        asked = _LOCK_STEPS.sent(conn, at, limit)
        _ANY_WAY.run(conn)
    found: Rows = asked.fetchall()
    return found


def _step(row: Sequence[Any]) -> ClaimedStep:
    return ClaimedStep(ticket=row[0], metric=row[1], cycle=row[2], step=row[3], due_at=row[4])


def superiors(conn: Connection, people: Iterable[str]) -> Mapping[str, str]:
    """The superiors of people who have one."""
    query = select(t.person.c.id, t.person.c.superior)
    rows = conn.execute(query.where(t.person.c.id.in_(sorted(set(people))), t.person.c.superior != ""))
    return {row.id: row.superior for row in rows}


def resolved_before(conn: Connection, at: Instant, limit: int) -> Sequence[str]:
    """Tickets that have been resolved since before an instant and are not closed."""
    c = t.ticket.c
    query = select(c.id).where(c.status == "resolved", c.resolved_at <= at).order_by(c.resolved_at)
    return list(conn.execute(query.limit(limit)).scalars())
