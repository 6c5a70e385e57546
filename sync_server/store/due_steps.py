"""Due steps of SLA clocks: claimed once by whichever worker comes first (RULES §3)."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, update

from domain.entities.base import Entity, Instant
from domain.entities.ticket import Ticket
from sync_server.store import tables as t
from sync_server.store.queries.tickets import TICKET
from sync_server.store.rows import ticket_of


class ClaimedStep(Entity):
    """A step that this transaction fires."""

    ticket: str
    metric: str
    cycle: int
    step: int
    due_at: Instant


def claim_due(conn: Connection, *, now: Instant, limit: int) -> list[ClaimedStep]:
    """Lock what is due, oldest first, passing over what another worker holds, and mark it fired."""
    c = t.sla_step.c
    due = select(c.ticket, c.metric, c.cycle, c.step, c.due_at).where(c.fired_at.is_(None), c.due_at <= now)
    due = due.order_by(c.due_at, c.ticket).limit(limit).with_for_update(skip_locked=True)
    rows = list(conn.execute(due))
    if rows:
        one = (
            (c.ticket == bindparam("v_ticket"))
            & (c.metric == bindparam("v_metric"))
            & (c.cycle == bindparam("v_cycle"))
            & (c.step == bindparam("v_step"))
        )
        fired = update(t.sla_step).where(one).values(fired_at=now)
        conn.execute(
            fired,
            [
                {"v_ticket": row.ticket, "v_metric": row.metric, "v_cycle": row.cycle, "v_step": row.step}
                for row in rows
            ],
        )
    return [
        ClaimedStep(
            ticket=row.ticket, metric=row.metric, cycle=row.cycle, step=int(row.step), due_at=row.due_at
        )
        for row in rows
    ]


def tickets_by_id(conn: Connection, ids: Sequence[str]) -> dict[str, Ticket]:
    """Tickets as they stand, unlocked."""
    rows = conn.execute(select(*TICKET).where(t.ticket.c.id.in_(sorted(set(ids)))))
    return {row[0]: ticket_of(row) for row in rows}


def superiors(conn: Connection, people: Sequence[str]) -> dict[str, str]:
    """The superiors of people who have one."""
    query = select(t.person.c.id, t.person.c.superior)
    rows = conn.execute(query.where(t.person.c.id.in_(sorted(set(people))), t.person.c.superior != ""))
    return {row.id: row.superior for row in rows}


def resolved_before(conn: Connection, at: Instant, limit: int) -> list[str]:
    """Tickets that have been resolved since before an instant and are not closed."""
    c = t.ticket.c
    query = select(c.id).where(c.status == "resolved", c.resolved_at <= at).order_by(c.resolved_at)
    return list(conn.execute(query.limit(limit)).scalars())
