"""How the replica stands to the server."""

from sqlalchemy import Connection

from desktop.replica import backfill, meta, sql
from desktop.replica.standing import standing
from domain.entities.base import Entity, Instant


class SyncStanding(Entity):
    """What waits and how far the first sync is."""

    unsent: int
    oldest_unsent_at: Instant | None
    attention: int
    notices: int
    verified_at: Instant  # when the feed was last read to its end, by the server's clock; 0: never
    cursor: str
    behind: int  # changes of the feed not read yet, as of the last page
    filling: bool
    phase: str  # config, mine, open, rest; empty when all is filled
    ranges: int
    ranges_done: int
    wanted: int
    not_indexed: int
    tickets: int


_PHASES = ("config", "mine", "open", "rest")


def sync_state(conn: Connection) -> SyncStanding:
    """The figures of the status bar and of the first sync."""
    counts = standing(conn)
    position = sql.value(conn, "SELECT min(position) FROM backfill WHERE done = 0")
    return SyncStanding(
        unsent=counts.unsent,
        oldest_unsent_at=sql.value(
            conn, "SELECT min(made_at) FROM command WHERE state IN ('pending', 'sent')"
        ),
        attention=counts.attention,
        notices=int(sql.value(conn, "SELECT count(*) FROM notice WHERE seen_at IS NULL")),
        verified_at=meta.number(conn, "verified_at"),
        cursor=meta.cursor(conn),
        behind=max(0, meta.number(conn, "head") - meta.cursor_seq(conn)),
        filling=backfill.following(conn) is not None,
        phase="" if position is None else _PHASES[position],
        ranges=counts.ranges,
        ranges_done=counts.ranges_done,
        wanted=int(sql.value(conn, "SELECT count(*) FROM wanted")),
        not_indexed=int(sql.value(conn, "SELECT count(*) FROM ticket WHERE indexed = 0")),
        tickets=int(sql.value(conn, "SELECT count(*) FROM ticket")),
    )
