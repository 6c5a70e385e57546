"""Letting go of tickets closed before `keep_since`: they are found by search on the server (SYNC §6)."""

from sqlalchemy import Connection

from desktop.replica import meta, purge, sql
from desktop.replica.changed import Changed, Moves
from domain.entities.base import Instant

SLICE = 200
"""Tickets purged in one transaction: the window's thread never waits long for the writer."""

# Whatever of the person still stands on a ticket keeps it: commands, the server's copy under them, open questions.
_OLD = (
    "SELECT id FROM ticket t WHERE closed_at < ? "
    "AND NOT EXISTS (SELECT 1 FROM base b WHERE b.ticket = t.id) "
    "AND NOT EXISTS (SELECT 1 FROM command c WHERE c.ticket = t.id "
    "AND c.state IN ('pending', 'sent', 'acked', 'again')) "
    "AND NOT EXISTS (SELECT 1 FROM attention a WHERE a.ticket = t.id AND a.settled_at IS NULL) "
    "ORDER BY id LIMIT ?"
)


def purge_slice(conn: Connection, now: Instant, *, most: int = SLICE) -> Changed:
    """Purge some of what was closed before the server's `keep_since`; nothing moves where none is left."""
    keep_since = meta.number(conn, "keep_since")
    if not keep_since:
        return Changed()
    moves = Moves()
    purge.leave(conn, sql.column(conn, _OLD, (keep_since, most)), moves, now)
    return moves.changed()
