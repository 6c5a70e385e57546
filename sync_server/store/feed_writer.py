"""The end of every writing transaction: the counter, the change rows, the verdicts, in this order (SYNC §1).

The counter's row lock is held from here until the commit is visible, so it is taken last and what follows is
short: on PostgreSQL one statement, sent together with the commit.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Table

from domain.entities.base import Entity
from sync_server.store import tables as t
from sync_server.store.direct import Sql, WriteRows, recordset, rows_text

CHANNEL = "gongdan_feed"
"""What PostgreSQL's listeners of the feed listen to."""


class Head(Entity):
    """The head of the feed, with its newest change row: that of the head, unless it was compacted away."""

    epoch: str
    seq: int
    row: int
    nonce: str


_CHANGES, _VERDICTS = WriteRows(t.change), WriteRows(t.verdict)
_TAKE = Sql("UPDATE feed_head SET seq = seq + ? WHERE id = 1 RETURNING epoch, seq")
_NEWEST = (
    "SELECT f.epoch, f.seq, COALESCE(c.seq, f.seq), COALESCE(c.nonce, '0') FROM feed_head f"
    " LEFT JOIN (SELECT seq, nonce FROM change ORDER BY seq DESC LIMIT 1) c ON TRUE WHERE f.id = 1"
)
_LOOK = Sql(_NEWEST)


def _insert(table: Table, seq: str) -> str:
    """Insert rows out of JSON whose `seq` is only known by the statement's `head`."""
    names = [column.name for column in table.c]
    columns = ", ".join(f'"{name}"' for name in names)
    taken = ", ".join(seq if name == "seq" else f'r."{name}"' for name in names)
    return f"INSERT INTO {table.name} ({columns}) SELECT {taken} FROM head, {recordset(table, '?')}"


_FED = Sql(
    "WITH head AS (UPDATE feed_head SET seq = seq + ? WHERE id = 1 RETURNING epoch, seq),"
    f" fed AS ({_insert(t.change, 'head.seq - ? + r.seq')}), kept AS ({_insert(t.verdict, 'head.seq')})"
    # Other processes hear of it once the commit is visible; costs no round trip of its own.
    f" SELECT epoch, seq, seq, '', pg_notify('{CHANNEL}', '') FROM head"
)
_KEPT = Sql(
    f"WITH head (epoch, seq, row, nonce) AS ({_NEWEST}), kept AS ({_insert(t.verdict, 'head.seq')})"
    " SELECT * FROM head"
)


def write_feed(
    conn: Connection, changes: Sequence[dict[str, Any]], verdicts: Sequence[dict[str, Any]]
) -> Callable[[], Head]:
    """Take the counter for change rows and write them, and verdicts with the highest seq, last of all.

    The head is given when asked for: on PostgreSQL that may be once the transaction is committed.
    """
    own = {"nonce": changes[-1]["nonce"]} if changes else {}
    if conn.dialect.name == "sqlite":
        head = _take(conn, len(changes))
        first = head.seq - len(changes) + 1
        _CHANGES.run(conn, [{**row, "seq": first + i} for i, row in enumerate(changes)])
        _VERDICTS.run(conn, [{**row, "seq": head.seq} for row in verdicts])
        return lambda: replace(head, **own)
    kept = rows_text(verdicts)
    if not changes:
        sent = _KEPT.sent(conn, kept)
    else:
        count = len(changes)
        rows = [{**row, "seq": i + 1} for i, row in enumerate(changes)]
        sent = _FED.sent(conn, count, count, rows_text(rows), kept)

    def given() -> Head:
        return replace(_head(sent.fetchone()), **own)

    return given


def _take(conn: Connection, count: int) -> Head:
    """Raise the counter and return its new value; look at it only where nothing changed."""
    if not count:
        return look(conn)
    epoch, seq = _TAKE.all(conn, count)[0]
    return Head(epoch=epoch, seq=seq, row=seq, nonce="")


def look(conn: Connection) -> Head:
    """The head as this transaction sees it."""
    return _head(_LOOK.all(conn)[0])


def _head(row: Sequence[Any]) -> Head:
    return Head(epoch=row[0], seq=row[1], row=row[2], nonce=row[3])
