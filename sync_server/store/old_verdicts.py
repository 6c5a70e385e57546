"""Forgetting verdicts that nobody can ask for any more (SYNC §4)."""

from sqlalchemy import Connection, delete, select

from domain.entities.base import Instant
from sync_server.store import tables as t

SLICE = 500


def forget_verdicts(conn: Connection, *, before: Instant) -> int:
    """Delete some verdicts older than `before`; returns how many. The caller commits."""
    old = select(t.verdict.c.command).where(t.verdict.c.at < before).order_by(t.verdict.c.at).limit(SLICE)
    return conn.execute(delete(t.verdict).where(t.verdict.c.command.in_(old))).rowcount
