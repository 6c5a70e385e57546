"""Configuration as the windows show it: templates, categories, units, people, teams, lines, text modules."""

from collections.abc import Mapping
from typing import TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection

from desktop.replica import meta, sql
from desktop.replica.facts import FactSource
from domain.entities.base import Entity
from domain.entities.calendars import Calendar
from domain.entities.equipment import EquipmentModel
from domain.entities.flow import Gate
from domain.entities.forms import Category, Template, TextModule
from domain.entities.org import BusinessLine, OrgUnit, Team
from domain.entities.people import CREATE, Person
from domain.entities.sla import Policy
from domain.entities.views import View
from domain.rules.views import has_view, seen_by
from domain.wire import codec

T = TypeVar("T", bound=Entity)


class UnitLine(Entity):
    """A unit in a picker: its name, the initials it is found by, and the names above it."""

    id: str
    name: str
    kind: str
    code: str
    initials: str
    above: str


class PersonLine(Entity):
    """A person in a picker."""

    id: str
    name: str
    initials: str
    unit: str
    unit_name: str


def _all(conn: Connection, kind: str, of: type[T]) -> list[T]:
    """The rows of a kind that are in force."""
    bodies = sql.column(
        conn, "SELECT body FROM config WHERE kind = ? AND latest = 1 AND deleted = 0 ORDER BY id", (kind,)
    )
    return [codec.decode(body, of) for body in bodies]


def templates(conn: Connection) -> list[Template]:
    """The scenarios a ticket can be made from, in their order."""
    return sorted(_all(conn, "template", Template), key=lambda one: (one.position, one.id))


def template(conn: Connection, id: str, version: int) -> Template | None:
    """A template in exactly that version."""
    return FactSource(conn).template(id, version)


def categories(conn: Connection) -> dict[str, tuple[Category, ...]]:
    """The category tree: children by parent, in their order; the roots under the empty id."""
    children: dict[str, list[Category]] = {}
    for one in sorted(_all(conn, "category", Category), key=lambda one: (one.position, one.id)):
        children.setdefault(one.parent, []).append(one)
    return {parent: tuple(found) for parent, found in children.items()}


def teams(conn: Connection) -> list[Team]:
    """All teams by name."""
    return sorted(_all(conn, "team", Team), key=lambda one: (one.name, one.id))


def lines(conn: Connection) -> list[BusinessLine]:
    """All business lines."""
    return _all(conn, "line", BusinessLine)


def text_modules(conn: Connection, person: str, use: str | None = None) -> list[TextModule]:
    """Public text modules and the person's own, for one use or all."""
    found = _all(conn, "text_module", TextModule)
    return [one for one in found if one.owner in ("", person) and use in (None, one.use)]


def views(conn: Connection, person: str) -> list[View]:
    """The views that an administrator gives this person, in their order; `me` in them is the person."""
    roles = {one.grant.role for one in meta.scope(conn).grants}
    teams = {one.id for one in _all(conn, "team", Team) if person in one.members}
    return [
        replace(one, conditions=seen_by(one.conditions, person))
        for one in sorted(_all(conn, "view", View), key=lambda one: (one.position, one.id))
        if has_view(one, person=person, roles=roles, teams=teams)
    ]


def policies(conn: Connection) -> list[Policy]:
    """The policies in force, in their order."""
    return sorted(_all(conn, "policy", Policy), key=lambda one: (one.position, one.id))


def calendars(conn: Connection) -> dict[str, Calendar]:
    """The calendars in force by id."""
    return {one.id: one for one in _all(conn, "calendar", Calendar)}


def equipment(conn: Connection) -> dict[str, EquipmentModel]:
    """The catalogue of equipment, by group and name."""
    found = _all(conn, "equipment_model", EquipmentModel)
    return {one.id: one for one in sorted(found, key=lambda one: (one.group, one.name))}


def gates(conn: Connection) -> dict[str, Gate]:
    """What has to be approved before tickets leave their departments, by id."""
    return {one.id: one for one in _all(conn, "gate", Gate)}


def unit(conn: Connection, id: str) -> OrgUnit | None:
    """One unit with everything known of it."""
    body = sql.value(conn, "SELECT body FROM config WHERE kind = 'unit' AND id = ? AND latest = 1", (id,))
    return None if body is None else codec.decode(body, OrgUnit)


def all_units(conn: Connection) -> list[OrgUnit]:
    """Every unit with everything known of it."""
    return _all(conn, "unit", OrgUnit)


def person(conn: Connection, id: str) -> Person | None:
    """One person of the directory."""
    body = sql.value(conn, "SELECT body FROM config WHERE kind = 'person' AND id = ? AND latest = 1", (id,))
    return None if body is None else codec.decode(body, Person)


_UNITS = (
    "SELECT u.id, u.name, u.kind, u.code, u.initials, coalesce(p.name, '') FROM unit u "
    "LEFT JOIN unit p ON p.id = u.parent "
)
_PEOPLE = (
    "SELECT p.id, p.name, p.initials, p.unit, coalesce(u.name, '') FROM person p "
    "LEFT JOIN unit u ON u.id = p.unit WHERE p.active = 1 "
)


def units(conn: Connection, text: str = "", *, kind: str | None = None, limit: int = 50) -> list[UnitLine]:
    """Units by what was typed: part of the name, the beginning of the initials or of the code."""
    found = sql.rows(
        conn,
        f"{_UNITS} WHERE (?1 = '' OR instr(u.name, ?1) > 0 OR u.initials LIKE ?2 OR u.code LIKE ?2) "
        "AND (?3 IS NULL OR u.kind = ?3) ORDER BY u.initials NOT LIKE ?2, length(u.name), u.name LIMIT ?4",
        (text.strip(), f"{text.strip().lower()}%", kind, limit),
    )
    return [
        UnitLine(id=id, name=name, kind=kind, code=code, initials=initials, above=above)
        for id, name, kind, code, initials, above in found
    ]


def units_to_create_in(conn: Connection, text: str = "", limit: int = 50) -> list[UnitLine]:
    """Those units found by what was typed in which the person may make tickets."""
    reach = FactSource(conn).reach
    lines = {grant.line for grant in reach.actor.grants} or {""}
    found = units(conn, text, limit=-1)
    may = (one for one in found if any(reach.access_at(one.id, line).level >= CREATE for line in lines))
    return [one for _, one in zip(range(limit), may, strict=False)]


def people(conn: Connection, text: str = "", *, unit: str | None = None, limit: int = 50) -> list[PersonLine]:
    """People by what was typed: part of the name or the beginning of the initials."""
    found = sql.rows(
        conn,
        f"{_PEOPLE} AND (?1 = '' OR instr(p.name, ?1) > 0 OR p.initials LIKE ?2) "
        "AND (?3 IS NULL OR p.unit = ?3) ORDER BY p.initials NOT LIKE ?2, p.name LIMIT ?4",
        (text.strip(), f"{text.strip().lower()}%", unit, limit),
    )
    return [
        PersonLine(id=id, name=name, initials=initials, unit=unit, unit_name=unit_name)
        for id, name, initials, unit, unit_name in found
    ]


def people_names(conn: Connection) -> Mapping[str, str]:
    """The names of everybody by id."""
    return dict(sql.rows(conn, "SELECT id, name FROM person"))
