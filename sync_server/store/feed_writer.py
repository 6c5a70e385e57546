"""The end of every writing transaction: the counter, the change rows, the verdicts, in this order (SYNC §1).

The counter's row lock is held from here until the commit is visible, so it is taken last and what follows is
short: on PostgreSQL one statement, sent together with the commit.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Table

from domain.entities.base import Entity, Instant
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


class FeedRow(Entity, gc=False):
    """A change row as the table holds it."""

    seq: int
    nonce: str
    entity: str
    entity_id: str
    rev_from: int
    rev_to: int
    org_old: str
    line_old: str
    org_new: str
    line_new: str
    people: str
    at: Instant


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
    conn: Connection,
    count: int,
    made: Callable[[int], Sequence[FeedRow]],
    verdicts: Sequence[dict[str, Any]],
) -> Callable[[], Head]:
    """Take the counter for so many change rows and write them, and verdicts with the highest seq, last of all.

    `made` gives the rows, numbered from the seq it is told. The head is given when asked for: on PostgreSQL that
    may be once the transaction is committed.
    """
    if conn.dialect.name == "sqlite":
        head = _take(conn, count)
        rows = made(head.seq - count + 1)
        _CHANGES.run(conn, rows)
        _VERDICTS.run(conn, [{**row, "seq": head.seq} for row in verdicts])
        return lambda: _headed(head, rows)
    kept, rows = rows_text(verdicts), made(1)
    sent = _FED.sent(conn, count, count, rows_text(rows), kept) if count else _KEPT.sent(conn, kept)
    return lambda: _headed(_head(sent.fetchone()), rows)


def _headed(head: Head, rows: Sequence[FeedRow]) -> Head:
    """The head with the mark of its row, where this transaction wrote it."""
    return replace(head, nonce=rows[-1].nonce) if rows else head


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
