"""What the server told the person inside the program."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant
from domain.entities.notices import NoticeTemplate


class NoticeLine(Entity):
    """One notice; `kind` names its sentence, or a template of the administrator's, `detail` the arguments."""

    id: str
    ticket: str
    number: str
    subject: str
    kind: str
    at: Instant
    detail: dict[str, Any]
    seen: bool
    store: str = ""
    handler: str = ""
    status: str = ""
    priority: str = ""
    due_at: Instant | None = None
    reason: str = ""  # of an urge
    template: NoticeTemplate | None = None


_LINES = (
    "SELECT n.id, n.ticket, coalesce(t.number, t.provisional, ''), coalesce(t.subject, ''), n.kind, n.at, "
    "n.detail, n.seen_at IS NOT NULL, coalesce(u.name, ''), coalesce(p.name, ''), coalesce(t.status, ''), "
    "coalesce(t.priority, ''), t.due_at, coalesce(e.body, ''), c.body "
    "FROM notice n LEFT JOIN ticket t ON t.id = n.ticket LEFT JOIN unit u ON u.id = t.org "
    "LEFT JOIN person p ON p.id = t.assignee "
    "LEFT JOIN entry e ON e.ticket = n.ticket AND e.id = json_extract(n.detail, '$.entry') AND e.kind = 'urged' "
    "LEFT JOIN config c ON c.kind = 'notice_template' AND c.id = n.kind AND c.latest = 1 AND c.deleted = 0 "
)
_template = msgspec.json.Decoder(NoticeTemplate).decode


def notices(conn: Connection, *, unseen_only: bool = False, limit: int = 100) -> list[NoticeLine]:
    """Notices, newest first."""
    wanted = f"{_LINES}WHERE n.seen_at IS NULL OR NOT ? ORDER BY n.at DESC LIMIT ?"
    return [_line(row) for row in sql.rows(conn, wanted, (int(unseen_only), limit))]


def _line(row: Any) -> NoticeLine:
    *columns, body = row
    values = dict(zip(NoticeLine.__struct_fields__, columns, strict=False))
    values["detail"], values["seen"] = msgspec.json.decode(values["detail"]), bool(values["seen"])
    return NoticeLine(**values, template=_template(body) if body else None)


def urges_read(conn: Connection, ticket: str) -> list[tuple[str, Instant]]:
    """Who has read the person's own urges of a ticket, and when the server learned of it; newest first."""
    wanted = "SELECT detail, at FROM notice WHERE ticket = ? AND kind = 'urge_read' ORDER BY at DESC"
    return [
        (str(msgspec.json.decode(detail).get("by", "")), at)
        for detail, at in sql.rows(conn, wanted, (ticket,))
    ]


def unseen_count(conn: Connection) -> int:
    """How many notices the person has not seen."""
    return int(sql.value(conn, "SELECT count(*) FROM notice WHERE seen_at IS NULL"))
