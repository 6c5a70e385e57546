"""Finding tickets by any word in them, newest first."""

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.search import phrase
from domain.entities.base import Entity, Instant


class SearchHit(Entity):
    """One ticket found."""

    id: str
    number: str
    provisional: bool
    subject: str
    customer: str
    store: str
    status: str
    created_at: Instant
    unsent: bool


_HITS = (
    "SELECT t.id, coalesce(t.number, t.provisional, ''), t.number IS NULL, t.subject, "
    "coalesce((SELECT value FROM personal p WHERE p.ticket = t.id AND p.key = 'name'), ''), "
    "coalesce(u.name, ''), t.status, t.created_at, "
    "EXISTS (SELECT 1 FROM command c WHERE c.ticket = t.id AND c.state IN ('pending', 'sent')) "
    "FROM (SELECT rowid AS num FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) s "
    "JOIN search_doc d ON d.num = s.num JOIN ticket t ON t.id = d.ticket "
    "LEFT JOIN unit u ON u.id = t.org ORDER BY s.num DESC"
)


def search(conn: Connection, text: str, limit: int = 50) -> list[SearchHit]:
    """Tickets that hold every part of what was typed: text, number, phone or its end, customer, store, person."""
    wanted = phrase(text)
    if not wanted:
        return []
    return [
        SearchHit(
            id=id,
            number=number,
            provisional=bool(provisional),
            subject=subject,
            customer=customer,
            store=store,
            status=status,
            created_at=created_at,
            unsent=bool(unsent),
        )
        for id, number, provisional, subject, customer, store, status, created_at, unsent in sql.rows(
            conn, _HITS, (wanted, limit)
        )
    ]
