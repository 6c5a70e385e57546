"""The history of the configuration: which change wrote which versions, and what stood after each."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from domain.entities.base import Entity, Instant
from domain.entities.people import Grant
from domain.wire.sync import ConfigRow
from sync_server.store import tables as t
from sync_server.store.configuration import config_rows
from sync_server.store.rows import dump

PERSONAL = "personal"
"""The cause of a change of what is somebody's own; no matter of the administrator's."""

Key = tuple[str, str]
"""Kind and id."""


class Written(Entity):
    """What one edit came to; `before` is the version that stood until then, 0 where there was none."""

    kind: str
    id: str
    version: int
    deleted: bool = False
    before: int = 0


class Granted(Entity):
    """A person's grants before a change and after it."""

    person: str
    before: tuple[Grant, ...] = ()
    after: tuple[Grant, ...] = ()


class Author(Entity):
    """Who changes the configuration, and why."""

    person: str | None = None
    actor: str = ""  # who sits at the console, where no person is known
    cause: str = "apply"  # apply, import, rollback, personal
    note: str = ""


class ConfigChange(Entity):
    """One numbered change."""

    number: int
    at: Instant
    author: Author
    rows: tuple[Written, ...] = ()
    grants: tuple[Granted, ...] = ()


def keep_change(conn: Connection, change: ConfigChange) -> None:
    """Add a change to the history."""
    author = change.author
    row = {
        "number": change.number,
        "at": change.at,
        "person": author.person,
        "actor": author.actor,
        "cause": author.cause,
        "note": author.note,
        "rows": dump(msgspec.to_builtins(change.rows)),
        "grants": dump(msgspec.to_builtins(change.grants)),
    }
    conn.execute(insert(t.config_change), [row])


def changes_after(conn: Connection, number: int) -> list[ConfigChange]:
    """The changes since a number, newest first."""
    query = select(t.config_change).where(t.config_change.c.number > number)
    return [_change(row) for row in conn.execute(query.order_by(t.config_change.c.number.desc()))]


def change_of(conn: Connection, number: int) -> ConfigChange | None:
    """One change."""
    row = conn.execute(select(t.config_change).where(t.config_change.c.number == number)).first()
    return _change(row) if row is not None else None


def _change(row: Any) -> ConfigChange:
    author = Author(person=row.person, actor=row.actor, cause=row.cause, note=row.note)
    return ConfigChange(
        number=row.number,
        at=row.at,
        author=author,
        rows=msgspec.json.decode(row.rows, type=tuple[Written, ...]),
        grants=msgspec.json.decode(row.grants, type=tuple[Granted, ...]),
    )


def rows_as_of(conn: Connection, number: int | None = None) -> dict[Key, ConfigRow]:
    """The rows that stood after a change, deleted ones too; without a number those of now.

    Worked out backwards from now, so that what was there before the history began has its place too.
    """
    versions: dict[tuple[str, str, int], ConfigRow] = {}
    standing: dict[Key, int] = {}
    for row in config_rows(conn):
        versions[row.kind, row.id, row.version] = row
        standing[row.kind, row.id] = row.version
    for change in changes_after(conn, number) if number is not None else ():
        for one in change.rows:
            standing[one.kind, one.id] = one.before
    return {(kind, id): versions[kind, id, version] for (kind, id), version in standing.items() if version}


def grants_as_of(now: Sequence[tuple[str, Grant]], later: Sequence[ConfigChange]) -> dict[str, list[Grant]]:
    """Everybody's grants before some later changes (newest first) were made."""
    found: dict[str, list[Grant]] = {}
    for person, grant in now:
        found.setdefault(person, []).append(grant)
    for change in later:
        found.update({one.person: list(one.before) for one in change.grants})
    return {person: grants for person, grants in found.items() if grants}
