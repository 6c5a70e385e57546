"""Configuration rows in, with units and people kept as lists and search need them."""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.changed import Moves
from domain.entities.org import OrgUnit
from domain.entities.people import Person
from domain.wire import codec
from domain.wire.sync import ConfigRow

_PUT = (
    "INSERT INTO config (kind, id, version, latest, deleted, body) VALUES (?, ?, ?, 0, ?, ?) "
    "ON CONFLICT (kind, id, version) DO UPDATE SET deleted = excluded.deleted, body = excluded.body"
)
_MARK_LATEST = (
    "UPDATE config SET latest = (version = (SELECT max(version) FROM config c WHERE c.kind = ?1 AND c.id = ?2)) "
    "WHERE kind = ?1 AND id = ?2"
)


def take(conn: Connection, received: Iterable[ConfigRow], moves: Moves) -> None:
    """Keep rows by version; the newest of each is in force."""
    given = list(received)
    if not given:
        return
    sql.run_many(
        conn, _PUT, [(one.kind, one.id, one.version, one.deleted, bytes(one.body).decode()) for one in given]
    )
    sql.run_many(conn, _MARK_LATEST, [(one.kind, one.id) for one in given])
    for kind, keep in (("unit", _keep_unit), ("person", _keep_person)):
        for row in given:
            if row.kind == kind:
                keep(conn, row)
    moves.kind("config")


def _keep_unit(conn: Connection, row: ConfigRow) -> None:
    unit = codec.decode(row.body, OrgUnit)
    columns = (unit.parent, unit.name, unit.kind, unit.code, unit.pinyin or initials(unit.name))
    known = sql.row(conn, "SELECT parent, name, kind, code, initials FROM unit WHERE id = ?", (unit.id,))
    if known == columns:
        return
    sql.run(
        conn,
        "INSERT INTO unit (id, parent, name, kind, code, initials) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET parent = excluded.parent, name = excluded.name, "
        "kind = excluded.kind, code = excluded.code, initials = excluded.initials",
        (unit.id, *columns),
    )
    if known is not None and known[1] != unit.name:
        sql.run(conn, "UPDATE ticket SET indexed = 0 WHERE org = ?", (unit.id,))


def _keep_person(conn: Connection, row: ConfigRow) -> None:
    person = codec.decode(row.body, Person)
    active = int(person.active and not row.deleted)
    columns = (person.name, person.unit, person.pinyin or initials(person.name), active)
    known = sql.row(conn, "SELECT name, unit, initials, active FROM person WHERE id = ?", (person.id,))
    if known == columns:
        return
    sql.run(
        conn,
        "INSERT INTO person (id, name, unit, initials, active) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, unit = excluded.unit, "
        "initials = excluded.initials, active = excluded.active",
        (person.id, *columns),
    )
    if known is not None and known[0] != person.name:
        sql.run(conn, "UPDATE ticket SET indexed = 0 WHERE ? IN (assignee, creator)", (person.id,))


def initials(name: str) -> str:
    """The first letters of a Chinese name's syllables, other characters as they are: gmd for a store's name."""
    # Loaded only where the directory came without: its tables cost time and memory.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
