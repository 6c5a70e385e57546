"""Database files: templates made once, copies as a crash leaves them."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from desktop.replica.engine import Replica
from sync_server.store import migrations
from sync_server.store.engine import Store
from tests.simulation.real import chain

_MEMORY = Path("/dev/shm")
SHARED = "GONGDAN_SIMULATION_FOLDER"
"""Names the folder in which the processes of one run make theirs, so that it can be taken away as a whole."""


@dataclass(frozen=True)
class Room:
    """A folder in memory for the stories of one process, with the files they begin from."""

    folder: Path
    server: Path
    replica: Path

    def clear(self) -> None:
        """Take it away with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def make_folder(within: str | None = None) -> Path:
    """A new folder, in memory where there is one for that."""
    memory = str(_MEMORY) if _MEMORY.is_dir() else None
    return Path(tempfile.mkdtemp(prefix="gongdan-sim-", dir=within or memory))


def make_room() -> Room:
    """Make the folder and the two templates; a process of several works in the folder that all of them share."""
    folder = make_folder(os.environ.get(SHARED))
    room = Room(folder, folder / "server.template", folder / "replica.template")
    store = Store(f"sqlite:///{room.server}")
    migrations.upgrade(store.engine)
    chain.found(store)
    store.close()
    Replica(room.replica, None, durable=False).close()
    return room


def wal_of(path: Path) -> Path:
    """The write-ahead log of a database file."""
    return path.with_name(path.name + "-wal")


def log_size(path: Path) -> int:
    """How long the write-ahead log of a database file is."""
    wal = wal_of(path)
    return wal.stat().st_size if wal.exists() else 0


def begin_from(template: Path, path: Path) -> None:
    """Put a fresh copy of a template in a file's place."""
    remove(path)
    shutil.copyfile(template, path)


def remove(path: Path) -> None:
    """Take a database file and what belongs to it away."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


class Remains:
    """What a crash leaves of a database: the file and its log as they are at that instant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.read_bytes()
        wal = wal_of(path)
        self._log = wal.read_bytes() if wal.exists() else b""

    @property
    def log_size(self) -> int:
        """How long the log is."""
        return len(self._log)

    def tear(self, keep: int) -> None:
        """Of the log only the first bytes reached the disk."""
        self._log = self._log[:keep]

    def lay_out(self, path: Path | None = None) -> None:
        """Put the files back, as the next start finds them."""
        path = path or self._path
        remove(path)
        path.write_bytes(self._file)
        if self._log:
            wal_of(path).write_bytes(self._log)
