"""Head tokens: what a client was told last of the head, sent with each request, tells of a server gone back (SYNC §1).

A cursor alone is not enough. Rows carry their present revision, which may be newer than the cursor they came with; a
failover to a copy that lacks the last commits would give the same revisions to other content (decision 0009).
"""

from collections.abc import Callable

from sqlalchemy import Connection

from domain.errors import RefusedError
from sync_server.feed import cursor as cursors
from sync_server.store.direct import Sql
from sync_server.store.feed_writer import Head
from sync_server.store.unit_of_work import Feed, feed_head


def head_token(conn: Connection, feed: Feed | None = None) -> str:
    """The head of the feed as a cursor, for the `seen` of an answer."""
    feed = feed or feed_head(conn)
    return cursors.at(conn, feed, feed.seq).text()


_SEEN = Sql(
    "SELECT f.epoch, f.seq, f.floor, f.compacted_to, (SELECT nonce FROM change WHERE seq = ?) FROM feed_head f"
)


def token(head: Head) -> str:
    """The head after a commit as a cursor."""
    return cursors.Cursor(epoch=head.epoch, seq=head.row, nonce=head.nonce).text()


def ask_seen(conn: Connection, seen: str) -> Callable[[], str]:
    """Ask, as one part of a pipeline, whether a client was told of a head this feed had; see `check_seen`.

    When called it gives the feed's epoch, or raises RefusedError (``epoch_changed``).
    """
    told = cursors.parse(seen) if seen else None
    asked = _SEEN.sent(conn, told.seq if told else 0)

    def take() -> str:
        epoch, seq, floor, compacted_to, nonce = asked.fetchone()
        if told is not None:
            _check(told, nonce, Feed(epoch=epoch, seq=seq, floor=floor, compacted_to=compacted_to))
        return str(epoch)

    return take


def check_seen(conn: Connection, seen: str, feed: Feed | None = None) -> None:
    """Refuse (``epoch_changed``) a client that was told of a head this feed never had; none sent is fine.

    A head that was compacted away, or lies below the floor, was ours as far as anybody can tell.
    """
    if not seen:
        return
    feed = feed or feed_head(conn)
    told = cursors.parse(seen)
    _check(told, cursors.nonce_of(conn, told.seq), feed)


def _check(told: cursors.Cursor, nonce: str | None, feed: Feed) -> None:
    if told.epoch != feed.epoch or told.seq > feed.seq:
        raise RefusedError("epoch_changed")
    gone = nonce is None and told.seq <= max(feed.compacted_to, feed.floor)
    if told.seq and nonce != told.nonce and not gone:
        raise RefusedError("epoch_changed")
