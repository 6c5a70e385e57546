"""What the server told the person inside the program."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant


class NoticeLine(Entity):
    """One notice; `kind` names its sentence, `detail` the arguments."""

    id: str
    ticket: str
    number: str
    subject: str
    kind: str
    at: Instant
    detail: dict[str, Any]
    seen: bool


def notices(conn: Connection, *, unseen_only: bool = False, limit: int = 100) -> list[NoticeLine]:
    """Notices, newest first."""
    found = sql.rows(
        conn,
        "SELECT n.id, n.ticket, coalesce(t.number, t.provisional, ''), coalesce(t.subject, ''), n.kind, n.at, "
        "n.detail, n.seen_at IS NOT NULL FROM notice n LEFT JOIN ticket t ON t.id = n.ticket "
        "WHERE n.seen_at IS NULL OR NOT ? ORDER BY n.at DESC LIMIT ?",
        (int(unseen_only), limit),
    )
    return [
        NoticeLine(
            id=id,
            ticket=ticket,
            number=number,
            subject=subject,
            kind=kind,
            at=at,
            detail=msgspec.json.decode(detail),
            seen=bool(seen),
        )
        for id, ticket, number, subject, kind, at, detail, seen in found
    ]


def unseen_count(conn: Connection) -> int:
    """How many notices the person has not seen."""
    return int(sql.value(conn, "SELECT count(*) FROM notice WHERE seen_at IS NULL"))
