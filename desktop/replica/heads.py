"""The last head of the feed this replica was told: sent with each request, so that a server gone back is noticed.

One request is under way at a time, and each was made under the head that the answer before it told. An answer to a
request made under another head is late or was read ahead: it is not taken in, and asked for again (SYNC §1).
"""

from sqlalchemy import Connection

from desktop.replica import meta

KEY = "seen"


def seen(conn: Connection) -> str:
    """The head as a cursor; empty before the first contact and after the server was restored."""
    return meta.get(conn, KEY)


def follows(conn: Connection, asked: str) -> bool:
    """Whether a request that was made under this head is the latest one's."""
    return asked == seen(conn)


def is_of_another_past(conn: Connection, asked: str, told: str) -> bool:
    """Whether an answer was given before the server was restored; `told` is the head in it, "" of an old server.

    A server refuses a head of another epoch, so what was asked under one was answered in that one.
    """
    made_under = asked or told
    return bool(made_under) and not follows(conn, asked) and _epoch(made_under) != _epoch(seen(conn))


def _epoch(head: str) -> str:
    return head.partition(".")[0]


def take(conn: Connection, told: str) -> None:
    """Keep the head an answer told; a server of the version before tells none."""
    if told:
        meta.put(conn, KEY, told)


def forget(conn: Connection) -> None:
    """The server was restored: what was told before says nothing of it."""
    meta.put(conn, KEY, "")
