"""Who stands where: people with a role at a unit, those who lead it, and who is above somebody (RULES §6)."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, select
from sqlalchemy.sql.elements import ColumnElement

from domain.entities.people import MANAGE
from sync_server.store import tables as t


def with_role(
    conn: Connection, role: str, path: Sequence[str], *, line: str, not_of: frozenset[str]
) -> list[str]:
    """The people with that role, for that line, at the unit that ends the path, or at the nearest above with any."""
    return _nearest(conn, t.grant.c.role == role, path, line, not_of)


def heads(conn: Connection, path: Sequence[str], *, line: str, not_of: frozenset[str]) -> list[str]:
    """Who may manage exactly that unit in that line, or the nearest above that anybody does."""
    return _nearest(conn, t.grant.c.level >= MANAGE, path, line, not_of)


def _nearest(
    conn: Connection, which: ColumnElement[bool], path: Sequence[str], line: str, not_of: frozenset[str]
) -> list[str]:
    there = and_(t.grant.c.person == t.person.c.id, t.person.c.active)
    query = select(t.grant.c.unit, t.person.c.id).select_from(t.grant.join(t.person, there))
    found: dict[str, set[str]] = {}
    for unit, person in conn.execute(
        query.where(which, t.grant.c.unit.in_(list(path)), t.grant.c.line.in_(["", line]))
    ):
        if person not in not_of:
            found.setdefault(unit, set()).add(person)
    return next((sorted(found[unit]) for unit in reversed(path) if unit in found), [])


def superior(conn: Connection, person: str) -> list[str]:
    """The active superior of somebody; nobody where there is none."""
    above = t.person.alias()
    query = select(above.c.id).select_from(t.person.join(above, t.person.c.superior == above.c.id))
    return list(conn.execute(query.where(t.person.c.id == person, above.c.active)).scalars())
