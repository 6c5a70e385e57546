"""Opaque tokens: random, hashed at rest, rotated at each refresh.

A refresh token serves once. If the answer was lost on the way, the same token may be shown again as long as
nothing that it brought was used; shown after that, somebody else has a copy, and the device has to sign in
again.
"""

import hashlib
import secrets
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from domain.entities.base import Entity, Instant
from domain.errors import RefusedError
from domain.wire.identity import Tokens
from sync_server.store import tables as t
from sync_server.store.direct import Sql
from sync_server.store.versions import CONFIG_VERSION


class Caller(Entity):
    """Who sent a request, and from which device."""

    person: str
    device: str
    leaving: bool = False  # the device was revoked: it may push what it still has, nothing else


LAST_PUSH_S = 30 * 86_400
"""So long after it was revoked a device that was not stolen may still bring what it has."""


KEPT_S = 7 * 86_400
"""So long a token that has expired is still known."""


class Lifetimes(Entity):
    """How long tokens live, in seconds."""

    access_s: int
    refresh_s: int


def issue(
    conn: Connection, caller: Caller, lifetimes: Lifetimes, *, now: Instant, parent: str = ""
) -> Tokens:
    """New tokens for a person on a device."""
    access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    access_until, refresh_until = now + lifetimes.access_s * 1000, now + lifetimes.refresh_s * 1000
    shared = {"device": caller.device, "person": caller.person, "parent": parent, "used_at": None}
    rows = [
        {"hash": hashed(access), "kind": "access", "expires_at": access_until, **shared},
        {"hash": hashed(refresh), "kind": "refresh", "expires_at": refresh_until, **shared},
    ]
    conn.execute(insert(t.token), rows)
    return Tokens(
        access_token=access,
        access_expires_at=access_until,
        refresh_token=refresh,
        refresh_expires_at=refresh_until,
    )


def hashed(token: str) -> str:
    """What is kept of a token: it is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class _Found(NamedTuple):
    """A token with its device and person, and the versions by which caches know what they keep."""

    hash: str
    person: str
    device: str
    used_at: Instant | None
    expires_at: Instant
    revoked: bool
    stolen: bool
    revoked_at: Instant
    active: bool
    grants_version: int
    tree_version: int | None
    config_version: int | None


# One statement: it is asked for every request.
_FOUND = Sql(
    "SELECT k.hash, k.person, k.device, k.used_at, k.expires_at, d.revoked, d.stolen, d.revoked_at, p.active,"
    " p.grants_version, (SELECT value FROM counter WHERE name = 'tree'),"
    f" {CONFIG_VERSION}"
    " FROM token k JOIN device d ON d.id = k.device JOIN person p ON p.id = k.person"
    " WHERE k.hash = ? AND k.kind = ?"
)


class Seen(Entity):
    """An access token as found: its caller, whether this is its first use, and the versions of what they see."""

    caller: Caller
    hash: str
    first_use: bool
    expires_at: Instant
    grants_version: int = 0
    tree_version: int = 0
    config_version: int = 0


def authenticate(conn: Connection, token: str, *, now: Instant, leaving: bool = False) -> Seen:
    """The caller behind an access token; with `leaving` also of a device that may make its last push.

    Refused as ``token_unknown``, ``token_expired``, ``device_revoked`` or ``person_inactive``.
    """
    row = _found(conn, token, "access", now, leaving=leaving)
    return Seen(
        caller=Caller(person=row.person, device=row.device, leaving=bool(row.revoked)),
        hash=row.hash,
        first_use=row.used_at is None,
        expires_at=row.expires_at,
        grants_version=row.grants_version,
        tree_version=row.tree_version or 0,
        config_version=row.config_version or 0,
    )


def _found(conn: Connection, token: str, kind: str, now: Instant, *, leaving: bool = False) -> _Found:
    rows = _FOUND.all(conn, hashed(token), kind)
    if not rows:
        raise RefusedError("token_unknown")
    row = _Found(*rows[0])
    if row.revoked:
        may_push = not row.stolen and now < row.revoked_at + LAST_PUSH_S * 1000
        if not (leaving and may_push):
            raise RefusedError(
                "device_revoked", device=row.device, stolen=bool(row.stolen), last_push=may_push
            )
    elif not row.active:
        raise RefusedError("person_inactive")
    if row.expires_at <= now:
        raise RefusedError("token_expired")
    return row


def mark_used(conn: Connection, hash: str, *, now: Instant) -> None:
    """Note the first use of an access token, and that its device was here."""
    conn.execute(
        update(t.token).where(t.token.c.hash == hash, t.token.c.used_at.is_(None)).values(used_at=now)
    )
    device = select(t.token.c.device).where(t.token.c.hash == hash).scalar_subquery()
    conn.execute(update(t.device).where(t.device.c.id == device).values(seen_at=now))


def refresh(conn: Connection, token: str, lifetimes: Lifetimes, *, now: Instant) -> Tokens | RefusedError:
    """New tokens for a refresh token, also for a device that may make its last push; refused as `authenticate` does.

    ``token_reused`` is returned, not raised, since what it deletes has to be committed.
    """
    # Locked first: of two that show one token at once, the second sees what the first brought.
    conn.execute(select(t.token.c.hash).where(t.token.c.hash == hashed(token)).with_for_update())
    row = _found(conn, token, "refresh", now, leaving=True)
    children = t.token.c.parent == row.hash
    if row.used_at is not None:
        if conn.execute(select(t.token.c.hash).where(children, t.token.c.used_at.is_not(None))).first():
            sign_out(conn, row.device)
            return RefusedError("token_reused")
        conn.execute(delete(t.token).where(children))
    else:
        conn.execute(update(t.token).where(t.token.c.hash == row.hash).values(used_at=now))
    return issue(conn, Caller(person=row.person, device=row.device), lifetimes, now=now, parent=row.hash)


def sign_out(conn: Connection, device: str) -> None:
    """Forget every token of a device."""
    conn.execute(delete(t.token).where(t.token.c.device == device))


def sign_out_person(conn: Connection, person: str) -> None:
    """Forget every token of a person."""
    conn.execute(delete(t.token).where(t.token.c.person == person))


def clean(conn: Connection, *, now: Instant) -> int:
    """Delete tokens long past their time; returns how many.

    Until then they say of themselves that they have expired: a device that was away asks for new ones.
    """
    return conn.execute(delete(t.token).where(t.token.c.expires_at <= now - KEPT_S * 1000)).rowcount
