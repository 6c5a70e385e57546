"""Statements of the hot path: their text is made once and run by the driver itself (decision 0006).

Building a Core statement anew for each request, looking it up among the compiled ones and wrapping its rows took
two thirds of a push. Here a statement is a text for each driver; errors are still SQLAlchemy's, so that whoever
retries need not know.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec.structs import astuple
from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, Table
from sqlalchemy.exc import DBAPIError

Rows = list[tuple[Any, ...]]
Conflict = Literal["fails", "replaced", "kept"]

_json = msgspec.json.Encoder().encode

# What is no plain number or text the driver asks for how to adapt itself, by failing twice: of rows with many empty
# columns that is half of the time in which they are bound (decision 0007).
_NOTHING: dict[None, None] = {}
sqlite3.register_adapter(type(None), _NOTHING.get)
sqlite3.register_adapter(bool, int)


class Sql:
    """One statement with `?` for its values; `IN ?` takes a list. `[…]` is for PostgreSQL alone."""

    def __init__(self, text: str) -> None:
        shared = text.replace("[", "").replace("]", "")
        plain = "".join(part.partition("]")[2] if i else part for i, part in enumerate(text.split("[")))
        self.sqlite = plain.replace("IN ?", "IN (SELECT value FROM json_each(?))")
        self.postgres = shared.replace("IN ?", "= ANY(?)").replace("%", "%%").replace("?", "%s")

    def all(self, conn: Connection, *values: Any) -> Rows:
        """Run it and return its rows."""
        found: Rows = self.sent(conn, *values).fetchall()
        return found

    def run(self, conn: Connection, *values: Any) -> None:
        """Run it for its effect; inside `pipelined` an error shows at the end."""
        self.sent(conn, *values)

    def sent(self, conn: Connection, *values: Any) -> Any:
        """The driver's cursor with the statement under way: its rows may be fetched later."""
        if conn.dialect.name == "sqlite":
            given = [_json(v).decode() if isinstance(v, list) else v for v in values]
            return _executed(conn, "execute", self.sqlite, given)
        return _executed(conn, "execute", self.postgres, values, prepare=True)


Given = Sequence[dict[str, Any]] | Sequence[msgspec.Struct]
"""Rows with every column: by name, or structs whose fields are a table's columns in their order, where many come."""


class Writer:
    """Writes any number of rows: out of one JSON text on PostgreSQL, row by row inside SQLite."""

    def __init__(self, table: str, names: Sequence[str], *, sqlite: str, postgres: str) -> None:
        self.table, self._names, self._sqlite, self.postgres = table, names, sqlite, postgres

    def run(self, conn: Connection, rows: Given) -> None:
        """Write rows, each with every column; none is fine."""
        if not rows:
            return
        if conn.dialect.name == "sqlite":
            _executed(conn, "executemany", self._sqlite, self._plain(rows))
        else:
            _executed(conn, "execute", self.postgres, (rows_text(rows),), prepare=True)

    def _plain(self, rows: Given) -> list[Sequence[Any]]:
        names = self._names
        return [
            astuple(row) if isinstance(row, msgspec.Struct) else [row[name] for name in names] for row in rows
        ]


class WriteRows(Writer):
    """Inserts rows; one whose primary key is there fails, replaces it, or leaves it as it is."""

    def __init__(self, table: Table, *, conflict: Conflict = "fails") -> None:
        names = [column.name for column in table.c]
        columns = ", ".join(map(_quoted, names))
        tail = _on_conflict(table, conflict)
        into = f"INSERT INTO {table.name} ({columns})"
        sqlite = f"{into} VALUES ({', '.join('?' * len(names))}){tail}"
        postgres = f"{into} SELECT {columns} FROM {recordset(table)}{tail}"
        super().__init__(table.name, names, sqlite=sqlite, postgres=postgres)


class ReplaceRows(Writer):
    """Replaces all other columns of rows that are there, found by their primary key."""

    def __init__(self, table: Table) -> None:
        keys = [column.name for column in table.primary_key]
        others = [column.name for column in table.c if column.name not in keys]
        marked = ", ".join(f"{_quoted(name)} = ?" for name in others)
        found = " AND ".join(f"{_quoted(name)} = ?" for name in keys)
        taken = ", ".join(f"{_quoted(name)} = r.{_quoted(name)}" for name in others)
        same = " AND ".join(f"{table.name}.{_quoted(name)} = r.{_quoted(name)}" for name in keys)
        sqlite = f"UPDATE {table.name} SET {marked} WHERE {found}"
        postgres = f"UPDATE {table.name} SET {taken} FROM {recordset(table)} WHERE {same}"
        super().__init__(table.name, [*others, *keys], sqlite=sqlite, postgres=postgres)


