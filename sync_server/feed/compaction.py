"""Making old change rows fewer without changing what any cursor above the floor is told in the end (SYNC §6).

Of each thing the latest row stays, and every row that moved a ticket or names people; a row that stays takes over the
lowest `rev_from` of those taken away since the one before it. Nonces of rows that stay are kept. Each slice that takes
rows away announces itself in the feed, so that a copy of the server from before it is noticed.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from domain.entities.base import Entity, Instant
from sync_server.store import tables as t
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork, feed_head

SLICE = 500
ENTITY = "compaction"
Key = tuple[str, str]
"""Kind and id of what a row is about."""

_c = t.change.c
_STAYS = or_(_c.org_old != _c.org_new, _c.line_old != _c.line_new, _c.people != "[]")
_ROW = (_c.seq, _c.entity, _c.entity_id, _c.rev_from, _STAYS.label("stays"), _c.at)


class Plain(Entity):
    """The latest row of one thing, if it may go once a later one stands."""

    seq: int
    rev_from: int


def plain_rows(conn: Connection) -> dict[Key, Plain]:
    """The rows below `compacted_to` that a later row of the same thing makes needless."""
    upto = feed_head(conn).compacted_to
    query = select(_c.seq, _c.entity, _c.entity_id, _c.rev_from).where(_c.seq <= upto, ~_STAYS)
    return {
        (row.entity, row.entity_id): Plain(seq=row.seq, rev_from=row.rev_from)
        for row in conn.execute(query.order_by(_c.seq))
    }


def is_due(conn: Connection, *, before: Instant) -> bool:
    """Whether there are rows older than `before` to take into the compacted part."""
    upto = feed_head(conn).compacted_to
    oldest = conn.execute(select(_c.at).where(_c.seq > upto).order_by(_c.seq).limit(1)).scalar()
    return oldest is not None and oldest < before


def compact_slice(work: UnitOfWork, plain: dict[Key, Plain], *, before: Instant) -> tuple[int, int]:
    """Take the next rows older than `before` into the compacted part, and commit.

    `plain` is carried from slice to slice. Returns how many rows were looked at and how many taken away; where another
    worker was faster, nothing is done and nothing looked at.
    """
    conn = work.conn
    feed = feed_head(conn)
    rows = list(conn.execute(select(*_ROW).where(_c.seq > feed.compacted_to).order_by(_c.seq).limit(SLICE)))
    # Where clocks jumped, a younger row ends the slice: the compacted part has no holes.
    old = next((at for at, row in enumerate(rows) if row.at >= before), len(rows))
    rows = rows[:old]
    if not rows:
        return 0, 0
    gone, lowered = _fold(rows, plain)
    raised = update(t.feed_head).where(t.feed_head.c.compacted_to == feed.compacted_to)
    if conn.execute(raised.values(compacted_to=rows[-1].seq)).rowcount != 1:
        return 0, 0
    if gone:
        conn.execute(delete(t.change).where(_c.seq.in_(gone)))
        work.touch(ChangeRow(entity=ENTITY, entity_id=""))
    if lowered:
        conn.execute(
            update(t.change).where(_c.seq == bindparam("v_seq")).values(rev_from=bindparam("v_from")),
            [{"v_seq": seq, "v_from": rev_from} for seq, rev_from in lowered.items()],
        )
    work.commit()
    return len(rows), len(gone)


def _fold(rows: Iterable[Any], plain: dict[Key, Plain]) -> tuple[list[int], dict[int, int]]:
    """Which rows go, and the `rev_from` that rows which stay take over; `plain` is brought up to date."""
    gone: list[int] = []
    lowered: dict[int, int] = {}
    for row in rows:
        key = (row.entity, row.entity_id)
        before, rev_from = plain.pop(key, None), row.rev_from
        if before is not None:
            gone.append(before.seq)
            lowered.pop(before.seq, None)
            if before.rev_from < rev_from:
                rev_from = lowered[row.seq] = before.rev_from
        if not row.stays:
            plain[key] = Plain(seq=row.seq, rev_from=rev_from)
    return gone, lowered


def raise_floor(conn: Connection, *, before: Instant) -> int:
    """Delete some rows older than `before` and raise the floor over them; returns how many. The caller commits.

    The head's own row stays, however old: cursors there must be told from those of another past.
    """
    feed = feed_head(conn)
    below = min(feed.compacted_to, feed.seq - 1)
    oldest = select(_c.seq, _c.at).where(_c.seq <= below).order_by(_c.seq).limit(SLICE)
    rows = list(conn.execute(oldest))
    old = [row.seq for row in rows[: next((i for i, row in enumerate(rows) if row.at >= before), len(rows))]]
    if not old:
        return 0
    conn.execute(delete(t.change).where(_c.seq <= old[-1]))
    conn.execute(update(t.feed_head).where(t.feed_head.c.floor < old[-1]).values(floor=old[-1]))
    return len(old)


def zones(conn: Connection) -> dict[str, int]:
    """Where the feed's parts end, and `wrong`: rows at or below the floor, which should be none, for `doctor`."""
    feed = feed_head(conn)
    below = conn.execute(select(func.count()).select_from(t.change).where(_c.seq <= feed.floor)).scalar_one()
    ordered = feed.floor <= feed.compacted_to <= feed.seq
    return {
        "floor": feed.floor,
        "compacted_to": feed.compacted_to,
        "head": feed.seq,
        "wrong": int(below) + (0 if ordered else 1),
    }
