"""Due steps of SLA clocks: claimed once by whichever worker comes first (RULES §3)."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from domain.entities.base import Entity, Instant
from domain.entities.ticket import Ticket
from sync_server.store import tables as t
from sync_server.store.direct import ReplaceRows, Sql
from sync_server.store.rows import TICKET_COLUMNS, ticket_of
from sync_server.store.unit_of_work import UnitOfWork

_STEP = ("ticket", "metric", "cycle", "step", "due_at")
_DUE = Sql(
    f"WITH due AS [MATERIALIZED] (SELECT {', '.join(_STEP)} FROM sla_step"
    " WHERE fired_at IS NULL AND due_at <= ? ORDER BY due_at, ticket LIMIT ? [FOR UPDATE SKIP LOCKED])"
    f" SELECT {', '.join(f'due.{name}' for name in _STEP)}, {', '.join(f'k.{name}' for name in TICKET_COLUMNS)}"
    " FROM due JOIN ticket k ON k.id = due.ticket [FOR UPDATE OF k SKIP LOCKED]"
)
_FIRED = ReplaceRows(t.sla_step)


class ClaimedStep(Entity, gc=False):
    """A step that this transaction fires."""

    ticket: str
    metric: str
    cycle: int
    step: str
    due_at: Instant


def claim_due(work: UnitOfWork, *, limit: int) -> list[tuple[ClaimedStep, Ticket]]:
    """Lock what is due with its tickets, oldest first, and mark it fired with the transaction.

    Steps and tickets that another worker or a command holds are passed over, never waited for: the next turn
    comes to them. Whoever writes steps holds their ticket.
    """
    claimed = [
        (ClaimedStep(**dict(zip(_STEP, row, strict=False))), ticket_of(row[len(_STEP) :]))
        for row in _DUE.all(work.conn, work.at, limit)
    ]
    claimed.sort(key=lambda pair: (pair[0].due_at, pair[0].ticket))
    # At once: what follows in this transaction writes anew the steps that have not fired.
    _FIRED.run(work.conn, [_fired(step, work.at) for step, _ in claimed])
    return claimed


def _fired(step: ClaimedStep, at: Instant) -> dict[str, object]:
    return {**{name: getattr(step, name) for name in _STEP}, "fired_at": at}


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
