"""A snapshot into the replica: every ticket at once, under the rules of a page (SYNC §2, §6).

It has the form of the replica's own tables: into an empty table SQLite copies records and indexes as they stand. What
is here and not the same is put back afterwards, and what moved since the snapshot was made is taken out again: the
replica's own rows follow the feed, and what moved is asked for whole.
"""

from sqlalchemy import Connection

from desktop.replica import backfill, meta, sql
from desktop.replica.changed import Changed, Moves
from domain.entities.people import ALL_CLASSES
from domain.rules.permissions import sees_everything
from domain.wire.snapshot import LAYOUT, SnapshotAnswer

MOST_HELD = 20_000
"""With more tickets here a snapshot is not worth it: what is here may have to be put back."""

# Tables of the replica, their counterparts, and the column by which rows belong to a ticket.
_TABLES = (("ticket", "id"), ("entry", "ticket"), ("personal", "ticket"))

_PASS_HELD = f"""
INSERT OR IGNORE INTO temp.passed SELECT t.id FROM replica.ticket t LEFT JOIN snap_ticket s ON s.id = t.id
WHERE s.id IS NULL OR t.rev <> s.rev OR t.access <> {ALL_CLASSES}
"""
# What the snapshot is not to decide: moved since, past its time; here in another state, or with commands.
_PASS_OVER = (
    ("CREATE TEMP TABLE passed (id TEXT PRIMARY KEY) WITHOUT ROWID", ""),
    ("INSERT OR IGNORE INTO temp.passed SELECT value FROM json_each(?)", "moved"),
    ("INSERT OR IGNORE INTO temp.passed SELECT id FROM snap_ticket WHERE closed_at < ?", "past"),
    (_PASS_HELD, ""),
    ("INSERT OR IGNORE INTO temp.passed SELECT ticket FROM replica.base", ""),
    ("INSERT OR IGNORE INTO temp.passed SELECT ticket FROM replica.command", ""),
)
# A ticket held in fewer classes, older, or only as the person wrote it comes whole; so does one that moved.
_WANT_HELD = f"""
INSERT OR IGNORE INTO replica.wanted SELECT s.id FROM temp.passed p JOIN snap_ticket s ON s.id = p.id
LEFT JOIN replica.ticket t ON t.id = s.id WHERE coalesce(s.closed_at >= ?, 1)
AND (t.id IS NULL OR t.rev < s.rev OR t.access <> {ALL_CLASSES})
"""
_WANT_MOVED = """
INSERT OR IGNORE INTO wanted SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM ticket t WHERE t.id = value)
"""
_MINE = """
UPDATE replica.ticket SET my = p.my FROM snap_part p WHERE p.person = (SELECT num FROM snap_person WHERE id = ?)
AND p.ticket = ticket.id AND ticket.id NOT IN (SELECT id FROM temp.passed)
"""
_COLUMNS = "SELECT name FROM pragma_table_info(?, ?)"


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
    if not any(sees_everything(one.grant, whole_tree=one.everything) for one in grants):
        return False
    return sql.value(conn, "SELECT 1 FROM ticket LIMIT 1 OFFSET ?", (MOST_HELD,)) is None


def fits(conn: Connection, offered: SnapshotAnswer) -> bool:
    """Whether an offer is of this scope and epoch, in the form taken, and not older than what was read of the feed."""
    same = offered.scope_version == meta.get(conn, "scope_version") and offered.epoch == meta.epoch(conn)
    return same and offered.layout == LAYOUT and offered.as_of >= meta.cursor_seq(conn)


def want_moved(conn: Connection, offered: SnapshotAnswer) -> None:
    """Ask for what moved after the snapshot was made and is not here."""
    sql.run(conn, _WANT_MOVED, (sql.text(offered.moved),))


def take_whole(conn: Connection, offered: SnapshotAnswer) -> Changed:
    """Take in the snapshot whose tables this connection sees; nothing where the offer no longer fits."""
    if not fits(conn, offered) or not _is_alike(conn):
        return Changed()
    _pass_over(conn, offered)
    sql.run(conn, _WANT_HELD, (offered.keep_since,))
    for table, key in _TABLES:
        passed = f"WHERE {key} IN (SELECT id FROM temp.passed)"
        sql.run(conn, f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM replica.{table} {passed}")
        sql.run(conn, f"DELETE FROM replica.{table}")
        # All of it, and nothing but this: else SQLite would look into each record and every index.
        sql.run(conn, f"INSERT INTO replica.{table} SELECT * FROM snap_{table}")
        sql.run(conn, f"DELETE FROM replica.{table} {passed}")
        sql.run(conn, f"INSERT INTO replica.{table} SELECT * FROM temp.kept_{table}")
        if table == "ticket":
            sql.run(conn, _MINE, (meta.person(conn),))  # now, while its pages are in memory
    backfill.fill_all(conn)
    moves = Moves()
    moves.kind("tickets", "entries", "sync")
    moves.inserted = True
    return moves.changed()


def _is_alike(conn: Connection) -> bool:
    """Whether the columns are the replica's, in its order: they are not named when they are copied."""
    return all(
        sql.column(conn, _COLUMNS, (table, "replica"))
        == sql.column(conn, _COLUMNS, (f"snap_{table}", "main"))
        for table, _ in _TABLES
    )


def _pass_over(conn: Connection, offered: SnapshotAnswer) -> None:
    given = {"": (), "moved": (sql.text(offered.moved),), "past": (offered.keep_since,)}
    for statement, what in _PASS_OVER:
        if what != "past" or offered.keep_since > offered.kept_since:
            sql.run(conn, statement, given[what])
