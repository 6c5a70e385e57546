"""One part of a snapshot as a file: a SQLite database of whole tickets, packed (domain.wire.snapshot)."""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import zstandard

from domain.wire.snapshot import PAGE_BYTES, RESERVED_BYTES, TABLES, SnapshotPart

_KEYS = {
    "snap_ticket": "id DESC",
    "snap_entry": "ticket DESC, id",
    "snap_personal": "ticket DESC, key",
    "snap_acted": "person, ticket",
}
_PACKING = 3

# Of the first page, by the file format of SQLite: the bytes reserved on each page; where the cells of an empty
# table begin.
_RESERVED_AT, _CELLS_AT = 20, 105


def write_part(target: Path, rows: Mapping[str, Iterable[Sequence[Any]]], tickets: int) -> SnapshotPart:
    """Write the rows of each table, newest first, as the packed part `target`."""
    plain = target.with_suffix(".building")
    plain.unlink(missing_ok=True)
    try:
        make_empty(plain)
        _fill(plain, rows)
        packed = zstandard.ZstdCompressor(level=_PACKING).compress(plain.read_bytes())
    finally:
        plain.unlink(missing_ok=True)
    target.write_bytes(packed)
    return SnapshotPart(tickets=tickets, size=len(packed), sha256=hashlib.sha256(packed).hexdigest())


def make_empty(file: Path) -> None:
    """An empty database whose pages keep bytes in reserve, which no statement of SQLite can ask for."""
    conn = sqlite3.connect(file, isolation_level=None)
    conn.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    conn.execute("PRAGMA user_version = 1")
    conn.close()
    page = bytearray(file.read_bytes())
    page[_RESERVED_AT] = RESERVED_BYTES
    page[_CELLS_AT : _CELLS_AT + 2] = (PAGE_BYTES - RESERVED_BYTES).to_bytes(2, "big")
    file.write_bytes(page)


def _fill(file: Path, rows: Mapping[str, Iterable[Sequence[Any]]]) -> None:
    conn = sqlite3.connect(file, isolation_level=None)
    try:
        conn.execute("PRAGMA journal_mode = OFF")
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("BEGIN")
        for name, columns in TABLES.items():
            marks = ", ".join("?" * len(columns))
            conn.execute(
                f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY ({_KEYS[name]})) WITHOUT ROWID"
            )
            conn.executemany(f"INSERT INTO {name} VALUES ({marks})", rows[name])
        conn.execute("COMMIT")
    finally:
        conn.close()
