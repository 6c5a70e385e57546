"""The queue of messages to the world outside: claimed by any number of workers, each attempt on record (RULES §9).

A claim is a lease. A worker that is killed leaves its messages claimed until the lease ends; then another sends them
again, under the same id: at least once, and once only as far as the channel knows its ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from domain.entities.base import Entity, Instant
from sync_server.store import tables as t
from sync_server.store.direct import Sql
from sync_server.store.rows import load_mapping

MINUTE_MS = 60_000
OPEN = ("waiting", "sending")
_ALONE = Sql("SELECT pg_advisory_xact_lock(?)")
_PACED = 7_364_128_590
"""Names the lock under which the messages of paced channels are counted."""


class Queued(Entity):
    """A message as it stands in the queue."""

    id: str
    rule: str
    ticket: str
    rev: int
    to_kind: str
    recipient: str
    channel: str
    template: str
    args: Mapping[str, Any]
    urgent: bool
    state: str
    attempts: int
    due_at: Instant
    at: Instant
    ended_at: Instant | None
    outcome: str


def rooms(conn: Connection, paces: Mapping[str, int], now: Instant) -> dict[str, int]:
    """How many more messages each paced channel takes within this minute; workers ask one after another."""
    if not paces:
        return {}
    if conn.dialect.name != "sqlite":
        _ALONE.run(conn, _PACED)
    c = t.delivery_attempt.c
    query = select(c.channel, func.count()).where(c.at > now - MINUTE_MS, c.channel.in_(sorted(paces)))
    used: dict[str, int] = dict(conn.execute(query.group_by(c.channel)).all())
    return {channel: max(0, pace - used.get(channel, 0)) for channel, pace in paces.items()}


def lock_due(conn: Connection, *, now: Instant, limit: int, without: Iterable[str] = ()) -> list[Queued]:
    """Lock what is due, oldest first, passing over what another worker holds and over some channels."""
    c = t.delivery.c
    due = select(t.delivery).where(c.state.in_(OPEN), c.due_at <= now, c.channel.not_in(sorted(without)))
    due = due.order_by(c.due_at, c.id).limit(limit).with_for_update(skip_locked=True)
    return [_queued(row) for row in conn.execute(due)]


def begin(conn: Connection, messages: Sequence[Queued], *, now: Instant, until: Instant) -> None:
    """Claim messages until an instant, and write down that an attempt begins."""
    if not messages:
        return
    claimed = update(t.delivery).where(t.delivery.c.id == bindparam("v_id"))
    conn.execute(
        claimed.values(state="sending", attempts=bindparam("v_attempts"), due_at=until),
        [{"v_id": one.id, "v_attempts": one.attempts + 1} for one in messages],
    )
    conn.execute(
        insert(t.delivery_attempt),
        [
            {
                "delivery": one.id,
                "n": one.attempts + 1,
                "channel": one.channel,
                "at": now,
                "ended_at": None,
                "outcome": "",
            }
            for one in messages
        ],
    )


def postpone(conn: Connection, message: str, until: Instant) -> None:
    """Have a message wait, without an attempt."""
    conn.execute(update(t.delivery).where(t.delivery.c.id == message).values(state="waiting", due_at=until))


def end(conn: Connection, message: str, *, state: str, outcome: str, at: Instant) -> None:
    """End a message without an attempt: there is nobody to send it to."""
    values = {"state": state, "outcome": outcome, "ended_at": at}
    conn.execute(update(t.delivery).where(t.delivery.c.id == message).values(**values))


def finish(
    conn: Connection, message: str, attempt: int, *, state: str, outcome: str, at: Instant, due_at: Instant
) -> bool:
    """Write down what became of an attempt; False where another worker has taken the message over since."""
    c, a = t.delivery.c, t.delivery_attempt.c
    of_attempt = (a.delivery == message) & (a.n == attempt)
    conn.execute(update(t.delivery_attempt).where(of_attempt).values(ended_at=at, outcome=outcome))
    mine = update(t.delivery).where(c.id == message, c.attempts == attempt, c.state == "sending")
    ended = None if state == "waiting" else at
    done = conn.execute(mine.values(state=state, outcome=outcome, due_at=due_at, ended_at=ended))
    return bool(done.rowcount)


def listed(
    conn: Connection, *, states: Sequence[str] = (), ticket: str = "", limit: int = 100
) -> list[Queued]:
    """Messages, newest first."""
    query = select(t.delivery)
    if states:
        query = query.where(t.delivery.c.state.in_(states))
    if ticket:
        query = query.where(t.delivery.c.ticket == ticket)
    return [_queued(row) for row in conn.execute(query.order_by(t.delivery.c.at.desc()).limit(limit))]


def numbers_of(conn: Connection, tickets: Iterable[str]) -> dict[str, str]:
    """The numbers of tickets that have one."""
    c = t.ticket.c
    query = select(c.id, c.number).where(c.id.in_(sorted(set(tickets))), c.number.is_not(None))
    return dict(conn.execute(query).all())


def ticket_numbered(conn: Connection, number: str) -> str | None:
    """The ticket with a number."""
    found: str | None = conn.execute(select(t.ticket.c.id).where(t.ticket.c.number == number)).scalar()
    return found


def is_known(conn: Connection, message: str) -> bool:
    """Whether the queue has a message of that id, ended or not."""
    return conn.execute(select(t.delivery.c.id).where(t.delivery.c.id == message)).first() is not None


def attempts_of(conn: Connection, message: str) -> list[tuple[int, Instant, Instant | None, str]]:
    """Each attempt at a message: its number, when it began and ended, and its outcome."""
    c = t.delivery_attempt.c
    query = select(c.n, c.at, c.ended_at, c.outcome).where(c.delivery == message).order_by(c.n)
    return [(row.n, row.at, row.ended_at, row.outcome) for row in conn.execute(query)]


def retry(conn: Connection, *, ids: Sequence[str], channel: str, now: Instant) -> int:
    """Have messages that failed, or wait for a later attempt, tried from now on; by id or all of a channel."""
    c = t.delivery.c
    wanted = or_(c.id.in_(ids), c.channel == channel) if channel else c.id.in_(ids)
    again = update(t.delivery).where(
        or_(c.state == "failed", (c.state == "waiting") & (c.due_at > now)), wanted
    )
    # Their age counts anew: somebody has decided that they are still news. What is being sent just now is let be.
    return int(conn.execute(again.values(state="waiting", due_at=now, at=now, ended_at=None)).rowcount)


def leave_to_the_lost(
    conn: Connection, *, until: Instant, judged: tuple[Instant, Instant], at: Instant
) -> int:
    """End what the server that was lost has most likely sent, so that nobody is told twice; returns how many.

    That is what was due while it is known to have lived, and what commands caused that came back and were judged
    within `judged`: it had acknowledged them. They stand as failed, so that `retry` sends them all the same.
    """
    c = t.delivery.c
    due = (c.at <= until) & ((c.due_at <= until) | (c.state == "sending"))
    lost = update(t.delivery).where(c.state.in_(OPEN), due | c.at.between(*judged))
    return int(conn.execute(lost.values(state="failed", outcome="before_restore", ended_at=at)).rowcount)


def forget(conn: Connection, *, before: Instant, limit: int) -> int:
    """Forget messages that ended long ago, with their attempts; returns how many."""
    c = t.delivery.c
    old = select(c.id).where(c.state.not_in(OPEN), c.ended_at < before).limit(limit)
    ids = list(conn.execute(old).scalars())
    if ids:
        conn.execute(t.delivery_attempt.delete().where(t.delivery_attempt.c.delivery.in_(ids)))
        conn.execute(t.delivery.delete().where(c.id.in_(ids)))
    return len(ids)


def counts(conn: Connection, now: Instant) -> dict[str, float]:
    """How many messages wait, since when the oldest is due (seconds), and how many failed within a day."""
    c = t.delivery.c
    due = select(func.count(), func.min(c.due_at)).where(c.state.in_(OPEN), c.due_at <= now)
    count, oldest = conn.execute(due).one()
    waiting = conn.execute(select(func.count()).where(c.state.in_(OPEN))).scalar_one()
    failed = select(func.count()).where(c.state == "failed", c.ended_at >= now - 86_400_000)
    return {
        "deliveries_waiting": float(waiting),
        "deliveries_due": float(count),
        "deliveries_oldest_due_seconds": max(0.0, (now - oldest) / 1000) if count else 0.0,
        "deliveries_failed": float(conn.execute(failed).scalar_one()),
    }


def _queued(row: Any) -> Queued:
    values = {name: row._mapping[name] for name in Queued.__struct_fields__}
    return Queued(**{**values, "args": load_mapping(row.args), "urgent": bool(row.urgent)})
