"""What stays on this desktop: drafts, reminders, what was looked at."""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Instant


def save_draft(conn: Connection, draft: str, *, kind: str, body: str, at: Instant) -> None:
    """Keep a draft as it stands."""
    sql.run(
        conn,
        "INSERT INTO draft (id, kind, body, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET kind = excluded.kind, body = excluded.body, updated_at = excluded.updated_at",
        (draft, kind, body, at),
    )


def drop_draft(conn: Connection, draft: str) -> None:
    """Forget a draft."""
    sql.run(conn, "DELETE FROM draft WHERE id = ?", (draft,))


def mark_seen(conn: Connection, tickets: Iterable[str]) -> None:
    """These tickets were looked at as they are now."""
    sql.run(
        conn,
        "INSERT INTO seen (ticket, rev) SELECT id, rev FROM ticket "
        "WHERE id IN (SELECT value FROM json_each(?)) ON CONFLICT (ticket) DO UPDATE SET rev = excluded.rev",
        (sql.text(list(tickets)),),
    )


def remind(conn: Connection, reminder: str, *, ticket: str, due_at: Instant, words: str, source: str) -> None:
    """Keep a reminder; one that is there already waits again."""
    sql.run(
        conn,
        "INSERT INTO reminder (id, ticket, due_at, words, state, source) VALUES (?, ?, ?, ?, 'waiting', ?) "
        "ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, words = excluded.words, state = 'waiting'",
        (reminder, ticket, due_at, words, source),
    )


def snooze(conn: Connection, reminder: str, until: Instant) -> None:
    """Have a reminder wait again."""
    sql.run(conn, "UPDATE reminder SET state = 'waiting', due_at = ? WHERE id = ?", (until, reminder))


def end_reminder(conn: Connection, reminder: str) -> None:
    """A reminder is done with."""
    sql.run(conn, "UPDATE reminder SET state = 'done' WHERE id = ?", (reminder,))
