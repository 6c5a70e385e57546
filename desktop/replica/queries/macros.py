"""Macros a person may use, and the names that their texts are filled with."""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.queries.config import lines, teams
from domain.entities.org import BusinessLine, OrgUnit
from domain.entities.people import Person
from domain.entities.rules import Macro
from domain.wire import codec


def macros(conn: Connection, person: str) -> list[Macro]:
    """The macros for everybody and for the person's teams, in their order."""
    mine = {team.id for team in teams(conn) if person in team.members or team.lead == person}
    bodies = sql.column(
        conn, "SELECT body FROM config WHERE kind = 'macro' AND latest = 1 AND deleted = 0 ORDER BY id"
    )
    found = [codec.decode(body, Macro) for body in bodies]
    return sorted((one for one in found if one.team in ("", *mine)), key=lambda one: (one.position, one.id))


def line_names(conn: Connection) -> dict[str, BusinessLine]:
    """Business lines by id."""
    return {one.id: one for one in lines(conn)}


def people_named(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    """People's names by id."""
    bodies = _bodies(conn, "person", ids)
    return {one.id: one.name for one in (codec.decode(body, Person) for body in bodies)}


def unit_name(conn: Connection, id: str) -> str:
    """A unit's name, or its id where it is not known here."""
    return next((codec.decode(body, OrgUnit).name for body in _bodies(conn, "unit", [id])), id)


def _bodies(conn: Connection, kind: str, ids: Iterable[str]) -> list[bytes]:
    return sql.column(
        conn,
        "SELECT body FROM config WHERE kind = ? AND latest = 1 AND deleted = 0 "
        "AND id IN (SELECT value FROM json_each(?))",
        (kind, sql.text(sorted(set(ids)))),
    )
