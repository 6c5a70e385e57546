"""What this machine can do at best, measured in the same run: plain inserts, round trips, a file copy."""

import shutil
import socket
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Rows = Sequence[Sequence[Any]]

sqlite3.register_adapter(type(None), dict[None, None]().get)  # as the product binds what is empty


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def plain_insert_s(folder: Path, tables: Mapping[str, Rows]) -> float:
    """Insert the same rows into a plain SQLite file without keys, indexes, encryption or network."""
    file = folder / "limit.sqlite3"
    file.unlink(missing_ok=True)
    conn = sqlite3.connect(file, isolation_level=None)

    def insert() -> None:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("BEGIN")
        for name, rows in tables.items():
            if rows:
                marks = ",".join("?" * len(rows[0]))
                columns = ",".join(f"c{i}" for i in range(len(rows[0])))
                conn.execute(f"CREATE TABLE {name} ({columns})")
                conn.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        conn.execute("COMMIT")

    took = seconds(insert)
    conn.close()
    file.unlink()
    return took


def round_trip_s(times: int = 200) -> float:
    """The median of a one-byte exchange over loopback TCP."""
    listener = socket.create_server(("127.0.0.1", 0))

    def echo() -> None:
        served, _ = listener.accept()
        with served:
            while data := served.recv(1):
                served.sendall(data)

    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    with socket.create_connection(listener.getsockname()) as conn:
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def exchange() -> None:
            conn.sendall(b"x")
            conn.recv(1)

        taken = [seconds(exchange) for _ in range(times)]
    thread.join()
    listener.close()
    return statistics.median(taken)


def commit_s(folder: Path, times: int = 50) -> float:
    """The median of one durable one-row commit in a plain SQLite file."""
    file = folder / "commit.sqlite3"
    file.unlink(missing_ok=True)
    conn = sqlite3.connect(file, isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE t (a)")
    taken = [seconds(lambda: conn.execute("INSERT INTO t VALUES (1)")) for _ in range(times)]
    conn.close()
    return statistics.median(taken)


def copy_s(file: Path, folder: Path) -> float:
    """Copy a file and read it back."""
    target = folder / "copied"
    took = seconds(lambda: (shutil.copy(file, target), target.read_bytes()))
    target.unlink()
    return took


def connects_per_s(times: int = 2000) -> float:
    """How many loopback connections a second can be made, each kept open, with a byte exchanged."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)

    def serve() -> None:
        kept = []
        for _ in range(times):
            one, _ = listener.accept()
            one.sendall(b"x")
            kept.append(one)
        for one in kept:
            one.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    made: list[socket.socket] = []

    def connect() -> None:
        for _ in range(times):
            one = socket.create_connection(listener.getsockname())
            one.recv(1)
            made.append(one)

    took = seconds(connect)
    for one in made:
        one.close()
    thread.join()
    listener.close()
    return times / took
