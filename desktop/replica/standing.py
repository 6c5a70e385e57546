"""How the replica stands: what waits to be sent, needs attention, is still to be fetched or filled."""

from sqlalchemy import Connection

from desktop.replica import backfill, sql
from desktop.replica.outbox import SENDABLE
from domain.entities.base import Entity


class Standing(Entity):
    """Counts for the status bar; ranges only while some are still to be filled."""

    unsent: int = 0
    attention: int = 0
    ranges: int = 0
    ranges_done: int = 0
    held: bool = False  # the rest waits until the person has it go on


def standing(conn: Connection) -> Standing:
    """Count everything; each figure comes from an index."""
    columns = sql.row(
        conn,
        "SELECT (SELECT count(*) FROM command WHERE state IN ('pending', 'sent')), "
        "(SELECT count(*) FROM attention WHERE settled_at IS NULL), "
        "(SELECT count(*) FROM backfill), (SELECT count(*) FROM backfill WHERE done = 1)",
    )
    unsent, attention, ranges, done = columns or (0, 0, 0, 0)
    held = done < ranges and backfill.is_held(conn)
    return Standing(unsent=unsent, attention=attention, ranges=ranges, ranges_done=done, held=held)


def tickets_held(conn: Connection) -> int:
    """How many tickets the replica holds."""
    return int(sql.value(conn, "SELECT count(*) FROM ticket"))


def wanted(conn: Connection, limit: int) -> tuple[str, ...]:
    """Tickets to be fetched whole."""
    return tuple(sql.column(conn, "SELECT ticket FROM wanted ORDER BY ticket LIMIT ?", (limit,)))


def is_anything_to_send(conn: Connection) -> bool:
    """Whether a push would have something in it."""
    waits = "c.aside = 1 AND c.state IN ('pending', 'sent')"
    found = sql.value(conn, f"SELECT 1 FROM command c WHERE {waits} OR {SENDABLE} LIMIT 1")
    return found is not None
