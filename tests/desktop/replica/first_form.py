"""Replicas in the form that they had before 0.3."""

from pathlib import Path

import sqlcipher3.dbapi2 as driver

from desktop.replica import cipher


def make_first(path: Path, key: bytes) -> None:
    """An empty file in the first form."""
    connection = driver.connect(str(path), isolation_level=None)  # type: ignore[attr-defined]  # untyped
    cipher.unlock(connection, key, cipher.FIRST)
    connection.execute("CREATE TABLE one (x)")
    connection.execute("DROP TABLE one")
    connection.close()
