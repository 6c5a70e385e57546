"""What the person is to be reminded of: what they set themselves, deadlines of their tickets, news of the server."""

from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant
from domain.rules.parts import ASSIGNED


class Due(Entity):
    """One reminder; `kind` is own, soon, late, task, or what a notice says (assigned, message, resolved …)."""

    id: str
    ticket: str
    kind: str
    at: Instant
    words: str = ""


_NOT_TOLD = "NOT EXISTS (SELECT 1 FROM reminder r WHERE r.id = "

# The server's own soon and late are passed over: they are told from the deadlines here, which works offline too.
_ALL = f"""
SELECT id, ticket, source, due_at, words FROM reminder WHERE state = 'waiting' AND due_at <= :until
UNION ALL
SELECT id || '.soon.' || soon_at, id, 'soon', soon_at, '' FROM ticket
WHERE my & {ASSIGNED} AND is_open = 1 AND sla_state = 'running' AND soon_at BETWEEN :since AND :until
AND (due_at IS NULL OR due_at > :now) AND {_NOT_TOLD} ticket.id || '.soon.' || ticket.soon_at)
UNION ALL
SELECT id || '.late.' || due_at, id, 'late', due_at, '' FROM ticket
WHERE my & {ASSIGNED} AND is_open = 1 AND sla_state = 'running' AND due_at BETWEEN :since AND :until
AND {_NOT_TOLD} ticket.id || '.late.' || ticket.due_at)
UNION ALL
SELECT id || '.task.' || task_due_at, id, 'task', task_due_at, '' FROM ticket
WHERE my & {ASSIGNED} AND is_open = 1 AND task_due_at BETWEEN :since AND :until
AND {_NOT_TOLD} ticket.id || '.task.' || ticket.task_due_at)
UNION ALL
SELECT 'notice.' || id, ticket, kind, at, '' FROM notice
WHERE seen_at IS NULL AND kind NOT IN ('soon', 'late', 'urge_read') AND at BETWEEN :since AND :until
AND {_NOT_TOLD} 'notice.' || notice.id)
ORDER BY 4, 1 LIMIT :most
"""


def due(conn: Connection, *, since: Instant, until: Instant, now: Instant, most: int) -> list[Due]:
    """What falls due up to an instant, first to last; deadlines and news before `since` are old."""
    given = {"since": since, "until": until, "now": now, "most": most}
    cursor = conn.connection.cursor()
    cursor.execute(_ALL, given)
    found = cursor.fetchall()
    cursor.close()
    return [Due(id=id, ticket=ticket, kind=kind, at=at, words=words) for id, ticket, kind, at, words in found]


def told(conn: Connection, one: Due) -> bool:
    """Mark a reminder as shown; False where it was already, or was set to a later time meanwhile."""
    return bool(
        sql.run(
            conn,
            "INSERT INTO reminder (id, ticket, due_at, words, state, source) VALUES (?, ?, ?, ?, 'shown', ?) "
            "ON CONFLICT (id) DO UPDATE SET state = 'shown' "
            "WHERE reminder.state = 'waiting' AND reminder.due_at <= excluded.due_at",
            (one.id, one.ticket, one.at, one.words, one.kind),
        )
    )


_PAST = f"""
source IN ('soon', 'late', 'task') AND state IN ('shown', 'waiting') AND NOT EXISTS (
  SELECT 1 FROM ticket t WHERE t.id = reminder.ticket AND t.my & {ASSIGNED} AND t.is_open = 1
  AND (t.sla_state = 'running' OR reminder.source = 'task') AND CASE reminder.source
    WHEN 'task' THEN instr(reminder.id, '.task.' || t.task_due_at) > 0
    WHEN 'late' THEN instr(reminder.id, '.late.' || t.due_at) > 0
    ELSE instr(reminder.id, '.soon.' || t.soon_at) > 0 AND (t.due_at IS NULL OR t.due_at > :now) END)
"""


def past(conn: Connection, now: Instant) -> bool:
    """Whether a reminder of a deadline holds no more: met, moved, paused, given away, or late by now."""
    cursor = conn.connection.cursor()
    cursor.execute(f"SELECT 1 FROM reminder WHERE {_PAST} LIMIT 1", {"now": now})
    found = cursor.fetchone()
    cursor.close()
    return found is not None


def end_past(conn: Connection, now: Instant) -> None:
    """Be done with reminders of deadlines that hold no more."""
    cursor = conn.connection.cursor()
    cursor.execute(f"UPDATE reminder SET state = 'done' WHERE {_PAST}", {"now": now})
    cursor.close()


def open_reminders(conn: Connection) -> list[Due]:
    """What was shown and is not done yet; what the tray counts."""
    found = sql.rows(
        conn,
        "SELECT id, ticket, source, due_at, words FROM reminder WHERE state = 'shown' ORDER BY due_at, id",
    )
    return [Due(id=id, ticket=ticket, kind=kind, at=at, words=words) for id, ticket, kind, at, words in found]


def forget_told(conn: Connection, before: Instant) -> int:
    """Drop what was done long ago; deadlines that old are not told again."""
    return sql.run(conn, "DELETE FROM reminder WHERE state = 'done' AND due_at < ?", (before,))
