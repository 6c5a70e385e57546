"""What needs the person's attention."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant
from domain.wire import codec
from domain.wire.commands import Command


class AttentionItem(Entity):
    """One conflict or refusal: of a conflict `detail` is {key: {theirs, mine}}, else the sentence's arguments."""

    num: int
    kind: str  # conflict, rejected, blocked, out_of_scope
    code: str
    detail: dict[str, Any]
    at: Instant
    ticket: str
    number: str
    subject: str
    held: bool  # the ticket is still in sight
    command: Command


_ITEMS = (
    "SELECT a.num, a.kind, a.code, a.detail, a.at, a.ticket, coalesce(t.number, t.provisional, "
    "json_extract(c.body, '$.set.provisional'), ''), coalesce(t.subject, json_extract(c.body, '$.set.subject'), ''), "
    "t.id IS NOT NULL, c.body FROM attention a JOIN command c ON c.id = a.command "
    "LEFT JOIN ticket t ON t.id = a.ticket WHERE a.settled_at IS NULL"
)


def items(conn: Connection) -> list[AttentionItem]:
    """Everything open, newest first."""
    return [_item(columns) for columns in sql.rows(conn, f"{_ITEMS} ORDER BY a.num DESC")]


def item(conn: Connection, num: int) -> AttentionItem | None:
    """One open item."""
    found = sql.row(conn, f"{_ITEMS} AND a.num = ?", (num,))
    return None if found is None else _item(found)


def _item(columns: sql.Row) -> AttentionItem:
    num, kind, code, detail, at, ticket, number, subject, held, body = columns
    return AttentionItem(
        num=num,
        kind=kind,
        code=code,
        detail=msgspec.json.decode(detail),
        at=at,
        ticket=ticket,
        number=number,
        subject=subject,
        held=bool(held),
        command=codec.decode(body, Command),
    )
