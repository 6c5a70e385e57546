"""What the creation page asks: who is behind a phone number, which categories the person used of late."""

import re

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.search import phrase
from domain.entities.base import Entity, Instant
from domain.rules.parts import CREATED

MOST_HITS = 50
_NOT_DIGIT = re.compile(r"\D")


class EarlierTicket(Entity):
    """A ticket of the same customer."""

    id: str
    number: str
    subject: str
    status: str
    org: str
    line: str
    created_at: Instant
    open: bool


class Caller(Entity):
    """What is known of somebody by their phone number; the newest ticket first."""

    name: str = ""
    tier: str = ""
    tickets: tuple[EarlierTicket, ...] = ()


_HITS = (
    "SELECT t.id, coalesce(t.number, t.provisional, ''), t.subject, t.status, t.org, t.line, t.created_at, "
    "t.is_open, p.value, (SELECT value FROM personal n WHERE n.ticket = t.id AND n.key = 'name'), "
    "coalesce((SELECT value FROM personal n WHERE n.ticket = t.id AND n.key = 'tier'), nullif(t.tier, ''), "
    "json_extract(t.fields, '$.tier')) "
    "FROM (SELECT rowid AS num FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) s "
    "JOIN search_doc d ON d.num = s.num JOIN ticket t ON t.id = d.ticket "
    "JOIN personal p ON p.ticket = t.id AND p.key = 'phone' ORDER BY t.created_at DESC, t.id DESC"
)


def by_phone(conn: Connection, phone: str) -> Caller:
    """The tickets with exactly this phone number, and the name and tier that the newest of them tell."""
    wanted = _NOT_DIGIT.sub("", phone)
    if not wanted:
        return Caller()
    found = [
        columns
        for columns in sql.rows(conn, _HITS, (phrase(wanted), MOST_HITS))
        if _NOT_DIGIT.sub("", columns[8] or "") == wanted
    ]
    return Caller(
        name=next((columns[9] for columns in found if columns[9]), ""),
        tier=next((str(columns[10]) for columns in found if columns[10]), ""),
        tickets=tuple(
            EarlierTicket(
                id=id,
                number=number,
                subject=subject,
                status=status,
                org=org,
                line=line,
                created_at=created_at,
                open=bool(is_open),
            )
            for id, number, subject, status, org, line, created_at, is_open, *_ in found
        ),
    )


def recent_categories(conn: Connection, limit: int = 8) -> list[str]:
    """The categories of the person's own latest tickets, the last used first."""
    used = sql.column(
        conn,
        "SELECT category FROM ticket WHERE my <> 0 AND my & ? AND category IS NOT NULL "
        "ORDER BY created_at DESC LIMIT 100",
        (CREATED,),
    )
    return list(dict.fromkeys(used))[:limit]


def ticket_exists(conn: Connection, id: str) -> bool:
    """Whether a ticket is there, as one made from a draft is."""
    return sql.value(conn, "SELECT 1 FROM ticket WHERE id = ?", (id,)) is not None
