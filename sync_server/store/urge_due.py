"""When the ladder of urging goes on by itself, one row for each ticket (RULES §8)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select

from domain.entities.base import Instant
from sync_server.store import tables as t
from sync_server.store.direct import Sql, WriteRows
from sync_server.store.unit_of_work import UnitOfWork

_DUE = WriteRows(t.urge_due, conflict="replaced")
_NONE = Sql("DELETE FROM urge_due WHERE ticket IN ?")


def write_urge_due(work: UnitOfWork, due: Mapping[str, Instant | None]) -> None:
    """Write when each ticket's next level is due; none: the ladder rests."""
    rests = [id for id, at in due.items() if at is None and work.before(id) is not None]
    if rests:
        work.first(_NONE, rests)
    rows = [{"ticket": id, "due_at": at} for id, at in due.items() if at is not None]
    if rows:
        work.later(_DUE, rows)


def urges_due(conn: Connection, *, now: Instant, limit: int) -> list[tuple[str, Instant]]:
    """The tickets whose next level is due, longest first, and since when."""
    c = t.urge_due.c
    query = select(c.ticket, c.due_at).where(c.due_at <= now).order_by(c.due_at, c.ticket).limit(limit)
    return [(row.ticket, row.due_at) for row in conn.execute(query)]


def forget_urges(conn: Connection, done: Sequence[tuple[str, Instant]]) -> None:
    """Take out rows that have been acted on, unless they were written anew since."""
    c = t.urge_due.c
    for ticket, at in done:
        conn.execute(delete(t.urge_due).where(c.ticket == ticket, c.due_at == at))
