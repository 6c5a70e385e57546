"""A real server process on a database made for one benchmark."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync_server.store.engine import Store
from sync_server.store.migrations import upgrade
from tests.bench.generator import fill
from tests.processes import Server


def make_database(folder: Path, tickets: int) -> str:
    """A SQLite database with that many tickets; kept in `GONGDAN_BENCH_CACHE`, if set, for the next run."""
    file = folder / "server.sqlite3"
    kept = os.environ.get("GONGDAN_BENCH_CACHE")
    source = Path(kept) / f"bench-{tickets}.sqlite3" if kept else None
    if source is not None and source.exists():
        shutil.copy(source, file)
        return f"sqlite:///{file}"
    store = Store(f"sqlite:///{file}")
    try:
        upgrade(store.engine)
        fill(store, tickets)
        with store.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()
    if source is not None:
        source.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, source)
    return f"sqlite:///{file}"


@contextmanager
def serving(folder: Path, database: str) -> Iterator[Server]:
    """Run `gongdan-server serve` on a free port until the block is left."""
    server = Server(folder, database)
    server.start()
    try:
        yield server
    finally:
        server.stop()
