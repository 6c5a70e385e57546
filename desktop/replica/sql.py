"""Plain statements on a replica's connection, past SQLAlchemy's row objects, which cost most where rows are many."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection

Row = tuple[Any, ...]

_encode = msgspec.json.Encoder().encode

# What is no plain number or text the driver asks for how to adapt itself, by failing twice: for the many columns that
# are empty that took nearly half the time in which rows go in (decision 0007).
_NOTHING: dict[None, None] = {}
driver.register_adapter(type(None), _NOTHING.get)  # type: ignore[attr-defined]  # untyped
driver.register_adapter(bool, int)  # type: ignore[attr-defined]


def run(conn: Connection, statement: str, parameters: Sequence[Any] = ()) -> int:
    """Execute one statement; return how many rows it touched."""
    cursor = conn.connection.cursor()
    cursor.execute(statement, parameters)
    count: int = cursor.rowcount
    cursor.close()
    return count


def run_many(conn: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Execute one statement for each row of parameters."""
    cursor = conn.connection.cursor()
    cursor.executemany(statement, rows)  # type: ignore[arg-type]  # drivers take any iterable
    cursor.close()


def inserted(conn: Connection, statement: str, parameters: Sequence[Any]) -> int:
    """Execute one insert; return the row id it was given."""
    cursor = conn.connection.cursor()
    cursor.execute(statement, parameters)
    row_id: int = getattr(cursor, "lastrowid", 0)
    cursor.close()
    return row_id


def rows(conn: Connection, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Fetch every row as a tuple."""
    cursor = conn.connection.cursor()
    cursor.execute(statement, parameters)
    found: list[Row] = cursor.fetchall()  # type: ignore[assignment]
    cursor.close()
    return found


def row(conn: Connection, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
    """Fetch the first row, if there is one."""
    cursor = conn.connection.cursor()
    cursor.execute(statement, parameters)
    found: Row | None = cursor.fetchone()
    cursor.close()
    return found


def value(conn: Connection, statement: str, parameters: Sequence[Any] = ()) -> Any:
    """Fetch the first column of the first row; None where there is no row."""
    found = row(conn, statement, parameters)
    return None if found is None else found[0]


def column(conn: Connection, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """Fetch the first column of every row."""
    return [found[0] for found in rows(conn, statement, parameters)]


def text(content: object) -> str:
    """Encode a value as JSON text for a column or for `json_each(?)`."""
    return _encode(content).decode()
