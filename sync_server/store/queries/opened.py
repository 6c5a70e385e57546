"""Queries whose rows are fetched in parts, as the driver makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select


@contextmanager
def opened(conn: Connection, query: Select[Any]) -> Iterator[Any]:
    """The driver's cursor of a query: its rows are plain tuples, and on SQLite truth is 0 or 1."""
    result = conn.execute(query)
    try:
        yield result.cursor
    finally:
        result.close()
