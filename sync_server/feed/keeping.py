"""Which tickets desktops keep: those open, and those closed since `keep_since` (SYNC §6)."""

from sqlalchemy import ColumnElement, or_

from domain.entities.base import Instant
from sync_server.store import tables as t


def kept(keep_since: Instant) -> ColumnElement[bool]:
    """Rows of `ticket` that desktops keep; the others are found by search on the server."""
    return or_(t.ticket.c.closed_at.is_(None), t.ticket.c.closed_at >= keep_since)
