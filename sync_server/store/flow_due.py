"""What is due at the nodes of flows: written with each change, claimed by whichever worker comes first (RULES §3)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select, tuple_, update

from domain.entities.base import Entity, Instant
from domain.rules.flow_clocks import Due
from sync_server.store import tables as t
from sync_server.store.direct import Sql, WriteRows
from sync_server.store.unit_of_work import UnitOfWork

_ROWS = WriteRows(t.flow_due, conflict="replaced")
_NONE = Sql("DELETE FROM flow_due WHERE ticket IN ?")


class ClaimedDue(Entity):
    """One thing that this worker does now."""

    ticket: str
    node: str
    visit: int
    act: str
    due_at: Instant


def write_flow_due(work: UnitOfWork, due: Mapping[str, Sequence[Due]]) -> None:
    """Replace what is due for tickets; what was done is gone with it."""
    known = [id for id in due if work.before(id) is not None]
    if known:
        work.first(_NONE, known)
    rows = [
        {"ticket": id, "node": one.node, "visit": one.visit, "act": one.act, "due_at": one.at, "claimed_until": 0}
        for id, many in due.items()
        for one in many
    ]  # fmt: skip
    if rows:
        work.later(_ROWS, rows)


def claim_flow_due(conn: Connection, *, now: Instant, until: Instant, limit: int) -> list[ClaimedDue]:
    """Take what is due, oldest first, passing over what another worker has; it is this one's until an instant."""
    c = t.flow_due.c
    query = select(c.ticket, c.node, c.visit, c.act, c.due_at).where(c.due_at <= now, c.claimed_until <= now)
    rows = conn.execute(
        query.order_by(c.due_at, c.ticket).limit(limit).with_for_update(skip_locked=True)
    ).all()
    if rows:
        keys = [(row.ticket, row.node, row.visit, row.act) for row in rows]
        mine = tuple_(c.ticket, c.node, c.visit, c.act).in_(keys)
        conn.execute(update(t.flow_due).where(mine).values(claimed_until=until))
    return [
        ClaimedDue(ticket=row.ticket, node=row.node, visit=row.visit, act=row.act, due_at=row.due_at)
        for row in rows
    ]


def statuses(conn: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The statuses of tickets as they are stored."""
    rows = conn.execute(select(t.ticket.c.id, t.ticket.c.status).where(t.ticket.c.id.in_(sorted(set(ids)))))
    return {row.id: row.status for row in rows}
