"""Every table as plain rows, out and in: what a backup holds, alike for SQLite and PostgreSQL."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, LargeBinary, MetaData, Table, Text, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from domain.errors import RefusedError
from sync_server.store import tables as t

BATCH = 1000
LOCK_WAIT_S = 10
_LOCK_TIMEOUT = "55P03"
VERSION_TABLE = "alembic_version"


def tables_of(conn: Connection) -> list[Table]:
    """The tables as they are in this database, whatever its revision; by name."""
    found = MetaData()
    found.reflect(conn)
    return [table for name, table in sorted(found.tables.items()) if name != VERSION_TABLE]


def rows_of(conn: Connection, table: Table) -> Iterator[list[Any]]:
    """The rows of a table in the order of its key, the same on every database; binary content in base64."""
    binary = [index for index, column in enumerate(table.c) if isinstance(column.type, LargeBinary)]
    order = [_plain_order(conn, column) for column in table.primary_key.columns]
    found = conn.execution_options(stream_results=True).execute(select(*table.c).order_by(*order))
    for part in found.partitions(BATCH):
        for row in part:
            values = list(row)
            for index in binary:
                if values[index] is not None:
                    values[index] = base64.b64encode(values[index]).decode()
            yield values


def _plain_order(conn: Connection, column: Any) -> Any:
    if conn.dialect.name == "postgresql" and isinstance(column.type, Text):
        return column.collate("C")
    return column


def load_rows(conn: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows into an empty table; returns how many."""
    binary = [i for i, name in enumerate(columns) if isinstance(table.c[name].type, LargeBinary)]
    statement, count, batch = insert(table), 0, []
    for row in rows:
        values = dict(zip(columns, row, strict=True))
        for index in binary:
            name = columns[index]
            values[name] = None if values[name] is None else base64.b64decode(values[name])
        batch.append(values)
        if len(batch) == BATCH:
            conn.execute(statement, batch)
            count, batch = count + len(batch), []
    if batch:
        conn.execute(statement, batch)
    return count + len(batch)


def whole_blobs(conn: Connection) -> dict[str, int]:
    """The contents of attachments that stand in files, with their sizes; none in a revision that knew none."""
    if not inspect(conn).has_table(t.blob.name):
        return {}
    found = conn.execute(select(t.blob.c.hash, t.blob.c.size).where(t.blob.c.state == "whole").distinct())
    return {row.hash: row.size for row in found}


def empty(conn: Connection, tables: Iterable[Table]) -> None:
    """Take out what a fresh database begins with, so that a backup's rows can take its place."""
    for table in tables:
        conn.execute(table.delete())


def drop_all(conn: Connection, *, wait_s: int = LOCK_WAIT_S) -> None:
    """Remove every table with what it holds, inside the caller's transaction.

    Refused (``database_in_use``) where another process works on them and does not let go.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"SET LOCAL lock_timeout = '{wait_s}s'")
    found = MetaData()
    found.reflect(conn)
    try:
        found.drop_all(conn)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_TIMEOUT:
            raise RefusedError("database_in_use") from None
        raise


def epoch_of(engine: Engine) -> str:
    """The epoch of the feed in a database; nothing where it has no tables of ours."""
    with engine.connect() as conn:
        if not inspect(conn).has_table(t.feed_head.name):
            return ""
        return str(conn.execute(select(t.feed_head.c.epoch)).scalar() or "")


def checkpoint(engine: Engine) -> None:
    """Bring a SQLite file to where it needs no log beside it."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
