"""Runs and episodes of automations, and the tickets one may hold for (RULES §4)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from domain.entities.base import Instant
from domain.entities.conditions import Condition
from domain.entities.rules import Automation
from domain.entities.ticket import Ticket
from domain.rules.automations import Run
from sync_server.store import tables as t
from sync_server.store.direct import Sql, WriteRows
from sync_server.store.queries.tickets import TICKET
from sync_server.store.rows import ticket_of
from sync_server.store.unit_of_work import UnitOfWork

_NEW_RUN = WriteRows(t.automation_run, conflict="kept")
_RUN = WriteRows(t.automation_run, conflict="replaced")
_EPISODES = WriteRows(t.automation_episode, conflict="kept")
_ENDED = Sql("DELETE FROM automation_episode WHERE automation = ? AND ticket IN ?")
_HELD = Sql("SELECT slot_at, done, after FROM automation_run WHERE automation = ? [FOR UPDATE SKIP LOCKED]")
_PLAIN = frozenset(
    {"status", "priority", "type", "template", "line", "team", "assignee", "channel", "requester", "tier"}
)
_SINCE: Mapping[str, str] = {
    "age.created_s": "created_at",
    "age.updated_s": "updated_at",
    "age.sent_s": "sent_at",
    "age.due_s": "due_at",
    "age.task_due_s": "task_due_at",
}


def hold_run(work: UnitOfWork, automation: str) -> tuple[bool, Run | None]:
    """Hold an automation's run until the transaction ends: whether nobody else does, and how far it is."""
    row = {"automation": automation, "slot_at": -1, "after": "", "done": True, "at": work.at}
    _NEW_RUN.run(work.conn, [row])
    rows = _HELD.all(work.conn, automation)
    if not rows:
        return False, None
    slot_at, done, after = rows[0]
    return True, None if slot_at < 0 else Run(slot_at=slot_at, done=bool(done), after=after)


def write_run(work: UnitOfWork, automation: str, run: Run) -> None:
    """Write how far an automation has come, with the transaction."""
    row = {"automation": automation, "slot_at": run.slot_at, "after": run.after, "done": run.done}
    work.later(_RUN, [{**row, "at": work.at}])


def candidates(
    conn: Connection, automation: Automation, *, after: str, now: Instant, limit: int
) -> list[Ticket]:
    """The next tickets for which an automation may hold, or has held, in the order of their ids."""
    c, e = t.ticket.c, t.automation_episode.c
    episodes = select(e.ticket).where(e.automation == automation.id)
    wanted = [*_needed(automation.conditions.all, now)]
    if not any(one.field == "status" for one in (*automation.conditions.all, *automation.conditions.any)):
        wanted.append(c.status != "closed")
    query = select(*TICKET).where(c.id > after, c.merged_into.is_(None))
    found = _and(wanted)
    if found is not None:
        query = query.where(or_(found, c.id.in_(episodes)))
    return [ticket_of(row) for row in conn.execute(query.order_by(c.id).limit(limit))]


def _and(parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool] | None:
    found: ColumnElement[bool] | None = None
    for one in parts:
        found = one if found is None else found & one
    return found


def _needed(conditions: Iterable[Condition], now: Instant) -> Iterable[ColumnElement[bool]]:
    """What columns have to hold so that the conditions can; the rest is looked at ticket by ticket.

    Working time is never longer than time itself, so that an age bounds its column from above.
    """
    for one in conditions:
        if one.field in _PLAIN and one.op in _OPS and one.value is not None:
            yield _OPS[one.op](t.ticket.c[one.field], one.value)
        elif one.field in _SINCE and one.op in ("gt", "gte") and _whole(one.value):
            yield t.ticket.c[_SINCE[one.field]] <= now - int(one.value * 1000)


def _whole(value: object) -> bool:
    return isinstance(value, int | float) and value >= 0


_OPS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "is": lambda column, value: column == value,
    "in": lambda column, value: column.in_(list(value)),
}


def open_episodes(conn: Connection, automation: str, tickets: Collection[str]) -> frozenset[str]:
    """The tickets for which the automation's conditions have held since a slot before."""
    e = t.automation_episode.c
    query = select(e.ticket).where(e.automation == automation, e.ticket.in_(sorted(tickets)))
    return frozenset(conn.execute(query).scalars())


def write_episodes(
    work: UnitOfWork, automation: str, *, begun: Iterable[str], ended: Sequence[str], slot_at: Instant
) -> None:
    """Begin and end episodes with the transaction."""
    rows = [{"automation": automation, "ticket": id, "since_at": slot_at} for id in begun]
    work.later(_EPISODES, rows)
    if ended:
        work.first(_ENDED, automation, list(ended))


def edited_at(conn: Connection) -> Mapping[str, Instant]:
    """When each automation was last edited."""
    c = t.config.c
    query = select(c.id, c.at).where(c.kind == "automation").order_by(c.version)
    return {row.id: row.at for row in conn.execute(query)}
