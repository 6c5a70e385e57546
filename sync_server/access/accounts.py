"""Accounts: people as they sign in, and the lock-out after too many wrong passwords."""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from domain.entities.base import Instant
from sync_server.store import tables as t


def by_login(conn: Connection, login: str) -> Row[Any] | None:
    """The person's row, or None."""
    return conn.execute(select(t.person).where(t.person.c.login == login)).one_or_none()


def by_id(conn: Connection, person: str) -> Row[Any]:
    """The row of a person who exists."""
    return conn.execute(select(t.person).where(t.person.c.id == person)).one()


def failed(conn: Connection, person: str, *, now: Instant, attempts: int, lock_out_s: int) -> Instant | None:
    """Count a wrong password; returns until when the account is locked if this was one too many."""
    counted = update(t.person).where(t.person.c.id == person)
    counted = counted.values(failed_sign_ins=t.person.c.failed_sign_ins + 1)
    count = conn.execute(counted.returning(t.person.c.failed_sign_ins)).scalar_one()
    if count < attempts:
        return None
    until = now + lock_out_s * 1000
    locked = update(t.person).where(t.person.c.id == person)
    conn.execute(locked.values(failed_sign_ins=0, locked_until=until))
    return until


def succeeded(conn: Connection, person: str) -> None:
    """Forget earlier wrong passwords."""
    counted = update(t.person).where(t.person.c.id == person, t.person.c.failed_sign_ins > 0)
    conn.execute(counted.values(failed_sign_ins=0))


def keep_hash(conn: Connection, person: str, password_hash: str) -> None:
    """Keep a password's hash, and lift a lock-out."""
    changed = update(t.person).where(t.person.c.id == person)
    conn.execute(changed.values(password_hash=password_hash, failed_sign_ins=0, locked_until=0))


def lock(conn: Connection, person: str, until: Instant) -> None:
    """Lock an account until an instant (0: no longer)."""
    conn.execute(
        update(t.person).where(t.person.c.id == person).values(locked_until=until, failed_sign_ins=0)
    )
