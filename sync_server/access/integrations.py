"""Tokens of other systems: what each may push, below which unit, until when; kept as hashes."""

import secrets
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select, update

from domain.entities.base import Entity, Instant
from domain.errors import RefusedError
from sync_server.access.tokens import hashed
from sync_server.store import tables as t
from sync_server.store.rows import dump, load_names

SCOPES = ("customers", "orders")
PREFIX = "gdi_"


class Integration(Entity):
    """Another system that may push."""

    id: str
    name: str
    scopes: tuple[str, ...]
    unit: str = ""
    made_at: Instant
    expires_at: Instant
    used_at: Instant | None = None
    revoked_at: Instant | None = None


def make(conn: Connection, one: Integration) -> str:
    """Keep a system and return its token, which is shown this once."""
    token = PREFIX + secrets.token_urlsafe(32)
    values = {name: getattr(one, name) for name in one.__struct_fields__}
    conn.execute(insert(t.integration), [{**values, "scopes": dump(one.scopes), "hash": hashed(token)}])
    return token


def integrations(conn: Connection) -> list[Integration]:
    """All of them, revoked ones too, the oldest first."""
    names = Integration.__struct_fields__
    rows = conn.execute(select(*(t.integration.c[name] for name in names)).order_by(t.integration.c.made_at))
    return [_integration(row) for row in rows]


def _integration(row: Iterable[object]) -> Integration:
    values = dict(zip(Integration.__struct_fields__, row, strict=True))
    values["scopes"] = load_names(str(values["scopes"]))
    return Integration(**values)  # type: ignore[arg-type]


def authenticate(conn: Connection, token: str, scope: str, *, now: Instant) -> Integration:
    """The system behind a token; refused ``token_unknown``, ``token_expired`` or ``not_allowed``."""
    names = [t.integration.c[name] for name in Integration.__struct_fields__]
    row = conn.execute(select(*names).where(t.integration.c.hash == hashed(token))).one_or_none()
    if row is None:
        raise RefusedError("token_unknown")
    found = _integration(row)
    if found.revoked_at is not None:
        raise RefusedError("token_unknown")
    if found.expires_at <= now:
        raise RefusedError("token_expired")
    if scope not in found.scopes:
        raise RefusedError("not_allowed", what=scope)
    return found


def mark_used(conn: Connection, id: str, *, now: Instant) -> None:
    """Note that a system was here."""
    conn.execute(update(t.integration).where(t.integration.c.id == id).values(used_at=now))


def revoke(conn: Connection, id: str, *, now: Instant) -> bool:
    """End a token; False where there is none of that id in force."""
    c = t.integration.c
    return bool(
        conn.execute(
            update(t.integration).where(c.id == id, c.revoked_at.is_(None)).values(revoked_at=now)
        ).rowcount
    )
