"""Tickets as lines of a table: everything a row shows, for the few rows that are in sight."""

from collections.abc import Sequence

from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant
from domain.rules.parts import ACTED, ASSIGNED, FOLLOWS


class TicketLine(Entity):
    """One row of the table; `mark` is the first that applies: unsent, conflict, unread, message."""

    id: str
    number: str
    provisional: bool  # the number is this replica's own, until the server gives one
    mark: str
    subject: str
    customer: str
    org: str
    store: str
    status: str
    priority: str
    assignee: str | None
    handler: str
    team: str | None
    type: str
    category: str | None
    sla_state: str  # "", running, paused, met
    due_at: Instant | None
    soon_at: Instant | None
    sla_remaining_s: int | None
    due_metric: str | None
    created_at: Instant
    updated_at: Instant
    unread: bool
    unsent: bool
    conflict: bool


_UNREAD = (
    f"CASE WHEN s.rev IS NULL THEN (t.my & {ASSIGNED | FOLLOWS}) <> 0 AND (t.my & {ACTED}) = 0 "
    "AND t.is_open = 1 ELSE t.rev > s.rev END"
)
_LINES = (
    "SELECT t.id, t.number, t.provisional, t.subject, "
    "(SELECT value FROM personal p WHERE p.ticket = t.id AND p.key = 'name'), t.org, u.name, t.status, "
    "t.priority, t.assignee, a.name, t.team, t.type, t.category, t.sla_state, t.due_at, t.soon_at, "
    "t.sla_remaining_s, t.due_metric, t.created_at, t.updated_at, "
    f"{_UNREAD}, "
    "EXISTS (SELECT 1 FROM command c WHERE c.ticket = t.id AND c.state IN ('pending', 'sent')), "
    "EXISTS (SELECT 1 FROM attention n WHERE n.ticket = t.id AND n.settled_at IS NULL), "
    "(SELECT e.kind FROM entry e WHERE e.ticket = t.id AND e.kind IN ('message', 'reply') "
    "ORDER BY e.at DESC LIMIT 1) "
    "FROM json_each(?) j JOIN ticket t ON t.id = j.value LEFT JOIN unit u ON u.id = t.org "
    "LEFT JOIN person a ON a.id = t.assignee LEFT JOIN seen s ON s.ticket = t.id ORDER BY j.key"
)


def rows(conn: Connection, ids: Sequence[str]) -> list[TicketLine]:
    """The lines of these tickets, in their order; those that are gone are left out."""
    return [_line(columns) for columns in sql.rows(conn, _LINES, (sql.text(list(ids)),))]


def _line(columns: sql.Row) -> TicketLine:
    (id, number, provisional, subject, customer, org, store, status, priority, assignee, handler) = columns[
        :11
    ]
    (team, type, category, sla_state, due_at, soon_at, remaining, metric, created_at, updated_at) = columns[
        11:21
    ]
    unread, unsent, conflict, last_said = columns[21:]
    mark = "unsent" if unsent else "conflict" if conflict else "unread" if unread else ""
    if not mark and last_said == "message":
        mark = "message"
    return TicketLine(
        id=id,
        number=number or provisional or "",
        provisional=number is None,
        mark=mark,
        subject=subject,
        customer=customer or "",
        org=org,
        store=store or "",
        status=status,
        priority=priority,
        assignee=assignee,
        handler=handler or "",
        team=team,
        type=type,
        category=category,
        sla_state=sla_state,
        due_at=due_at,
        soon_at=soon_at,
        sla_remaining_s=remaining,
        due_metric=metric,
        created_at=created_at,
        updated_at=updated_at,
        unread=bool(unread),
        unsent=bool(unsent),
        conflict=bool(conflict),
    )
