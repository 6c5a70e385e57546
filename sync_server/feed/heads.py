"""Head tokens: what a client was told last of the head, sent with each request, tells of a server gone back (SYNC §1).

A cursor alone is not enough. Rows carry their present revision, which may be newer than the cursor they came with; a
failover to a copy that lacks the last commits would give the same revisions to other content (decision 0009).
"""

from sqlalchemy import Connection, select

from domain.errors import RefusedError
from sync_server.feed import cursor as cursors
from sync_server.store import tables as t
from sync_server.store.unit_of_work import Feed, feed_head


def head_token(conn: Connection, feed: Feed | None = None) -> str:
    """The head of the feed as a cursor, for the `seen` of an answer."""
    feed = feed or feed_head(conn)
    return cursors.at(conn, feed, feed.seq).text()


def check_seen(conn: Connection, seen: str, feed: Feed | None = None) -> None:
    """Refuse (``epoch_changed``) a client that was told of a head this feed never had; none sent is fine.

    A head that was compacted away, or lies below the floor, was ours as far as anybody can tell.
    """
    if not seen:
        return
    feed = feed or feed_head(conn)
    told = cursors.parse(seen)
    if told.epoch != feed.epoch or told.seq > feed.seq:
        raise RefusedError("epoch_changed")
    nonce = conn.execute(select(t.change.c.nonce).where(t.change.c.seq == told.seq)).scalar()
    gone = nonce is None and told.seq <= max(feed.compacted_to, feed.floor)
    if told.seq and nonce != told.nonce and not gone:
        raise RefusedError("epoch_changed")
