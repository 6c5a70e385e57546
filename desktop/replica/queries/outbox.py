"""What the server has not taken yet."""

import msgspec
from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant
from domain.wire import codec
from domain.wire.commands import Command


class OutboxLine(Entity):
    """One command on its way: what was done, to which ticket, and since when it waits."""

    id: str
    ticket: str
    number: str
    subject: str
    kind: str
    command: Command
    state: str  # pending: never sent; sent: sent, no verdict yet
    made_at: Instant
    aside: bool
    doubt: str  # a code where the replica could not show what it does


def unsent(conn: Connection, limit: int = 500) -> list[OutboxLine]:
    """Unsent commands, oldest first."""
    found = sql.rows(
        conn,
        "SELECT c.id, c.ticket, coalesce(t.number, t.provisional, ''), coalesce(t.subject, ''), c.kind, c.body, "
        "c.state, c.made_at, c.aside, c.doubt FROM command c LEFT JOIN ticket t ON t.id = c.ticket "
        "WHERE c.state IN ('pending', 'sent') ORDER BY c.num LIMIT ?",
        (limit,),
    )
    return [
        OutboxLine(
            id=id,
            ticket=ticket,
            number=number,
            subject=subject,
            kind=kind,
            command=codec.decode(body, Command),
            state=state,
            made_at=made_at,
            aside=bool(aside),
            doubt=doubt,
        )
        for id, ticket, number, subject, kind, body, state, made_at, aside, doubt in found
    ]


def unsent_lines(conn: Connection) -> list[str]:
    """Unsent commands, those that a restored server gets back, and those that need attention, as lines of JSON."""
    found = sql.rows(
        conn,
        "SELECT c.state, c.body, a.kind, a.code FROM command c "
        "LEFT JOIN attention a ON a.command = c.id AND a.settled_at IS NULL "
        "WHERE c.state IN ('pending', 'sent', 'again', 'attention') ORDER BY c.num",
    )
    return [
        sql.text({"state": state, "command": msgspec.Raw(body.encode()), "attention": kind, "code": code})
        for state, body, kind, code in found
    ]
