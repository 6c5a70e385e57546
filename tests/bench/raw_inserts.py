"""What the database can do at best with the rows of a push: one multi-row insert for each table, and a commit."""

import statistics
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from sync_server.store.engine import Store

TABLES = ("ticket", "entry", "personal", "sla_clock", "sla_step", "change", "verdict")


def commit_again_s(store: Store, *, commands: int, times: int = 10) -> float:
    """The median of committing again what so many commands left, into tables without keys or indexes.

    A command leaves one verdict, a change row and two timeline rows at most; a quarter of them left a ticket.
    """
    with store.engine.connect() as conn:
        parts = [(name, _newest(conn, name, commands)) for name in TABLES]
        for name in TABLES:
            conn.exec_driver_sql(
                f"CREATE TABLE IF NOT EXISTS limit_{name} AS SELECT * FROM {name} WHERE 1 = 0"
            )
        conn.commit()
    return statistics.median(_committed(store, parts) for _ in range(times))


def _newest(conn: Connection, name: str, commands: int) -> Sequence[Sequence[Any]]:
    count = commands if name in ("entry", "verdict") else -(-commands // 4)
    return [tuple(row) for row in conn.exec_driver_sql(f"SELECT * FROM {name} LIMIT {count}")]


def _committed(store: Store, parts: Sequence[tuple[str, Sequence[Sequence[Any]]]]) -> float:
    mark = "?" if store.sqlite else "%s"
    start = time.perf_counter()
    with store.write() as conn:
        for name, rows in parts:
            if rows:
                one = f"({', '.join([mark] * len(rows[0]))})"
                values = tuple(value for row in rows for value in row)
                conn.exec_driver_sql(
                    f"INSERT INTO limit_{name} VALUES {', '.join([one] * len(rows))}", values
                )
        conn.commit()
    return time.perf_counter() - start
