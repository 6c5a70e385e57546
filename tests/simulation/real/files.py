"""Database files: templates made once, copies as a crash leaves them."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import Connection

from desktop.replica.engine import Replica
from sync_server.store import migrations
from sync_server.store.engine import Store
from tests.simulation.real import chain

_MEMORY = Path("/dev/shm")
_SECTOR = 512
MOST_PAGES = 1 << 30
_BOUND = "bounded"
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


def vault_of(path: Path) -> Path:
    """The folder of a replica's attachments."""
    return path.with_name(path.name + "-attachments")


def log_size(path: Path) -> int:
    """How long the write-ahead log of a database file is."""
    try:
        return os.stat(f"{path}-wal").st_size
    except FileNotFoundError:
        return 0


def begin_from(template: Path, path: Path) -> None:
    """Put a fresh copy of a template in a file's place."""
    remove(path)
    shutil.copyfile(template, path)


def limit_pages(conn: Connection, *, full: bool) -> None:
    """Let the file grow no more, or again: a connection keeps its bound."""
    if not full and _BOUND not in conn.info:
        return
    conn.info[_BOUND] = True
    pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one() if full else MOST_PAGES
    conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def remove(path: Path) -> None:
    """Take a database file and what belongs to it away."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _with_gaps(log: bytes, chance: Random) -> bytes:
    """What a disk holds that wrote its sectors in an order of its own and was stopped."""
    sectors = [log[at : at + _SECTOR] for at in range(0, len(log), _SECTOR)]
    return b"".join(one if chance.random() < 0.5 else bytes(len(one)) for one in sectors)


class Remains:
    """What a crash leaves of a database: the file and its log as they are at that instant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.made_at = self.verdicts = 0
        self._file = path.read_bytes()
        wal = wal_of(path)
        self._log = wal.read_bytes() if wal.exists() else b""

    @property
    def log_size(self) -> int:
        """How long the log is."""
        return len(self._log)

    def tear(self, sure: int, bits: int) -> None:
        """Of the log only the first bytes are sure; of the rest the disk holds what `bits` say.

        A beginning; a beginning and old rubbish where the rest would be; or sectors in any order, some missing.
        """
        unsure = len(self._log) - sure
        if unsure <= 0:
            return
        keep, how = sure + (bits >> 2) % (unsure + 1), bits & 3
        if how < 2:
            self._log = self._log[:keep]
        elif how == 2:
            rest = len(self._log) - keep
            self._log = self._log[:keep] + Random(bits).randbytes(rest)
        else:
            self._log = self._log[:sure] + _with_gaps(self._log[sure:], Random(bits))

    def tear_commit(self, before: int, bits: int) -> None:
        """The power went while the last transaction was written: its last frame at least did not reach the disk."""
        added = len(self._log) - before
        if added > 0:
            self._log = self._log[: before + bits % added]

    def lay_out(self, path: Path | None = None) -> None:
        """Put the files back, as the next start finds them."""
        path = path or self._path
        remove(path)
        path.write_bytes(self._file)
        if self._log:
            wal_of(path).write_bytes(self._log)
