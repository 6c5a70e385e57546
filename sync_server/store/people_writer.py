"""Writing people and what they are granted, with the feed rows that tell replicas."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from domain.entities.base import Entity
from domain.entities.people import ADMINISTER, Grant
from domain.ids import IdSource
from sync_server.store import tables as t
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork
from sync_server.store.upsert import upsert

GRANTS = "grant"
"""The feed's word for a change of one person's grants; the row names the person."""


class Account(Entity):
    """A person as an administrator writes them; `password_hash` empty leaves the password as it is."""

    id: str
    login: str
    name: str
    unit: str
    pinyin: str = ""
    superior: str = ""
    active: bool = True
    password_hash: str = ""


_SHOWN = ("login", "name", "unit", "pinyin", "superior", "active")


def write_people(work: UnitOfWork, people: Iterable[Account]) -> tuple[int, int]:
    """Add people or bring them to what is given; returns how many were added and changed."""
    # Locked: whole rows are written back, and a version of grants that went back would revive what was revoked.
    found = select(t.person).order_by(t.person.c.id).with_for_update()
    known = {row.id: row for row in work.conn.execute(found)}
    rows: list[dict[str, Any]] = []
    added = changed = 0
    for account in people:
        before = known.get(account.id)
        row = _row(account, before)
        if before is not None and all(getattr(before, name) == row[name] for name in _SHOWN):
            if account.password_hash:
                row["version"] = before.version
                rows.append(row)
            continue
        added, changed = added + (before is None), changed + (before is not None)
        rows.append(row)
        version = row["version"]
        work.touch(ChangeRow(entity="person", entity_id=account.id, rev_from=version - 1, rev_to=version))
    if rows:
        work.conn.execute(upsert(work.conn, t.person), rows)
    return added, changed


def _row(account: Account, before: Any) -> dict[str, Any]:
    shown = {name: getattr(account, name) for name in _SHOWN}
    if before is None:
        kept = {"grants_version": 0, "failed_sign_ins": 0, "locked_until": 0, "version": 1}
        return {"id": account.id, "password_hash": account.password_hash, **shown, **kept}
    kept = {name: getattr(before, name) for name in ("grants_version", "failed_sign_ins", "locked_until")}
    password = account.password_hash or before.password_hash
    return {
        "id": account.id,
        "password_hash": password,
        **shown,
        **kept,
        "version": before.version + 1,
    }


def set_active(work: UnitOfWork, person: str, *, active: bool) -> bool:
    """Whether a person who exists takes part any more; false where it was so already."""
    before = work.conn.execute(
        select(t.person.c.version, t.person.c.active).where(t.person.c.id == person)
    ).one()
    if before.active == active:
        return False
    version = before.version + 1
    changed = update(t.person).where(t.person.c.id == person)
    work.conn.execute(changed.values(active=active, version=version))
    work.touch(ChangeRow(entity="person", entity_id=person, rev_from=version - 1, rev_to=version))
    return True


def activity(conn: Connection) -> dict[str, bool]:
    """Every person, and whether they take part."""
    return {row.id: row.active for row in conn.execute(select(t.person.c.id, t.person.c.active))}


def write_grants(work: UnitOfWork, ids: IdSource, person: str, grants: Sequence[Grant]) -> bool:
    """Make these the person's grants; false where they already were (ids apart)."""
    # Of two that write at once the second sees what the first made of it.
    work.conn.execute(select(t.person.c.id).where(t.person.c.id == person).with_for_update())
    before = grants_of(work.conn, person)
    if set(map(_what, before)) == set(map(_what, grants)):
        return False
    kept = {_what(grant): grant for grant in before}
    wanted = {_what(grant): kept.get(_what(grant), grant) for grant in grants}
    gone = [grant.id for grant in before if _what(grant) not in wanted]
    if gone:
        work.conn.execute(delete(t.grant).where(t.grant.c.id.in_(gone)))
    come = [grant for what, grant in wanted.items() if what not in kept]
    if come:
        work.conn.execute(insert(t.grant), [_grant_row(person, ids.new(), grant) for grant in come])
    raised = update(t.person).where(t.person.c.id == person)
    raised = raised.values(grants_version=t.person.c.grants_version + 1)
    version = work.conn.execute(raised.returning(t.person.c.grants_version)).scalar_one()
    work.touch(
        ChangeRow(entity=GRANTS, entity_id=person, rev_from=version - 1, rev_to=version, people=(person,))
    )
    return True


def grants_of(conn: Connection, person: str) -> list[Grant]:
    """The person's grants."""
    return [grant for _, grant in all_grants(conn, person)]


def all_grants(conn: Connection, person: str | None = None) -> list[tuple[str, Grant]]:
    """Grants with the person each belongs to, of everybody or of one."""
    query = select(t.grant).order_by(t.grant.c.person, t.grant.c.id)
    if person is not None:
        query = query.where(t.grant.c.person == person)
    return [
        (
            row.person,
            Grant(
                id=row.id,
                role=row.role,
                unit=row.unit,
                line=row.line,
                level=row.level,
                classes=row.classes,
            ),
        )
        for row in conn.execute(query)
    ]


def _what(grant: Grant) -> tuple[Any, ...]:
    return (grant.role, grant.unit, grant.line, grant.level, grant.classes)


def _grant_row(person: str, id: str, grant: Grant) -> dict[str, Any]:
    return {
        "id": id,
        "person": person,
        "role": grant.role,
        "unit": grant.unit,
        "line": grant.line,
        "level": grant.level,
        "classes": grant.classes,
    }


def administrators(conn: Connection) -> list[str]:
    """The active people who may administer anything."""
    granted = select(t.grant.c.person).where(t.grant.c.level >= ADMINISTER)
    query = select(t.person.c.id).where(t.person.c.active, t.person.c.id.in_(granted))
    return list(conn.execute(query.order_by(t.person.c.id)).scalars())


def people_by_login(conn: Connection) -> dict[str, str]:
    """The ids of people by login."""
    return {row.login: row.id for row in conn.execute(select(t.person.c.login, t.person.c.id))}


def all_people(conn: Connection) -> list[dict[str, Any]]:
    """Everybody, by login, without the password's hash."""
    shown = [column for column in t.person.c if column.name != "password_hash"]
    return [dict(row._mapping) for row in conn.execute(select(*shown).order_by(t.person.c.login))]
