"""A real server process on a database made for one benchmark."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from sync_server.store.engine import Store
from sync_server.store.migrations import upgrade
from tests.bench.generator import fill

START_S = 60


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


class ServerProcess:
    """A serving process: its address, and what it used."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.address = address
        self._process = psutil.Process(process.pid)

    def cpu_s(self) -> float:
        """Processor seconds used so far, user and system."""
        used = self._process.cpu_times()
        return float(used.user + used.system)

    def memory_mb(self) -> float:
        """Resident memory now."""
        return float(self._process.memory_info().rss / 1e6)


@contextmanager
def serving(folder: Path, database: str) -> Iterator[ServerProcess]:
    """Run `gongdan-server serve` on a free port until the block is left."""
    command = [sys.executable, "-m", "sync_server", "serve", "--port", "0", "--database", database]
    command += ["--home", str(folder)]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield ServerProcess(process, _address(process))
        finally:
            process.terminate()
            process.wait(30)


def _address(process: "subprocess.Popen[str]") -> str:
    deadline = time.monotonic() + START_S
    assert process.stdout is not None
    while time.monotonic() < deadline:
        line = process.stdout.readline().strip()
        if line.startswith("http"):
            return line
        if process.poll() is not None:
            break
    raise SystemExit("the server did not start; see server.log")
