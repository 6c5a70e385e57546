"""The epochs of the feed: each begins where another lost what it had above a seq (SYNC §1, §6)."""

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from domain.entities.base import Entity, Instant
from domain.wire.recovery import RecoveryState
from sync_server.store import tables as t
from sync_server.store.unit_of_work import bump, feed_head
from sync_server.store.versions import pass_over

LEAST_MARGIN = 1000
"""Numbers that are passed over at the least."""
SAFETY = 3
DAY_MS = 86_400_000
_LOOK_BACK_DAYS = 30


class Recovery(Entity):
    """Where the recovery of the present epoch stands; `state` is empty where nothing was lost."""

    epoch: str
    state: RecoveryState = ""
    opened_at: Instant = 0
    closed_at: Instant | None = None
    released_at: Instant | None = None
    alive_until: Instant = 0
    number_from: int = 0


def open_epoch(conn: Connection, *, epoch: str, at: Instant, since: Instant, reason: str) -> Recovery:
    """Begin a new epoch with an open recovery; the last known state is of `since`.

    The counter of official numbers passes over all that may have been given out since then: what desktops prove
    later raises it further. So do the versions by which processes that went on serving remember what they read.
    """
    feed = feed_head(conn)
    margin = _margin(conn, at=at, since=since)
    conn.execute(update(t.feed_head).values(epoch=epoch))
    conn.execute(
        insert(t.epoch).values(epoch=epoch, parent=feed.epoch, restored_seq=feed.seq, at=at, reason=reason)
    )
    # A window that was still open goes over into this one: what was given back waits for it.
    over = update(t.recovery).where(t.recovery.c.released_at.is_(None))
    conn.execute(over.values(state="released", closed_at=at, released_at=at))
    alive = conn.execute(select(func.max(t.change.c.at))).scalar() or since
    pass_over(conn, at)
    numbers = bump(conn, "ticket_number", margin)
    conn.execute(
        insert(t.recovery).values(
            epoch=epoch, state="open", opened_at=at, alive_until=alive, number_from=numbers
        )
    )
    return recovery(conn)


def _margin(conn: Connection, *, at: Instant, since: Instant) -> int:
    """How many numbers to pass over: three times the busiest of the last days, for the time that may be lost.

    It grows with every moment, so that the same backup restored twice does not begin at the same number.
    """
    day = t.ticket.c.created_at // DAY_MS
    busy = select(func.count()).where(t.ticket.c.created_at >= since - _LOOK_BACK_DAYS * DAY_MS)
    busiest = max(conn.execute(busy.group_by(day)).scalars(), default=0)
    return LEAST_MARGIN + SAFETY * max(busiest, LEAST_MARGIN) * max(0, at - since) // DAY_MS


def numbers_given(conn: Connection) -> int:
    """The counter of official numbers."""
    counted = select(t.counter.c.value).where(t.counter.c.name == "ticket_number")
    return int(conn.execute(counted).scalar() or 0)


def recovery(conn: Connection) -> Recovery:
    """The recovery of the present epoch."""
    feed = feed_head(conn)
    row = conn.execute(select(t.recovery).where(t.recovery.c.epoch == feed.epoch)).first()
    return Recovery(epoch=feed.epoch) if row is None else Recovery(**row._mapping)


def is_held(conn: Connection) -> bool:
    """Whether sweeps and other jobs wait for the operator to release them."""
    return recovery(conn).state in ("open", "closed")


def set_state(conn: Connection, state: RecoveryState, *, at: Instant) -> None:
    """Move the recovery of the present epoch on."""
    feed = feed_head(conn)
    column = {"closed": "closed_at", "released": "released_at"}.get(state)
    values: dict[str, Any] = {"state": state} | ({column: at} if column else {})
    conn.execute(update(t.recovery).where(t.recovery.c.epoch == feed.epoch).values(values))


def take_as_fired(conn: Connection, until: Instant) -> int:
    """Mark due steps up to an instant as fired by the server that was lost; returns how many."""
    lost = t.sla_step.c.fired_at.is_(None) & (t.sla_step.c.due_at <= until)
    fired = update(t.sla_step).where(lost).values(fired_at=t.sla_step.c.due_at)
    return int(conn.execute(fired).rowcount)


def raise_alive(conn: Connection, epoch: str, until: Instant) -> None:
    """Note that the server that was lost lived until then."""
    later = (t.recovery.c.epoch == epoch) & (t.recovery.c.alive_until < until)
    conn.execute(update(t.recovery).where(later).values(alive_until=until))


def raise_numbers(conn: Connection, used: int) -> None:
    """Have the counter of official numbers pass over one that was given out."""
    behind = (t.counter.c.name == "ticket_number") & (t.counter.c.value < used)
    conn.execute(update(t.counter).where(behind).values(value=used))


def lost_above(conn: Connection, old: str) -> int:
    """Above which seq of an old epoch this feed may lack what that one had; 0 where that one is not known."""
    rows: dict[str, Row[Any]] = {row.epoch: row for row in conn.execute(select(t.epoch))}
    row = rows.get(feed_head(conn).epoch)
    bound: int | None = None
    while row is not None:
        bound = row.restored_seq if bound is None else min(bound, row.restored_seq)
        if row.parent == old:
            return bound
        row = rows.pop(row.parent, None)
    return 0


def went_back_silently(conn: Connection, told: str) -> bool:
    """Whether a desktop that lost its place in an epoch shows that nobody opened a new one after a loss.

    It is of the present epoch, or of one that this feed has lost itself.
    """
    known = conn.execute(select(t.epoch.c.epoch, t.epoch.c.parent))
    present = feed_head(conn).epoch
    named = {present} | {name for row in known for name in (row.epoch, row.parent)}
    return told == present or (told not in named and recovery(conn).state == "")
