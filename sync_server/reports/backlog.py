"""Open tickets as they stand now: how many are near their deadline or past it, and how old they are."""

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from domain.entities.ticket import OPEN_STATUSES
from domain.wire.reports import AGES, Age, Backlog
from sync_server.reports.frame import Frame
from sync_server.store import tables as t

DAY_MS = 86_400_000
TICKET = t.ticket.c


def backlog(conn: Connection, frame: Frame) -> Backlog:
    """Open, soon late and late tickets, and by age; all as of now, whatever the period."""
    age = case(*((_old(name, frame), name) for name, _ in AGES), else_="older").label("age")
    query = select(age, func.count(), _count(soon(frame)), _count(late(frame)))
    query = query.where(is_open(), frame.tickets).group_by(age)
    found = {name: (count, near, past) for name, count, near, past in conn.execute(query)}
    rows = [(name, *found.get(name, (0, 0, 0))) for name, _ in AGES]
    return Backlog(
        open=sum(row[1] for row in rows),
        soon=sum(row[2] for row in rows),
        late=sum(row[3] for row in rows),
        ages=tuple(Age(name=name, open=count, late=past) for name, count, _, past in rows),
    )


def is_open() -> ColumnElement[bool]:
    """Tickets that are not resolved."""
    return TICKET.status.in_(sorted(OPEN_STATUSES))


def late(frame: Frame) -> ColumnElement[bool]:
    """Open tickets past the deadline that is due next."""
    return and_(is_open(), TICKET.sla_state == "running", TICKET.due_at < frame.now)


def soon(frame: Frame) -> ColumnElement[bool]:
    """Open tickets near that deadline, as their policy says."""
    near = and_(TICKET.soon_at <= frame.now, TICKET.due_at >= frame.now)
    return and_(is_open(), TICKET.sla_state == "running", near)


def aged(frame: Frame, name: str) -> ColumnElement[bool]:
    """Open tickets of one age."""
    names = [one for one, _ in AGES]
    younger = names.index(name)
    parts = [is_open(), _old(name, frame)]
    if younger:
        parts.append(TICKET.created_at <= frame.now - AGES[younger - 1][1] * DAY_MS)
    return and_(*parts)


def _old(name: str, frame: Frame) -> ColumnElement[bool]:
    days = dict(AGES)[name]
    return TICKET.created_at > (frame.now - days * DAY_MS if days else -1)


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))
