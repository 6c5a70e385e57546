"""Open tickets and grants that name a row of the configuration."""

from sqlalchemy import ColumnElement, Connection, func, select

from domain.entities.base import Entity
from sync_server.store import tables as t

NAMED_BY_TICKETS = {
    "category": t.ticket.c.category,
    "line": t.ticket.c.line,
    "team": t.ticket.c.team,
    "template": t.ticket.c.template,
}
"""Kinds that tickets hold to. Not policies: these are found anew by their conditions."""
SHOWN = 20


class Users(Entity):
    """How many there are, and the first of them: tickets by number, people by login."""

    count: int = 0
    shown: tuple[str, ...] = ()


def tickets_naming(conn: Connection, kind: str, id: str) -> Users:
    """The tickets not closed that name a row, by number."""
    column = NAMED_BY_TICKETS.get(kind)
    if column is None:
        return Users()
    where = (column == id) & (t.ticket.c.status != "closed")
    return _users(conn, t.ticket.c.number, where)


def grants_naming(conn: Connection, kind: str, id: str) -> Users:
    """The people who are granted something for a business line, by login."""
    if kind != "line":
        return Users()
    granted = select(t.grant.c.person).where(t.grant.c.line == id)
    return _users(conn, t.person.c.login, t.person.c.id.in_(granted))


def _users(conn: Connection, name: ColumnElement[str], where: ColumnElement[bool]) -> Users:
    count = conn.execute(select(func.count()).where(where)).scalar_one()
    shown = conn.execute(select(name).where(where).order_by(name).limit(SHOWN)).scalars() if count else ()
    return Users(count=count, shown=tuple(str(one or "-") for one in shown))
