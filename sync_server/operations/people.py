"""`user`: add, list, set passwords, grant, revoke, lock."""

from typing import TYPE_CHECKING, Any

from domain.entities.people import CLASS_BIT, LEVELS, ORDINARY, Grant
from domain.errors import InvalidInputError
from sync_server.access import accounts, tokens
from sync_server.operations.pinyin import initials
from sync_server.operations.tools import Tools
from sync_server.store.organisation_writer import unit_ids_by_code
from sync_server.store.people_writer import (
    Account,
    all_grants,
    all_people,
    grants_of,
    people_by_login,
    write_grants,
    write_people,
)
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOR_EVER = 253_402_300_799_000
"""The last instant of the year 9999: locked until somebody unlocks."""


def person_of(conn: "Connection", login: str) -> str:
    """The id behind a login; raise InvalidInputError ``unknown_login``."""
    id = people_by_login(conn).get(login)
    if id is None:
        raise InvalidInputError("unknown_login", login=login)
    return id


def unit_of(conn: "Connection", code: str) -> str:
    """The id behind a unit's code; raise InvalidInputError ``unknown_unit_code``."""
    id = unit_ids_by_code(conn).get(code)
    if id is None:
        raise InvalidInputError("unknown_unit_code", unit=code)
    return id


def add(tools: Tools, *, login: str, name: str, unit: str, password: str, superior: str = "") -> str:
    """Add a person; refused where the login is taken."""
    hashed = tools.passwords.hash(password)
    with tools.store.write() as conn:
        if login in people_by_login(conn):
            raise InvalidInputError("login_taken", login=login)
        account = Account(
            id=tools.ids.new(),
            login=login,
            name=name,
            unit=unit_of(conn, unit),
            pinyin=initials(name),
            superior=person_of(conn, superior) if superior else "",
            password_hash=hashed,
        )
        work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
        write_people(work, [account])
        work.commit()
    return account.id


def set_password(tools: Tools, login: str, password: str) -> None:
    """Set a password; every device of the person has to sign in again."""
    hashed = tools.passwords.hash(password)
    with tools.store.write() as conn:
        person = person_of(conn, login)
        accounts.keep_hash(conn, person, hashed)
        tokens.sign_out_person(conn, person)
        conn.commit()


def set_lock(tools: Tools, login: str, *, locked: bool) -> None:
    """Lock a person out (their tokens end), or let them in again."""
    with tools.store.write() as conn:
        person = person_of(conn, login)
        accounts.lock(conn, person, FOR_EVER if locked else 0)
        if locked:
            tokens.sign_out_person(conn, person)
        conn.commit()


def give_grant(
    tools: Tools, login: str, *, role: str, unit: str, line: str = "", level: str, classes: str = ""
) -> bool:
    """Add a grant; false where the person has it already."""
    with tools.store.write() as conn:
        person = person_of(conn, login)
        if line and line not in tools.configurations.current(conn).lines:
            raise InvalidInputError("unknown_line", id=line)
        grant = Grant(
            id="",
            role=role,
            unit=unit_of(conn, unit),
            line=line,
            level=read_level(level),
            classes=read_classes(classes),
        )
        work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
        given = write_grants(work, tools.ids, person, [*grants_of(conn, person), grant])
        work.commit()
    return given


def take_grants(tools: Tools, login: str, *, unit: str = "", line: str | None = None) -> int:
    """Take grants away: all, or those at a unit, or of a line there; returns how many."""
    with tools.store.write() as conn:
        person = person_of(conn, login)
        at = unit_of(conn, unit) if unit else ""
        before = grants_of(conn, person)
        kept = [one for one in before if (at and one.unit != at) or (line is not None and one.line != line)]
        work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
        write_grants(work, tools.ids, person, kept)
        work.commit()
    return len(before) - len(kept)


def read_level(text: str) -> int:
    """A level from its name."""
    if text not in LEVELS[1:]:
        raise InvalidInputError("unknown_level", level=text, known=", ".join(LEVELS[1:]))
    return LEVELS.index(text)


def read_classes(text: str) -> int:
    """Classes of fields as bits from their names, separated by commas or bars; ordinary where none is named."""
    bits = 0
    for name in text.replace("|", ",").split(","):
        if name.strip():
            if name.strip() not in CLASS_BIT:
                raise InvalidInputError("unknown_class", name=name.strip(), known=", ".join(CLASS_BIT))
            bits |= CLASS_BIT[name.strip()]
    return bits or ORDINARY


def listed_people(tools: Tools) -> list[dict[str, Any]]:
    """Everybody with unit code and grants, as the console shows them."""
    with tools.store.read() as conn:
        people, grants = all_people(conn), all_grants(conn)
        codes = {id: code for code, id in unit_ids_by_code(conn).items()}
    now = tools.clock.now()
    return [
        {
            "login": one["login"],
            "name": one["name"],
            "unit": codes.get(one["unit"], one["unit"]),
            "active": one["active"],
            "locked": one["locked_until"] > now,
            "grants": [_shown(grant, codes) for person, grant in grants if person == one["id"]],
        }
        for one in people
    ]


def _shown(grant: Grant, codes: dict[str, str]) -> str:
    return f"{grant.role}:{codes.get(grant.unit, grant.unit)}:{grant.line or '*'}:{LEVELS[grant.level]}"
