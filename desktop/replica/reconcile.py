"""Catching up where the feed can't: take its head, compare digests, fetch what differs (SYNC §6).

For a replica whose cursor has expired. Everything held stays and keeps its revision: a delta from the head on fits
only where nothing was missed. After a restored server that is not so, the same revision may be another content there;
desktop.replica.apply.begin_anew is for that.
"""

from sqlalchemy import Connection

from desktop.replica import backfill, integrity, meta
from desktop.replica.changed import Changed
from domain.wire.sync import Range


def begin(conn: Connection) -> Changed:
    """Have the next pull take the head and the scope; only configuration is filled again, the rest is compared."""
    meta.put(conn, "cursor", "")
    meta.put(conn, "reconciling", 1)
    backfill.queue(conn, [Range(kind="config")])
    integrity.begin(conn, "reconcile")
    return Changed(kinds=frozenset({"sync"}))


def arrived(conn: Connection) -> None:
    """The head and the scope have come."""
    meta.put(conn, "reconciling", 0)
