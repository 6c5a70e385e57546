"""The configuration in memory, loaded again when its version moved."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, select

from domain.entities.configuration import Configuration
from domain.wire.configuration import configuration_of
from domain.wire.sync import ConfigRow
from sync_server.store import tables as t
from sync_server.store.versions import config_version

COLUMNS = [t.config.c.kind, t.config.c.id, t.config.c.version, t.config.c.deleted, t.config.c.body]


EVERYONE = "everyone"
OWN_PREFIX = "person:"
"""Audiences of a row; the person's id follows the prefix."""


def config_rows(conn: Connection, *, held_by: str | None = None) -> list[ConfigRow]:
    """All configuration rows in all versions, oldest first; optionally only those that a person's replica may hold."""
    query = select(*COLUMNS).order_by(t.config.c.kind, t.config.c.id, t.config.c.version)
    if held_by is not None:
        query = query.where(t.config.c.audience.in_(_held(held_by)))
    return [config_row(*row) for row in conn.execute(query)]


def _held(person: str) -> list[str]:
    return [EVERYONE, f"{OWN_PREFIX}{person}"]


def named_config_rows(conn: Connection, keys: Iterable[tuple[str, str]], *, held_by: str) -> list[ConfigRow]:
    """All versions of named rows that a person's replica may hold."""
    found: list[ConfigRow] = []
    for kind, id in keys:
        query = select(*COLUMNS).where(
            t.config.c.kind == kind, t.config.c.id == id, t.config.c.audience.in_(_held(held_by))
        )
        found += [config_row(*row) for row in conn.execute(query.order_by(t.config.c.version))]
    return found


def config_row(kind: str, id: str, version: int, deleted: bool, body: str) -> ConfigRow:
    """A row as it goes over the wire."""
    return ConfigRow(
        kind=kind, id=id, version=version, deleted=bool(deleted), body=msgspec.Raw(body.encode())
    )


class ConfigurationCache:
    """Gives the configuration as a transaction sees it."""

    def __init__(self) -> None:
        # One value, so that no thread sees the version of one with the content of another.
        self._kept = (-1, Configuration())

    def current(self, conn: Connection, version: int | None = None) -> Configuration:
        """The configuration of the version that this transaction sees, asked for unless it is known already."""
        kept = self._kept
        if version is None:
            version = config_version(conn)
        while kept[0] != version:
            kept = (version, configuration_of(config_rows(conn)))
            # Outside a snapshot another version may have come between the number and the rows.
            version = config_version(conn)
        self._kept = kept
        return kept[1]
