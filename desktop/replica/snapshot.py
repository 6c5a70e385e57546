"""Snapshots into the replica: whole tickets from a part, under the rules of a page (SYNC §2, §6).

What is here already, or is to be written, or moved since the snapshot was made, is passed over: the replica's own rows
follow the feed, and what moved is asked for whole.
"""

from sqlalchemy import Connection

from desktop.replica import backfill, meta, rows, sql
from desktop.replica.changed import Changed, Moves
from domain.entities.people import ALL_CLASSES
from domain.entities.ticket import OPEN_STATUSES
from domain.rules.permissions import sees_everything
from domain.wire.snapshot import SnapshotAnswer

_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
_TICKET = ", ".join(f"s.{name}" for name in rows.TICKET)
_ENTRY, _PERSONAL = ", ".join(rows.ENTRY), ", ".join(rows.PERSONAL)

_PASSED = (
    "CREATE TEMP TABLE IF NOT EXISTS passed (id TEXT PRIMARY KEY) WITHOUT ROWID",
    "DELETE FROM temp.passed",
)
_PASS_OVER = """
INSERT INTO temp.passed SELECT s.id FROM snap_ticket s WHERE s.closed_at < ?2
OR s.id IN (SELECT value FROM json_each(?1)) OR EXISTS (SELECT 1 FROM ticket t WHERE t.id = s.id)
OR EXISTS (SELECT 1 FROM base b WHERE b.ticket = s.id) OR EXISTS (SELECT 1 FROM command c WHERE c.ticket = s.id)
"""
# A ticket held in fewer classes, older, or only as the person wrote it comes whole; so does one that moved.
_WANT_HELD = f"""
INSERT OR IGNORE INTO wanted SELECT s.id FROM temp.passed p JOIN snap_ticket s ON s.id = p.id
LEFT JOIN ticket t ON t.id = s.id WHERE coalesce(s.closed_at >= ?, 1)
AND (t.id IS NULL OR t.rev < s.rev OR t.access <> {ALL_CLASSES})
"""
_WANT_MOVED = """
INSERT OR IGNORE INTO wanted SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM ticket t WHERE t.id = value)
"""
# The same columns as rows.ticket_row makes for a ticket that came as a Put.
_TICKETS = f"""
INSERT INTO ticket ({", ".join(rows.TICKET)}, mark, access, my, is_open, due_rank, indexed)
SELECT {_TICKET}, s.mark, {ALL_CLASSES},
CASE WHEN s.creator = ?1 THEN {rows.CREATED} ELSE 0 END | CASE WHEN s.assignee = ?1 THEN {rows.ASSIGNED} ELSE 0 END
| CASE WHEN s.cc <> '[]' AND ?1 IN (SELECT value FROM json_each(s.cc)) THEN {rows.FOLLOWS} ELSE 0 END
| CASE WHEN a.passed IS NULL THEN 0 WHEN a.passed THEN {rows.ACTED | rows.PASSED} ELSE {rows.ACTED} END,
s.status IN ({_OPEN}),
CASE WHEN s.status NOT IN ({_OPEN}) THEN {rows.SOLVED_RANK}
WHEN s.sla_state = 'paused' THEN {rows.PAUSED_RANK} + coalesce(s.sla_remaining_s, 0)
ELSE coalesce(s.due_at, {rows.NO_RANK}) END, 0
FROM snap_ticket s LEFT JOIN snap_acted a ON a.person = ?1 AND a.ticket = s.id
WHERE s.id NOT IN (SELECT id FROM temp.passed)
"""
_NOT_PASSED = "WHERE ticket NOT IN (SELECT id FROM temp.passed)"
_CHILDREN = (
    f"INSERT INTO entry ({_ENTRY}) SELECT {_ENTRY} FROM snap_entry {_NOT_PASSED}",
    f"INSERT INTO personal ({_PERSONAL}) SELECT {_PERSONAL} FROM snap_personal {_NOT_PASSED}",
)


def wants_snapshot(conn: Connection) -> bool:
    """Whether everything is still to come to somebody who may see everything: then a snapshot serves."""
    if meta.number(conn, "unconfirmed"):
        return False  # what is here is to be confirmed row by row
    undone = (
        "SELECT 1 FROM backfill WHERE kind = 'unit' AND deep = 1 AND done = 0 AND after = '' AND open = 1"
    )
    if sql.value(conn, undone) is None:
        return False
    grants = meta.scope(conn).grants
    return any(sees_everything(one.grant, whole_tree=one.everything) for one in grants)


def fits(conn: Connection, offered: SnapshotAnswer) -> bool:
    """Whether an offer is of this scope and epoch, and not older than what was read of the feed."""
    same = offered.scope_version == meta.get(conn, "scope_version") and offered.epoch == meta.epoch(conn)
    return same and offered.as_of >= meta.cursor_seq(conn)


def want_moved(conn: Connection, offered: SnapshotAnswer) -> None:
    """Ask for what moved after the snapshot was made and is not here."""
    sql.run(conn, _WANT_MOVED, (sql.text(offered.moved),))


def take_part(conn: Connection, offered: SnapshotAnswer, *, last: bool) -> Changed:
    """Take in the part whose tables this connection sees; nothing where the offer no longer fits."""
    if not fits(conn, offered):
        return Changed()
    for statement in _PASSED:
        sql.run(conn, statement)
    sql.run(conn, _PASS_OVER, (sql.text(offered.moved), offered.keep_since))
    sql.run(conn, _WANT_HELD, (offered.keep_since,))
    sql.run(conn, _TICKETS, (meta.person(conn),))
    for statement in _CHILDREN:
        sql.run(conn, statement)
    moves = Moves()
    taken = "SELECT id FROM snap_ticket WHERE id NOT IN (SELECT id FROM temp.passed)"
    moves.ticket(*sql.column(conn, taken), inserted=True)
    if last:
        backfill.fill_all(conn)
    moves.kind("sync")
    return moves.changed()
