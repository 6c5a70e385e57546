"""What stays on this desktop: drafts, reminders, what was looked at. Nothing of it is sent."""

from collections.abc import Iterable

from desktop.replica import backfill, keeping, notices
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from domain.entities.base import Instant


def save_draft(replica: Replica, draft: str, *, kind: str, body: str, at: Instant) -> Changed:
    """Keep a draft as it stands; called at each keystroke. `body` is the window's own JSON or text."""
    with replica.write() as conn:
        keeping.save_draft(conn, draft, kind=kind, body=body, at=at)
    return Changed(kinds=frozenset({"drafts"}))


def drop_draft(replica: Replica, draft: str) -> Changed:
    """Forget a draft that was sent or given up."""
    with replica.write() as conn:
        keeping.drop_draft(conn, draft)
    return Changed(kinds=frozenset({"drafts"}))


def hold_filling(replica: Replica, *, held: bool) -> Changed:
    """Have the rest of the first sync wait, or go on; what is here stays, and changes go on coming and going."""
    with replica.write() as conn:
        backfill.hold(conn, held=held)
    return Changed(kinds=frozenset({"sync"}))


def mark_seen(replica: Replica, tickets: Iterable[str]) -> Changed:
    """The person has looked at these tickets as they are now."""
    given = frozenset(tickets)
    with replica.write(durable=False) as conn:
        keeping.mark_seen(conn, given)
    return Changed(tickets=given, kinds=frozenset({"tickets"}))


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
        keeping.remind(conn, reminder, ticket=ticket, due_at=due_at, words=words, source=source)
    return Changed(kinds=frozenset({"reminders"}))


def snooze(replica: Replica, reminder: str, *, until: Instant) -> Changed:
    """Have a reminder come again later."""
    with replica.write() as conn:
        keeping.snooze(conn, reminder, until)
    return Changed(kinds=frozenset({"reminders"}))


def reminder_done(replica: Replica, reminder: str) -> Changed:
    """The person is done with a reminder."""
    with replica.write() as conn:
        keeping.end_reminder(conn, reminder)
    return Changed(kinds=frozenset({"reminders"}))
