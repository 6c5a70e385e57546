"""What needs the person's attention: conflicts and refusals; nothing of it disappears by itself (SYNC §4)."""

from typing import Any, Literal

from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Instant

Kind = Literal["conflict", "rejected", "blocked", "out_of_scope"]


def add(
    conn: Connection,
    *,
    command: str,
    ticket: str,
    kind: Kind,
    code: str = "",
    detail: dict[str, Any] | None = None,
    at: Instant,
) -> None:
    """Raise an item; once for each command and kind."""
    sql.run(
        conn,
        "INSERT INTO attention (command, ticket, kind, code, detail, at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (command, kind) DO NOTHING",
        (command, ticket, kind, code, sql.text(detail or {}), at),
    )


def settle(conn: Connection, num: int, at: Instant) -> bool:
    """Mark an item as settled; False where it was already."""
    return bool(
        sql.run(conn, "UPDATE attention SET settled_at = ? WHERE num = ? AND settled_at IS NULL", (at, num))
    )
