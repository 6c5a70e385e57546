"""Which tickets desktops keep: those open, and those closed since `keep_since` (SYNC §6)."""

from sqlalchemy import ColumnElement, Connection, or_, update

from domain.entities.base import Instant
from sync_server.store import tables as t


def kept(keep_since: Instant) -> ColumnElement[bool]:
    """Rows of `ticket` that desktops keep; the others are found by search on the server."""
    return or_(t.ticket.c.closed_at.is_(None), t.ticket.c.closed_at >= keep_since)


def raise_keep_since(conn: Connection, since: Instant) -> int:
    """Let desktops forget what was closed before; never goes back. Returns 1 where it moved; the caller commits."""
    raised = update(t.feed_head).where(t.feed_head.c.keep_since < since).values(keep_since=since)
    return conn.execute(raised).rowcount