def write_all(conn: Connection, parts: Iterable[tuple[Writer, Given]]) -> None:
    """Write rows of many tables: on PostgreSQL in one statement, as far as none of them comes twice."""
    together: dict[str, tuple[Writer, Given]] = {}
    for writer, rows in parts:
        if rows and writer.table in together:
            _written(conn, together.values())  # rows of one statement don't see each other
            together = {}
        if rows:
            together[writer.table] = (writer, rows)
    _written(conn, together.values())


def _written(conn: Connection, parts: Collection[tuple[Writer, Given]]) -> None:
    if conn.dialect.name == "sqlite" or len(parts) < 2:
        for writer, rows in parts:
            writer.run(conn, rows)
        return
    text = _merged(tuple(writer for writer, _ in parts))
    _executed(conn, "execute", text, [rows_text(rows) for _, rows in parts], prepare=True)


@lru_cache(maxsize=256)
def _merged(writers: tuple[Writer, ...]) -> str:
    return f"WITH {', '.join(f'w{n} AS ({one.postgres})' for n, one in enumerate(writers))} SELECT 1"


def recordset(table: Table, mark: str = "%s") -> str:
    """A table's rows out of one JSON text, named `r`, for PostgreSQL."""
    typed = ", ".join(f"{_quoted(column.name)} {_type(column)}" for column in table.c)
    return f"json_to_recordset({mark}::json) AS r({typed})"


def rows_text(rows: Given) -> str:
    """Rows as the JSON text that `recordset` reads."""
    return _json(rows).decode()


@contextmanager
def pipelined(conn: Connection, *, commit: bool = False) -> Iterator[None]:
    """On PostgreSQL statements inside are sent without waiting for each other's answers, and so is the commit."""
    if conn.dialect.name == "sqlite":
        yield
    else:
        driver = _driver(conn)
        try:
            with driver.pipeline():
                yield
                if commit:
                    driver.commit()
        except conn.dialect.loaded_dbapi.Error as error:
            raise _translated(conn, "a pipeline", error) from error
    if commit:
        conn.commit()  # on PostgreSQL that is known to be done by now: no round trip


def _executed(conn: Connection, how: str, text: str, values: Sequence[Any], **more: Any) -> Any:
    """Run a statement by the driver's method of that name; its errors come out as SQLAlchemy's."""
    try:
        return getattr(_driver(conn), how)(text, values, **more)
    except conn.dialect.loaded_dbapi.Error as error:
        raise _translated(conn, text, error) from error


def begin_sqlite(conn: Connection, text: str) -> None:
    """Begin a transaction of SQLite by the driver itself; for the engine's hook of that name."""
    try:
        conn.connection.dbapi_connection.execute(text)  # type: ignore[union-attr]  # it is there, and SQLite's
    except conn.dialect.loaded_dbapi.Error as error:
        raise _translated(conn, text, error) from error


def _driver(conn: Connection) -> Any:
    """The driver's connection, inside a transaction."""
    if not conn.in_transaction():
        conn.begin()
    return conn.connection.driver_connection


def _translated(conn: Connection, text: str, error: Any) -> Exception:
    """An error of the driver as SQLAlchemy's; a connection that is gone is given up."""
    kind = conn.dialect.loaded_dbapi.Error
    gone = conn.dialect.is_disconnect(error, conn.connection.dbapi_connection, None)
    raised: Exception = DBAPIError.instance(
        text, None, error, kind, hide_parameters=True, connection_invalidated=gone, dialect=conn.dialect
    )
    if gone:
        conn.invalidate(error)
    return raised


def _on_conflict(table: Table, conflict: Conflict) -> str:
    if conflict == "fails":
        return ""
    keys = [column.name for column in table.primary_key]
    others = [column.name for column in table.c if column.name not in keys]
    if conflict == "kept":
        return " ON CONFLICT DO NOTHING"
    taken = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in others)
    return f" ON CONFLICT ({', '.join(map(_quoted, keys))}) DO UPDATE SET {taken}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _type(column: Column[Any]) -> str:
    if isinstance(column.type, Boolean):
        return "boolean"
    if isinstance(column.type, BigInteger):
        return "bigint"
    return "integer" if isinstance(column.type, Integer) else "text"
