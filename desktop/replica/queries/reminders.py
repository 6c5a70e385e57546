"""The person's reminders."""

from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant


class Reminder(Entity):
    """One reminder; `source` is `own`, or what it was made from."""

    id: str
    ticket: str
    number: str
    subject: str
    due_at: Instant
    words: str
    state: str  # waiting, shown, done
    source: str


_REMINDERS = (
    "SELECT r.id, r.ticket, coalesce(t.number, t.provisional, ''), coalesce(t.subject, ''), r.due_at, r.words, "
    "r.state, r.source FROM reminder r LEFT JOIN ticket t ON t.id = r.ticket WHERE "
)


def waiting(conn: Connection) -> list[Reminder]:
    """Reminders the person set for later, the next first."""
    return _read(conn, "r.state = 'waiting' ORDER BY r.due_at", ())


def of_ticket(conn: Connection, ticket: str) -> list[Reminder]:
    """The reminders of one ticket that are not done."""
    return _read(conn, "r.ticket = ? AND r.state <> 'done' ORDER BY r.due_at", (ticket,))


def reminder(conn: Connection, id: str) -> Reminder | None:
    """One reminder."""
    return next(iter(_read(conn, "r.id = ?", (id,))), None)


def _read(conn: Connection, condition: str, parameters: tuple[object, ...]) -> list[Reminder]:
    return [
        Reminder(
            id=id,
            ticket=ticket,
            number=number,
            subject=subject,
            due_at=due_at,
            words=words,
            state=state,
            source=source,
        )
        for id, ticket, number, subject, due_at, words, state, source in sql.rows(
            conn, _REMINDERS + condition, parameters
        )
    ]
