"""What this desktop itself holds of a customer: their tickets, and what was said in them (C09)."""

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.queries import intake
from domain.entities.base import Entity, Instant

MOST = 60


class StoryLine(Entity):
    """One thing that happened between a customer and us: kind is ticket, message or reply."""

    kind: str
    at: Instant
    ticket: str
    number: str
    words: str
    status: str = ""


_TICKETS = "SELECT id FROM ticket WHERE customer = ? ORDER BY created_at DESC LIMIT ?"
_LINES = (
    "SELECT 'ticket', t.created_at, t.id, coalesce(t.number, t.provisional, ''), t.subject, t.status FROM ticket t "
    "WHERE t.id IN (SELECT value FROM json_each(?1)) UNION ALL "
    "SELECT e.kind, e.at, t.id, coalesce(t.number, t.provisional, ''), e.body, t.status FROM entry e "
    "JOIN ticket t ON t.id = e.ticket WHERE e.ticket IN (SELECT value FROM json_each(?1)) "
    "AND e.kind IN ('message', 'reply') AND e.body IS NOT NULL ORDER BY 2 DESC LIMIT ?2"
)


def story(conn: Connection, customer: str, phone: str) -> list[StoryLine]:
    """Tickets of the record or with the phone number, and their messages and replies, the newest first."""
    ids = set(sql.column(conn, _TICKETS, (customer, MOST))) if customer else set()
    if phone:
        ids |= {one.id for one in intake.by_phone(conn, phone).tickets}
    return [
        StoryLine(kind=kind, at=at, ticket=ticket, number=number, words=words or "", status=status)
        for kind, at, ticket, number, words, status in sql.rows(conn, _LINES, (sql.text(sorted(ids)), MOST))
    ]
