"""People of the directory by the place they have in it."""

from sqlalchemy import Connection, select

from domain.entities.people import Person
from sync_server.store import tables as t

_HIGHEST = 20
"""How far a line of superiors is followed."""


def line_above(conn: Connection, person: str | None) -> dict[str, Person]:
    """A person with those above them, one after the other; empty for nobody."""
    found: dict[str, Person] = {}
    c = t.person.c
    while person and person not in found and len(found) < _HIGHEST:
        query = select(c.id, c.name, c.unit, c.superior, c.active).where(c.id == person)
        row = conn.execute(query).one_or_none()
        if row is None:
            break
        found[person] = Person(
            id=row.id, name=row.name, unit=row.unit, superior=row.superior, active=bool(row.active)
        )
        person = row.superior
    return found
