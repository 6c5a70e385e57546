"""A snapshot's file on a desktop: in plain never, and gone when it is dropped."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from desktop.replica.engine import Replica
from desktop.replica.part import KeyedFile
from domain.wire.snapshot import PAGE_BYTES, TABLES
from sync_server.feed import snapshot_layout
from tests.desktop.replica.station import KEY


def test_file_goes_though_the_disk_refuses_its_end(tmp_path: Path) -> None:
    """What is left to write can't be written: the file is deleted all the same."""
    file = KeyedFile(tmp_path / "a.replica-part")
    file.add(bytes(PAGE_BYTES))
    os.close(file._out.fileno())
    with pytest.raises(OSError, match="Bad file"):
        file.finish()
    file.drop()
    assert not list(tmp_path.iterdir())


def _built(conn: sqlite3.Connection | Any, table: str) -> tuple[list[Any], list[Any]]:
    """How a table and its indexes are made, as far as SQLite looks at it when it copies records."""
    columns = conn.execute(f"PRAGMA table_info({table})").fetchall()
    indexes = []
    for _, name, unique, origin, partial in conn.execute(f"PRAGMA index_list({table})").fetchall():
        made = conn.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        where = " ".join(made[0].split(" WHERE ")[-1].split()) if partial and made else ""
        indexes.append((unique, origin, where, conn.execute(f"PRAGMA index_xinfo({name})").fetchall()))
    return columns, sorted(indexes, key=str)


def test_snapshot_is_made_like_the_replica(tmp_path: Path) -> None:
    """Columns, keys and indexes are the same, so that records are copied as they stand."""
    made = sqlite3.connect(":memory:")
    for statement in (*snapshot_layout.TABLES, *snapshot_layout.INDEXES):
        made.execute(statement)
    replica = Replica(tmp_path / "a.replica", KEY)
    with replica.read() as conn:
        own = conn.connection.driver_connection
        for table in TABLES:
            assert _built(made, f"snap_{table}") == _built(own, table)
    made.close()
    replica.close()
