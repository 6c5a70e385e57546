"""Trouble of the surroundings is told from faults of what is written: for a fault a command is rejected for good."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.errors import UnavailableError
from sync_server.store.direct import Sql
from sync_server.store.engine import Store

_RAISE = Sql("UPDATE counter SET value = value + ? WHERE name = ?")


def test_a_database_that_another_program_holds_is_busy(tmp_path: Path) -> None:
    """An operator's long command has SQLite's lock; once it is given back everything goes on."""
    file = tmp_path / "server.sqlite3"
    store = Store(f"sqlite:///{file}", pool_size=1)
    other = sqlite3.connect(file, isolation_level=None)

    def write() -> int:
        with store.write() as conn:
            conn.execute(text("CREATE TABLE IF NOT EXISTS made (id INTEGER)"))
            conn.commit()
        return 1

    try:
        patient = store.engine.raw_connection()
        patient.cursor().execute("PRAGMA busy_timeout=0")
        patient.close()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="busy"):
            store.retrying(write)
        other.execute("ROLLBACK")
        assert store.retrying(write) == 1
    finally:
        other.close()
        store.close()


def test_transactions_that_wait_for_each_other_are_repeated(store: Store) -> None:
    """PostgreSQL ends one of the two; its work is done once more from the beginning, and both are in."""
    if store.sqlite:
        pytest.skip("one writes at a time there")
    both_hold_one, tries = threading.Barrier(2), list[str]()

    def write(first: str, second: str) -> None:
        with store.write() as conn:
            tries.append(first)
            _RAISE.run(conn, 1, first)
            if tries.count(first) == 1:
                both_hold_one.wait(10)
            _RAISE.run(conn, 1, second)
            conn.commit()

    with store.write() as conn:
        conn.execute(text("INSERT INTO counter VALUES ('one', 0), ('two', 0)"))
        conn.commit()
    with ThreadPoolExecutor(2) as pool:
        ends = [
            pool.submit(store.retrying, lambda names=names: write(*names))
            for names in (("one", "two"), ("two", "one"))
        ]
        for end in ends:
            end.result()
    with store.read() as conn:
        found = conn.execute(text("SELECT value FROM counter WHERE name IN ('one', 'two')"))
        assert list(found.scalars()) == [2, 2]
    assert len(tries) > 2


def test_a_standby_that_takes_no_writes_is_away(store: Store) -> None:
    """Whatever is sent to it: no command is at fault."""

    def write() -> None:
        with store.write() as conn:
            conn.execute(text("PRAGMA query_only=1" if store.sqlite else "SET TRANSACTION READ ONLY"))
            try:
                _RAISE.run(conn, 1, "tree")
            finally:
                if store.sqlite:
                    conn.execute(text("PRAGMA query_only=0"))

    with pytest.raises(UnavailableError, match="database_away"):
        store.retrying(write)


def test_a_damaged_file_is_no_fault_of_what_is_written(tmp_path: Path) -> None:
    """A command that meets a damaged page is asked for again later, not rejected for good."""
    file = tmp_path / "server.sqlite3"
    file.write_bytes(b"no database " * 100)
    store = Store(f"sqlite:///{file}", pool_size=1)

    def write() -> None:
        with store.write() as conn:
            _RAISE.run(conn, 1, "tree")

    with pytest.raises(UnavailableError, match="database_damaged"):
        store.retrying(write)
    with pytest.raises(UnavailableError, match="database_damaged"), store.read():
        pass
    store.close()


def test_who_reads_while_the_database_restarts_is_told_so() -> None:
    """It is no fault of the program's, which an operator would be alarmed of."""
    store = Store("postgresql+psycopg://nobody@127.0.0.1:1/none", pool_size=1)
    with pytest.raises(UnavailableError, match="database_away"), store.read():
        pass
    store.close()
