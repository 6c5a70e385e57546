"""Stored verdicts and the push numbers of devices (SYNC §4)."""

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, select, update

from domain.entities.base import Entity, Instant
from domain.wire import codec
from domain.wire.commands import Command
from sync_server.store import tables as t


class DeviceState(Entity):
    """What the server knows of a device that pushes."""

    id: str
    person: str
    push_no: int
    push_hash: str
    revoked: bool


def content_hash(command: Command) -> str:
    """A hash of everything a command says."""
    return hashlib.sha256(codec.encode(command)).hexdigest()


def stored_verdicts(conn: Connection, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """The verdicts that stand already, by command id."""
    query = select(t.verdict).where(t.verdict.c.command.in_(list(ids)))
    return {row.command: row for row in conn.execute(query)}


def lock_device(conn: Connection, id: str) -> DeviceState | None:
    """A device's row, locked: its requests are taken one after the other."""
    columns = [t.device.c[name] for name in DeviceState.__struct_fields__]
    row = conn.execute(select(*columns).where(t.device.c.id == id).with_for_update()).first()
    return DeviceState(**row._mapping) if row else None


def ids_hash(commands: Iterable[Command]) -> str:
    """A hash of which commands one push holds."""
    return hashlib.sha256("\n".join(command.id for command in commands).encode()).hexdigest()


def record_push(conn: Connection, device: DeviceState, *, push_no: int, push_hash: str, at: Instant) -> None:
    """Remember the highest push of a device and that it was seen."""
    values: dict[str, Any] = {"seen_at": at}
    if push_no > device.push_no:
        values |= {"push_no": push_no, "push_hash": push_hash}
    conn.execute(update(t.device).where(t.device.c.id == device.id).values(values))


def known_people(conn: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Those of the ids that are active people."""
    wanted = [id for id in ids if "\0" not in id]  # which PostgreSQL can't even be asked for
    if not wanted:
        return frozenset()
    query = select(t.person.c.id).where(t.person.c.id.in_(wanted), t.person.c.active)
    return frozenset(conn.execute(query).scalars())
