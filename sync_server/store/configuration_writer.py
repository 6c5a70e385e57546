"""Writing configuration: a new version only for what changed, announced in the feed row by row."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from domain.entities.base import Entity
from domain.wire import codec
from domain.wire.configuration import SERVER_ONLY, entity_of
from domain.wire.sync import ConfigRow
from sync_server.store import tables as t
from sync_server.store.configuration import EVERYONE, OWN_PREFIX, config_rows
from sync_server.store.configuration_changes import Author, ConfigChange, Granted, Written, keep_change
from sync_server.store.routing import wake_all
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork, bump

_WHO_IS_THERE = frozenset({"roster", "team", "calendar"})


class Edit(Entity):
    """One row as it should be; no entity means that it should be gone."""

    kind: str
    id: str
    entity: Any = None


def newest_rows(conn: Connection) -> dict[tuple[str, str], ConfigRow]:
    """The newest version of every configuration row, deleted ones too."""
    # Oldest first: the last one of each key stays.
    return {(row.kind, row.id): row for row in config_rows(conn)}


def write_configuration(
    work: UnitOfWork, edits: Iterable[Edit], *, author: Author, granted: Sequence[Granted] = ()
) -> list[Written]:
    """Write new versions of what differs, as one numbered change with the grants changed beside it.

    Returns what was written; where that is nothing and nobody's grants changed, there is no change.
    """
    # Locked first: two writers can't give the same version.
    bump(work.conn, "config", 0)
    known = newest_rows(work.conn)
    versions = [_version(edit, known.get((edit.kind, edit.id))) for edit in edits]
    written = [one for one in versions if one is not None]
    if not written and not granted:
        return []
    rows = tuple(one for one, _ in written)
    number = bump(work.conn, "config")
    keep_change(
        work.conn,
        ConfigChange(number=number, at=work.at, author=author, rows=rows, grants=tuple(granted)),
    )
    if written:
        values = [_row(work, one, body, author.person) for one, body in written]
        work.conn.execute(insert(t.config), values)
    if any(one.kind in _WHO_IS_THERE for one in rows):
        wake_all(work.conn, work.at)
    for one in rows:
        work.touch(ChangeRow(entity=one.kind, entity_id=one.id, rev_from=one.version - 1, rev_to=one.version))
    return list(rows)


def _version(edit: Edit, before: ConfigRow | None) -> tuple[Written, bytes] | None:
    """The next version of a row with its body; None where nothing changes."""
    version = before.version + 1 if before is not None else 1
    if edit.entity is None:
        if before is None or before.deleted:
            return None
        gone = Written(kind=edit.kind, id=edit.id, version=version, deleted=True, before=before.version)
        return gone, bytes(before.body)
    if before is not None and not before.deleted and _same(edit.entity, entity_of(before)):
        return None
    entity = edit.entity
    if "version" in entity.__struct_fields__:
        entity = msgspec.structs.replace(entity, version=version)
    written = Written(kind=edit.kind, id=edit.id, version=version, before=version - 1)
    return written, codec.encode(entity)


def _same(wanted: Any, kept: Any) -> bool:
    if "version" in wanted.__struct_fields__:
        wanted = msgspec.structs.replace(wanted, version=kept.version)
    return codec.encode(wanted) == codec.encode(kept)


def _audience(kind: str, body: bytes) -> str:
    """Who may hold a row: nobody outside the server, everyone, or the one whose own it is."""
    if kind in SERVER_ONLY:
        return "server"
    owned = codec.decode(body, dict[str, Any]).get("owner")
    return f"{OWN_PREFIX}{owned}" if owned else EVERYONE


def _row(work: UnitOfWork, one: Written, body: bytes, person: str | None) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": one.id,
        "version": one.version,
        "deleted": one.deleted,
        "audience": _audience(one.kind, body),
        "body": body.decode(),
        "at": work.at,
        "person": person,
    }
