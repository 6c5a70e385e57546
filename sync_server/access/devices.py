"""Devices: registered once for a person, with a short code that begins their provisional numbers."""

import secrets
from typing import Any

from sqlalchemy import Connection, case, insert, select, update
from sqlalchemy.exc import IntegrityError

from domain.entities.base import Instant
from domain.errors import RefusedError
from domain.ids import IdSource
from domain.wire.identity import Device, DeviceName
from sync_server.access import tokens
from sync_server.store import tables as t
from sync_server.store.upsert import upsert

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 4
TRIES = 20


def of_person(conn: Connection, id: str, person: str) -> Device | None:
    """The device of that id if it is this person's; refused (``device_revoked``) where it was revoked."""
    row = conn.execute(select(t.device).where(t.device.c.id == id, t.device.c.person == person)).one_or_none()
    if row is None:
        return None
    if row.revoked:
        raise RefusedError("device_revoked", device=id, stolen=row.stolen, last_push=False)
    return Device(id=row.id, code=row.code, name=row.name, push_no=row.push_no)


def register(conn: Connection, ids: IdSource, *, person: str, name: str, now: Instant) -> Device:
    """A new device of a person with a code that no other has."""
    for _ in range(TRIES):
        device = Device(id=ids.new(), code=_code(), name=name[:120])
        values = {
            "id": device.id,
            "person": person,
            "name": device.name,
            "code": device.code,
            "registered_at": now,
            "seen_at": now,
            "push_no": 0,
            "push_hash": "",
            "revoked": False,
        }
        try:
            with conn.begin_nested():
                conn.execute(insert(t.device), [values])
        except IntegrityError:
            continue
        return device
    raise RefusedError("no_device_code_left")


def _code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def known_or_new(conn: Connection, ids: IdSource, *, person: str, wanted: DeviceName, now: Instant) -> Device:
    """The person's device that signs in again, or a new one."""
    known = of_person(conn, wanted.id, person) if wanted.id else None
    if known is None:
        return register(conn, ids, person=person, name=wanted.name, now=now)
    conn.execute(update(t.device).where(t.device.c.id == known.id).values(seen_at=now))
    return known


def revoke(conn: Connection, id: str, *, now: Instant, stolen: bool = False) -> bool:
    """Take a device's rights; false where there is no such device.

    Its tokens stay: by them the server knows it, takes its last push and tells it to destroy its key. From a
    stolen one nothing is taken. Once stolen, it stays so until it is restored.
    """
    row = t.device.c
    changed = update(t.device).where(row.id == id)
    first = case((row.revoked, row.revoked_at), else_=now)
    values = {"revoked": True, "revoked_at": first, **({"stolen": True} if stolen else {})}
    return conn.execute(changed.values(values)).rowcount == 1


def revoke_all(conn: Connection, person: str, *, now: Instant) -> list[str]:
    """Revoke every device of a person; returns those that were not revoked before."""
    query = select(t.device.c.id).where(t.device.c.person == person, ~t.device.c.revoked)
    ids = list(conn.execute(query).scalars())
    for id in ids:
        revoke(conn, id, now=now)
    return ids


def restore(conn: Connection, id: str) -> bool:
    """Give a device its rights back; its person has to sign in. False where there is no such device."""
    tokens.sign_out(conn, id)
    changed = update(t.device).where(t.device.c.id == id)
    return conn.execute(changed.values(revoked=False, stolen=False, revoked_at=0)).rowcount == 1


def next_unlock(conn: Connection, id: str, at_least: int) -> int:
    """The number for a new unlock code, never given before and not below what the device asks for."""
    known = conn.execute(select(t.device.c.unlocks).where(t.device.c.id == id).with_for_update()).scalar_one()
    number = max(int(known), at_least)
    conn.execute(update(t.device).where(t.device.c.id == id).values(unlocks=number + 1))
    return number


def listed(conn: Connection, person: str | None = None) -> list[dict[str, Any]]:
    """Devices with their people's logins, last seen first."""
    query = select(t.device, t.person.c.login).join(t.person, t.person.c.id == t.device.c.person)
    if person is not None:
        query = query.where(t.device.c.person == person)
    return [dict(row._mapping) for row in conn.execute(query.order_by(t.device.c.seen_at.desc()))]


def keep_key(conn: Connection, device: str, *, person: str, sealed: str, now: Instant) -> None:
    """Keep a replica's sealed key in place of the one before."""
    row = {"device": device, "person": person, "sealed": sealed, "at": now}
    conn.execute(upsert(conn, t.replica_key), [row])


def kept_key(conn: Connection, device: str, person: str) -> str | None:
    """The sealed key of a person's replica."""
    query = select(t.replica_key.c.sealed)
    return conn.execute(
        query.where(t.replica_key.c.device == device, t.replica_key.c.person == person)
    ).scalar()
