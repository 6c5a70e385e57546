"""The opaque cursor `epoch.seq.nonce`: a server that went back in time is noticed (SYNC §1)."""

from sqlalchemy import Connection

from domain.entities.base import Entity
from domain.errors import InvalidInputError, RefusedError
from sync_server.store.direct import Sql
from sync_server.store.unit_of_work import Feed

START = "0"
_AT = Sql("SELECT seq, nonce FROM change WHERE seq <= ? ORDER BY seq DESC LIMIT 1")
_HEAD = Sql(
    "SELECT f.epoch, f.seq, f.floor, f.compacted_to, f.keep_since, c.seq, c.nonce FROM feed_head f"
    " LEFT JOIN change c ON c.seq = (SELECT MAX(seq) FROM change) WHERE f.id = 1"
)
_NONCE = Sql("SELECT nonce FROM change WHERE seq = ?")


class Cursor(Entity):
    """A position in the feed of one epoch; `seq` 0 is before the first change."""

    epoch: str
    seq: int
    nonce: str

    def text(self) -> str:
        """The cursor as clients hold it."""
        return f"{self.epoch}.{self.seq}.{self.nonce}"


def parse(text: str) -> Cursor:
    """Read a client's cursor; raise InvalidInputError (``bad_cursor``) where it isn't one of ours."""
    epoch, _, rest = text.partition(".")
    seq, _, nonce = rest.partition(".")
    if not (epoch and nonce and seq.isascii() and seq.isdigit() and len(seq) < 19):
        raise InvalidInputError("bad_cursor")
    return Cursor(epoch=epoch, seq=int(seq), nonce=nonce)


def head(conn: Connection) -> tuple[Feed, Cursor]:
    """The head of the feed as this transaction sees it, and the cursor there, as `at` gives it."""
    ((epoch, seq, floor, compacted_to, keep_since, row, nonce),) = _HEAD.all(conn)
    feed = Feed(epoch=epoch, seq=seq, floor=floor, compacted_to=compacted_to, keep_since=keep_since)
    newest = (seq, START) if row is None else (row, nonce)
    return feed, Cursor(epoch=epoch, seq=newest[0], nonce=newest[1])


def at(conn: Connection, feed: Feed, seq: int) -> Cursor:
    """The cursor of a seq, or of the row before it where that one was compacted away: between them lies nothing."""
    rows = _AT.all(conn, seq)
    found, nonce = rows[0] if rows else (seq, START)
    return Cursor(epoch=feed.epoch, seq=found, nonce=nonce)


def nonce_of(conn: Connection, seq: int) -> str | None:
    """The nonce of a row of the feed; none where it was compacted away, or never was."""
    rows = _NONCE.all(conn, seq)
    return str(rows[0][0]) if rows else None


def verify(conn: Connection, feed: Feed, cursor: Cursor) -> None:
    """Refuse a cursor this feed never gave (``epoch_changed``) or gave too long ago (``cursor_expired``).

    One whose row was compacted away can't be told from another past's: it has expired, too (SYNC §6).
    """
    if cursor.epoch != feed.epoch or cursor.seq > feed.seq:
        raise RefusedError("epoch_changed")
    if cursor.seq < feed.floor:
        raise RefusedError("cursor_expired")
    if not cursor.seq:
        return
    nonce = nonce_of(conn, cursor.seq)
    if nonce is None and cursor.seq <= max(feed.compacted_to, feed.floor):
        raise RefusedError("cursor_expired")
    if nonce != cursor.nonce:
        raise RefusedError("epoch_changed")
