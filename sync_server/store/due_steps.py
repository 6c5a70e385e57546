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
_HELD = "k.status, k.assignee, k.number, k.rev, k.due_at"
_OPEN = "fired_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?"
_TICKETS = Sql(f"SELECT {', '.join(TICKET_COLUMNS)} FROM ticket WHERE id IN ?")
# On SQLite nobody else writes in between; CROSS JOIN keeps to this order.
_DUE = Sql(
    f"SELECT s.rowid, {', '.join(f's.{name}' for name in _STEP)}, {_HELD}"
    f" FROM sla_step s CROSS JOIN ticket k ON k.id = s.ticket WHERE s.{_OPEN.replace('due_at', 's.due_at')}"
)
_FIRE = Sql("UPDATE sla_step SET fired_at = ? WHERE rowid IN ?")
# Nobody can say beforehand how much is due: planned from statistics, all of it would be sorted for each slice.
_IN_ORDER, _ANY_WAY = Sql("SET LOCAL enable_sort = off"), Sql("SET LOCAL enable_sort = on")
# On PostgreSQL by themselves, by keys and addresses: joined, they are planned without knowing how many they are.
_LOCK_STEPS = Sql(f"SELECT ctid::text, {', '.join(_STEP)} FROM sla_step WHERE {_OPEN} FOR UPDATE SKIP LOCKED")
_LOCK_THEIRS = Sql(f"SELECT k.id, {_HELD} FROM ticket k WHERE id IN ? FOR UPDATE SKIP LOCKED")
_FIRE_LOCKED = Sql("UPDATE sla_step SET fired_at = ? WHERE ctid = ANY(?::_tid)")


class ClaimedStep(Entity, gc=False):
    """A step that this transaction fires, with what most steps need to know of its ticket."""

    ticket: str
    metric: str
    cycle: int
    step: str
    due_at: Instant
    status: str = "new"
    assignee: str | None = None
    number: str | None = None
    rev: int = 0
    deadline_at: Instant | None = None


def claim_due(work: UnitOfWork, *, limit: int) -> list[ClaimedStep]:
    """Lock what is due with its tickets, oldest first, and mark it fired at once.

    On PostgreSQL steps and tickets that another worker or a command holds are passed over, never waited for: the
    next turn comes to them. Whoever writes steps holds their ticket.
    """
    conn = work.conn
    alone = conn.dialect.name == "sqlite"
    rows = _DUE.all(conn, work.at, limit) if alone else _locked(conn, work.at, limit)
    if rows:
        (_FIRE if alone else _FIRE_LOCKED).run(conn, work.at, [row[0] for row in rows])
    claimed = [_claimed(row) for row in rows]
    claimed.sort(key=lambda one: (one.due_at, one.ticket))
    return claimed


def _locked(conn: Connection, at: Instant, limit: int) -> Rows:
    """Steps with what `_HELD` names of their tickets, both locked."""
    with pipelined(conn):
        _IN_ORDER.run(conn)
        asked = _LOCK_STEPS.sent(conn, at, limit)
        _ANY_WAY.run(conn)
    steps: Rows = asked.fetchall()
    theirs = _LOCK_THEIRS.all(conn, list({row[1] for row in steps})) if steps else []
    held = {row[0]: row[1:] for row in theirs}
    return [(*row, *held[row[1]]) for row in steps if row[1] in held]


def _claimed(row: Sequence[Any]) -> ClaimedStep:
    return ClaimedStep(
        ticket=row[1],
        metric=row[2],
        cycle=row[3],
        step=row[4],
        due_at=row[5],
        status=row[6],
        assignee=row[7],
        number=row[8],
        rev=row[9],
        deadline_at=row[10],
    )


def tickets_of(conn: Connection, ids: Iterable[str]) -> Mapping[str, Ticket]:
    """Whole tickets by their ids, of steps that were claimed."""
    wanted = sorted(set(ids))
    return {row[0]: ticket_of(row) for row in _TICKETS.all(conn, wanted)} if wanted else {}


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
