"""Stored verdicts and the push numbers of devices (SYNC §4)."""

import hashlib
from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from domain.entities.base import Entity, Instant
from domain.wire.commands import Command
from domain.wire.sync import VerdictStatus
from sync_server.store.direct import Sql, pipelined
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.versions import CONFIG_VERSION


class StoredVerdict(Entity):
    """A verdict that stands already; JSON columns as they are kept."""

    command: str
    content_hash: str
    person: str | None
    device: str
    ticket: str
    kind: str
    status: VerdictStatus
    seq: int
    rev: int
    number: str | None
    code: str
    message: str
    conflicts: str


class DeviceState(Entity):
    """What the server knows of a device that pushes, of its person and of what else a push is judged by."""

    id: str
    person: str
    push_no: int
    push_hash: str
    revoked: bool
    active: bool = True
    grants_version: int = 0
    tree_version: int = 0
    config_version: int = 0
    stolen: bool = False  # nothing of it is taken any more
    signed_in: bool = True  # the token asked with is there still


_VERDICTS = Sql(f"SELECT {', '.join(StoredVerdict.__struct_fields__)} FROM verdict WHERE command IN ?")
_TREE_VERSION = "(SELECT value FROM counter WHERE name = 'tree')"
_LOCKS = Sql("SELECT FROM device WHERE id IN ? ORDER BY id FOR UPDATE")
# One statement for all a push has to know of its sender.
_DEVICES = Sql(
    "SELECT d.id, d.person, d.push_no, d.push_hash, d.revoked, p.active, p.grants_version,"
    f" {_TREE_VERSION}, {CONFIG_VERSION}, d.stolen,"
    " EXISTS (SELECT 1 FROM token k WHERE k.hash IN ? AND k.device = d.id)"
    " FROM device d JOIN person p ON p.id = d.person WHERE d.id IN ? ORDER BY d.id"
)
_PUSHED = Sql("UPDATE device SET seen_at = ?, push_no = ?, push_hash = ? WHERE id = ?")
_PEOPLE = Sql("SELECT id FROM person WHERE id IN ? AND active")


def content_hash(raw: bytes) -> str:
    """A hash of everything a command says, from its bytes."""
    return hashlib.sha256(raw).hexdigest()


def ask_verdicts(conn: Connection, ids: Iterable[str]) -> Callable[[], dict[str, StoredVerdict]]:
    """Ask for the verdicts that stand already, by command id, as one part of a pipeline."""
    asked = _VERDICTS.sent(conn, list(ids))

    def take() -> dict[str, StoredVerdict]:
        names = StoredVerdict.__struct_fields__
        return {row[0]: StoredVerdict(**dict(zip(names, row, strict=True))) for row in asked.fetchall()}

    return take


def stored_verdicts(conn: Connection, ids: Iterable[str]) -> dict[str, StoredVerdict]:
    """The verdicts that stand already, by command id."""
    return ask_verdicts(conn, ids)()


def lock_devices(conn: Connection, ids: Iterable[str], tokens: Iterable[str] = ()) -> dict[str, DeviceState]:
    """Devices' rows, locked in id order: the requests of each are taken one after the other.

    What is known of them is read by a statement of its own, sent along: one that waits for a lock goes on reading
    tokens, people and counters as they were before the wait (READ COMMITTED).
    """
    wanted = sorted(set(ids))
    with pipelined(conn):
        if conn.dialect.name != "sqlite":  # where one writes at a time
            _LOCKS.run(conn, wanted)
        asked = _DEVICES.sent(conn, [one for one in tokens if one], wanted)
    names = DeviceState.__struct_fields__
    return {row[0]: DeviceState(**dict(zip(names, row, strict=True))) for row in asked.fetchall()}


def ids_hash(commands: Iterable[Command]) -> str:
    """A hash of which commands one push holds."""
    return hashlib.sha256("\n".join(command.id for command in commands).encode()).hexdigest()


def record_push(work: UnitOfWork, device: DeviceState, *, push_no: int, push_hash: str, at: Instant) -> None:
    """Remember, with the transaction, the highest push of a device and that it was seen."""
    if push_no <= device.push_no:
        push_no, push_hash = device.push_no, device.push_hash
    work.first(_PUSHED, at, push_no, push_hash, device.id)


def ask_people(conn: Connection, ids: Iterable[str]) -> Callable[[], frozenset[str]]:
    """Ask which of the ids are active people, as one part of a pipeline."""
    wanted = [id for id in ids if "\0" not in id]  # which PostgreSQL can't even be asked for
    if not wanted:
        return frozenset
    asked = _PEOPLE.sent(conn, wanted)
    return lambda: frozenset(row[0] for row in asked.fetchall())
