"""Making and upgrading a replica's tables; its version stands in the file's header."""

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.tables import SEARCH, metadata
from domain.errors import RefusedError

VERSION = 3
"""The schema this program was built for; the revision of the same number in the history leads to it."""


def version(conn: Connection) -> int:
    """The schema version of the file; 0 for an empty one."""
    return int(sql.value(conn, "PRAGMA user_version"))


def check(found: int) -> None:
    """Refuse (``replica_too_new``) what a newer program has written."""
    if found > VERSION:
        raise RefusedError("replica_too_new", replica=found, program=VERSION)


def create(conn: Connection) -> None:
    """Make all tables in an empty file and stamp it."""
    metadata.create_all(conn)
    for statement in SEARCH:
        conn.exec_driver_sql(statement)
    sql.run(conn, "INSERT INTO revision (version_num) VALUES (?)", (revision(VERSION),))
    stamp(conn, VERSION)


def revision(number: int) -> str:
    """The name in the history of the revision that leads to a schema version."""
    return f"{number:04d}"


def stamp(conn: Connection, number: int) -> None:
    """Write the schema version into the file's header."""
    conn.exec_driver_sql(f"PRAGMA user_version = {number}")
