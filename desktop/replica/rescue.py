"""Saves what the person wrote out of a damaged replica before a new one takes its place (SYNC §6)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2
from sqlalchemy import Connection

from desktop.replica import attachments, cipher, copies, meta, rebase, rows, sql
from desktop.replica.changed import Moves
from desktop.replica.engine import Replica
from desktop.replica.facts import FactSource
from desktop.replica.rows import Base
from domain.entities.base import Entity

driver: Any = sqlcipher3.dbapi2  # ships no types

_NUMBERED = ("command", "attention")
"""Tables whose rows are found one by one by number, past a page that can't be read."""
_KEYED = ("draft", "reminder", "attachment")
_META = (
    *(
        "person",
        "device",
        "replica_code",
        "push_no",
        "provisional",
        "tokens",
        "key_kept",
        "contact",
        "lease_until",
    ),
    # So that a restored server is noticed, and what is being given back to one still is.
    *("seen", "recovery", "restored_from", "restored_contact"),
)
_MOST_GAP = 100_000


class Rescued(Entity):
    """What could be read of a damaged replica, by table as it stood; `lost` counts rows that could not."""

    columns: dict[str, tuple[str, ...]] = {}
    rows: dict[str, list[tuple[Any, ...]]] = {}
    meta: dict[str, str] = {}
    lost: int = 0

    @property
    def commands(self) -> int:
        """How many commands were saved that the server has not answered."""
        if "command" not in self.rows:
            return 0
        state = self.columns["command"].index("state")
        return sum(row[state] in ("pending", "sent", "again", "attention") for row in self.rows["command"])


def read_damaged(path: Path, key: bytes | None) -> Rescued:
    """Read what can be read of a file that doesn't hold; nothing where not even its first page does."""
    connection = driver.connect(str(path), isolation_level=None)
    try:
        if key is not None:
            cipher.unlock(connection, key, cipher.form_of(path, key))
        cursor = connection.cursor()
        columns: dict[str, tuple[str, ...]] = {}
        found: dict[str, list[tuple[Any, ...]]] = {}
        lost = 0
        for table in (*_NUMBERED, *_KEYED):
            names = _columns(cursor, table)
            if not names:
                continue
            columns[table] = names
            kept, missed = (
                _numbered(cursor, table, names) if table in _NUMBERED else _keyed(cursor, table, names)
            )
            found[table], lost = kept, lost + missed
        return Rescued(columns=columns, rows=found, meta=_read_meta(cursor), lost=lost)
    finally:
        connection.close()


def _fetch(cursor: Any, statement: str, given: Sequence[object] = ()) -> list[tuple[Any, ...]] | None:
    """All rows, or None where a page on the way can't be read."""
    try:
        found: list[tuple[Any, ...]] = cursor.execute(statement, given).fetchall()
    except driver.DatabaseError:
        return None
    return found


def _columns(cursor: Any, table: str) -> tuple[str, ...]:
    return tuple(row[1] for row in _fetch(cursor, f"PRAGMA table_info({table})") or ())


def _numbered(cursor: Any, table: str, names: Sequence[str]) -> tuple[list[tuple[Any, ...]], int]:
    select = f"SELECT {', '.join(names)} FROM {table}"
    whole = _fetch(cursor, f"{select} ORDER BY num")
    if whole is not None:
        return whole, 0
    kept: list[tuple[Any, ...]] = []
    lost = 0
    for num in _numbers(cursor, table):
        row = _fetch(cursor, f"{select} WHERE num = ?", (num,))
        if row is None:
            lost += 1
        else:
            kept += row
    return kept, lost


def _numbers(cursor: Any, table: str) -> Iterator[int]:
    """Every number a row may have; the highest stands in a table of SQLite's own."""
    last = _fetch(cursor, "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,))
    if not last:
        last = _fetch(cursor, f"SELECT num FROM {table} ORDER BY num DESC LIMIT 1")
    highest = int(last[0][0]) if last else 0
    yield from range(max(1, highest - _MOST_GAP), highest + 1)


def _keyed(cursor: Any, table: str, names: Sequence[str]) -> tuple[list[tuple[Any, ...]], int]:
    kept: list[tuple[Any, ...]] = []
    try:
        cursor.execute(f"SELECT {', '.join(names)} FROM {table}")
        while (row := cursor.fetchone()) is not None:
            kept.append(row)
    except driver.DatabaseError:
        return kept, 1
    return kept, 0


def _read_meta(cursor: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in _META:
        row = _fetch(cursor, "SELECT value FROM meta WHERE key = ?", (key,))
        if row:
            found[key] = row[0][0]
    return found


def rebuild(path: Path, key: bytes | None, *, person: str, device: str, code: str) -> tuple[Replica, Rescued]:
    """Put an empty replica in the place of a damaged one, with what was saved; the damaged file stays beside it.

    Raises UnavailableError ``replica_damaged`` where the new one can't be made.
    """
    rescued = read_damaged(path, key)
    copies.set_beside(path, incomplete=rescued.lost > 0)
    replica = Replica(path, key)
    try:
        with replica.write() as conn:
            _fill(conn, rescued, {"person": person, "device": device, "replica_code": code})
    except BaseException:
        replica.close()
        raise
    return replica, rescued


def _fill(conn: Connection, rescued: Rescued, known: dict[str, str]) -> None:
    for key, value in (known | rescued.meta).items():
        meta.put(conn, key, value)
    for table, found in rescued.rows.items():
        names = [name for name in rescued.columns[table] if name in _known_columns(conn, table)]
        places = [rescued.columns[table].index(name) for name in names]
        sql.run_many(
            conn,
            f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            [tuple(row[place] for place in places) for row in found],
        )
    # What the server has taken comes with its rows; the rest is replayed over them.
    sql.run(conn, "UPDATE command SET state = 'done' WHERE state = 'acked'")
    created = sql.column(
        conn, "SELECT ticket FROM command WHERE kind IN ('create', 'split') AND state IN ('pending', 'sent')"
    )
    for ticket in created:
        rows.save_base(conn, ticket, Base())
    rebase.rebuild(conn, FactSource(conn), created, Moves())
    attachments.adopt(conn)


def _known_columns(conn: Connection, table: str) -> list[str]:
    return [row[1] for row in sql.rows(conn, f"PRAGMA table_info({table})")]
