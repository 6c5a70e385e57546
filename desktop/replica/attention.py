"""What needs the person's attention: conflicts and refusals; nothing of it disappears by itself (SYNC §4)."""

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant
from domain.wire import codec
from domain.wire.commands import Command

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


class Item(Entity):
    """An open item with the command it is about."""

    num: int
    kind: Kind
    command: Command
    detail: dict[str, Any]


_ITEMS = (
    "SELECT a.num, a.kind, c.body, a.detail FROM attention a JOIN command c ON c.id = a.command "
    "WHERE a.settled_at IS NULL AND "
)


def item(conn: Connection, num: int) -> Item | None:
    """One open item."""
    return next(iter(_items(conn, "a.num = ?", num)), None)


def blocked_by(conn: Connection, command: Command) -> list[Item]:
    """The open items of commands that waited for this one, on whichever ticket, in their order."""
    found = _items(conn, "a.kind = ? AND c.state = 'attention'", "blocked")
    return [one for one in found if command.id in one.command.depends_on]


def _items(conn: Connection, condition: str, given: object) -> list[Item]:
    return [
        Item(num=num, kind=kind, command=codec.decode(body, Command), detail=msgspec.json.decode(detail))
        for num, kind, body, detail in sql.rows(conn, f"{_ITEMS}{condition} ORDER BY c.num", (given,))
    ]
