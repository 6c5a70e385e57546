"""The last head of the feed this replica was told: sent with each request, so that a server gone back is noticed.

One request is under way at a time, and each was made under the head that the answer before it told. An answer to a
request made under another head is late or was read ahead: it is not taken in, and asked for again (SYNC §1).
"""

from sqlalchemy import Connection

from desktop.replica import meta
from domain.wire.sync import PushRequest

KEY = "seen"
LOST_PUSHES = "lost_pushes"
"""The number of the last push before the server was found to have gone back, perhaps without a new epoch."""


def seen(conn: Connection) -> str:
    """The head as a cursor; empty before the first contact and after the server was restored."""
    return meta.get(conn, KEY)


def follows(conn: Connection, asked: str) -> bool:
    """Whether a request that was made under this head is the latest one's."""
    return asked == seen(conn)


def is_of_another_past(conn: Connection, asked: PushRequest, told: str) -> bool:
    """Whether a push may have been answered before the server went back; `told` is the head in it, "" of an old one.

    A server refuses a head of another epoch, so what was asked under one was answered in that one. Where the epoch
    stayed, the pushes of before are known by their numbers.
    """
    if asked.push_no <= meta.number(conn, LOST_PUSHES) and asked.device == meta.get(conn, "device"):
        return True
    made_under = asked.seen or told
    return bool(made_under) and not follows(conn, asked.seen) and _epoch(made_under) != _epoch(seen(conn))


def _epoch(head: str) -> str:
    return head.partition(".")[0]


def take(conn: Connection, told: str) -> None:
    """Keep the head an answer told; a server of the version before tells none."""
    if told:
        meta.put(conn, KEY, told)


def forget(conn: Connection) -> None:
    """The server was restored: what was told before says nothing of it."""
    meta.put(conn, KEY, "")
