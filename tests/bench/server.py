"""A real server process on a database made for one benchmark."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync_server.store.engine import Store
from sync_server.store.migrations import upgrade, versions
from tests.bench import generator
from tests.processes import Server

REST_S, STILL_S, STILL_CPU_S = 60, 3, 0.03
"""For how many seconds is waited at most, and how many in a row a server at rest uses next to nothing."""


def make_database(folder: Path, tickets: int) -> str:
    """A SQLite database with that many tickets; kept in `GONGDAN_BENCH_CACHE`, if set, for the next run."""
    file = folder / "server.sqlite3"
    kept = os.environ.get("GONGDAN_BENCH_CACHE")
    source = Path(kept) / f"bench-{tickets}-{_made_of()}.sqlite3" if kept else None
    if source is not None and source.exists():
        shutil.copy(source, file)
        return f"sqlite:///{file}"
    store = Store(f"sqlite:///{file}")
    try:
        upgrade(store.engine)
        generator.fill(store, tickets)
        with store.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()
    if source is not None:
        source.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, source)
    return f"sqlite:///{file}"


def _made_of() -> str:
    """What the database depends on, in a few digits: one kept from before a change is not taken for it."""
    texts = [Path(generator.__file__), *sorted(Path(versions.__path__[0]).glob("*.py"))]
    return hashlib.sha256(b"".join(one.read_bytes() for one in texts)).hexdigest()[:12]


@contextmanager
def serving(folder: Path, database: str) -> Iterator[Server]:
    """Run `gongdan-server serve` on a free port until the block is left."""
    server = Server(folder, database)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def come_to_rest(server: Server) -> None:
    """Wait until a server that has just started has done what was due: nobody comes back that very second."""
    still, before = 0, server.cpu_s()
    for _ in range(REST_S):
        time.sleep(1)
        now = server.cpu_s()
        still = still + 1 if now - before < STILL_CPU_S else 0
        before = now
        if still == STILL_S:
            return
