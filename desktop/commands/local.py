"""What stays on this desktop: drafts, reminders, what was looked at. Nothing of it is sent."""

from collections.abc import Iterable

from desktop.replica import notices, sql
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from domain.entities.base import Instant


def save_draft(replica: Replica, draft: str, *, kind: str, body: str, at: Instant) -> Changed:
    """Keep a draft as it stands; called at each keystroke. `body` is the window's own JSON or text."""
    with replica.write() as conn:
        sql.run(
            conn,
            "INSERT INTO draft (id, kind, body, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET kind = excluded.kind, body = excluded.body, updated_at = excluded.updated_at",
            (draft, kind, body, at),
        )
    return Changed(kinds=frozenset({"drafts"}))


def drop_draft(replica: Replica, draft: str) -> Changed:
    """Forget a draft that was sent or given up."""
    with replica.write() as conn:
        sql.run(conn, "DELETE FROM draft WHERE id = ?", (draft,))
    return Changed(kinds=frozenset({"drafts"}))


def mark_seen(replica: Replica, tickets: Iterable[str]) -> Changed:
    """The person has looked at these tickets as they are now."""
    given = list(tickets)
    with replica.write() as conn:
        sql.run(
            conn,
            "INSERT INTO seen (ticket, rev) SELECT id, rev FROM ticket "
            "WHERE id IN (SELECT value FROM json_each(?)) ON CONFLICT (ticket) DO UPDATE SET rev = excluded.rev",
            (sql.text(given),),
        )
    return Changed(tickets=frozenset(given), kinds=frozenset({"tickets"}))


def mark_notices_seen(replica: Replica, ids: Iterable[str], at: Instant) -> Changed:
    """The person has seen these notices."""
    with replica.write() as conn:
        notices.mark_seen(conn, ids, at)
    return Changed(kinds=frozenset({"notices"}))


def remind(
    replica: Replica, reminder: str, *, ticket: str, due_at: Instant, words: str = "", source: str = "own"
) -> Changed:
    """Set a reminder, or set it to another time: it waits again."""
    with replica.write() as conn:
        sql.run(
            conn,
            "INSERT INTO reminder (id, ticket, due_at, words, state, source) VALUES (?, ?, ?, ?, 'waiting', ?) "
            "ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, words = excluded.words, state = 'waiting'",
            (reminder, ticket, due_at, words, source),
        )
    return Changed(kinds=frozenset({"reminders"}))


def snooze(replica: Replica, reminder: str, *, until: Instant) -> Changed:
    """Have a reminder come again later."""
    return _set(replica, "UPDATE reminder SET state = 'waiting', due_at = ? WHERE id = ?", until, reminder)


def reminder_shown(replica: Replica, reminder: str) -> Changed:
    """Note that a reminder was shown, so that it fires once."""
    return _set(
        replica, "UPDATE reminder SET state = ? WHERE id = ? AND state = 'waiting'", "shown", reminder
    )


def reminder_done(replica: Replica, reminder: str) -> Changed:
    """The person is done with a reminder."""
    return _set(replica, "UPDATE reminder SET state = ? WHERE id = ?", "done", reminder)


def _set(replica: Replica, statement: str, value: str | int, reminder: str) -> Changed:
    with replica.write() as conn:
        sql.run(conn, statement, (value, reminder))
    return Changed(kinds=frozenset({"reminders"}))
