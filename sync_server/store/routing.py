"""What people hold, whose turn it is, and tickets that wait for somebody (RULES §7)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, select, update

from domain.entities.base import Entity, Instant
from domain.entities.routing import How
from sync_server.store import tables as t
from sync_server.store.direct import Sql, WriteRows, pipelined
from sync_server.store.rows import dump, load_names
from sync_server.store.unit_of_work import UnitOfWork

COUNTED = frozenset({"new", "open"})
"""The statuses in which a ticket takes capacity: one that waits for the customer or is on hold does not."""
CLAIM_MS = 60_000
"""For how long a worker that took waiting tickets has them to itself."""

_ACTIVE = Sql("SELECT id FROM person WHERE id IN ? AND active ORDER BY id [FOR NO KEY UPDATE]")
_TURNS = Sql("SELECT person, at FROM routing_turn WHERE person IN ?")
_HELD = Sql(
    "SELECT assignee, priority, count(*) FROM ticket WHERE assignee IN ? AND status IN ('new', 'open') "
    "GROUP BY assignee, priority"
)
_WAKE = Sql("UPDATE routing_wait SET due_at = ? WHERE team IN ? AND due_at > ?")
_GONE = Sql("DELETE FROM routing_wait WHERE ticket = ?")
_TURN = WriteRows(t.routing_turn, conflict="replaced")
_WAIT = WriteRows(t.routing_wait, conflict="replaced")


class Standing(Entity):
    """How people stand: those who are active, the tickets they hold by priority, when each was last given one."""

    active: frozenset[str]
    held: Mapping[str, Mapping[str, int]]
    turns: Mapping[str, Instant]


def locked_standing(conn: Connection, people: Iterable[str]) -> Standing:
    """Read how people stand; until the transaction ends no other one can give them tickets."""
    wanted = sorted(set(people))
    # First the lock: what is read after it sees what the one before us gave them.
    active = frozenset(row[0] for row in _ACTIVE.all(conn, wanted))
    with pipelined(conn):
        asked = [one.sent(conn, wanted) for one in (_TURNS, _HELD)]
    turns, rows = (one.fetchall() for one in asked)
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for person, priority, count in rows:
        held[person][priority] = int(count)
    return Standing(active=active, held=held, turns={person: int(at) for person, at in turns})


def write_turns(work: UnitOfWork, turns: Mapping[str, Instant]) -> None:
    """Note when people were given a ticket."""
    work.later(_TURN, [{"person": person, "at": at} for person, at in sorted(turns.items())])


class Waiting(Entity):
    """A ticket that waits for somebody: of whom, what it needs, and when it is looked at again."""

    ticket: str
    rule: str
    team: str = ""
    people: tuple[str, ...] = ()
    how: How
    skills: tuple[str, ...] = ()
    relax_at: Instant | None = None
    since_at: Instant
    due_at: Instant


def write_waiting(work: UnitOfWork, waiting: Iterable[Waiting]) -> None:
    """Keep or change what waits."""
    rows = [
        {**msgspec.structs.asdict(one), "people": dump(one.people), "skills": dump(one.skills)}
        for one in waiting
    ]
    work.later(_WAIT, rows)


def end_waiting(work: UnitOfWork, ticket: str) -> None:
    """A ticket that waits no longer."""
    work.first(_GONE, ticket)


def wake(work: UnitOfWork, teams: Iterable[str]) -> None:
    """Have what waits for these teams looked at next."""
    wanted = sorted(set(teams))
    if wanted:
        work.first(_WAKE, work.at, wanted, work.at)


def wake_all(conn: Connection, at: Instant) -> None:
    """Have everything that waits looked at next: who is there has changed."""
    c = t.routing_wait.c
    conn.execute(update(t.routing_wait).where(c.due_at > at).values(due_at=at))


def claim_waiting(conn: Connection, *, now: Instant, limit: int) -> list[str]:
    """The tickets that are to be looked at, kept from other workers for a minute; one that dies gives them back."""
    c = t.routing_wait.c
    due = select(c.ticket).where(c.due_at <= now).order_by(c.due_at, c.ticket).limit(limit)
    ids = list(conn.execute(due.with_for_update(skip_locked=True)).scalars())
    if ids:
        conn.execute(update(t.routing_wait).where(c.ticket.in_(ids)).values(due_at=now + CLAIM_MS))
    return ids


def waiting(conn: Connection, tickets: Sequence[str]) -> list[Waiting]:
    """What waits of these tickets, as it stands."""
    rows = conn.execute(select(t.routing_wait).where(t.routing_wait.c.ticket.in_(tickets)))
    return [
        Waiting(
            **{
                **dict(row._mapping),
                "people": load_names(row.people),
                "skills": load_names(row.skills),
            }
        )
        for row in rows.all()
    ]
