"""The processes of the suite: a PostgreSQL, two servers, a worker, desktops; each may die and is started again."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from sync_server.operations.restore import WORDS
from sync_server.store.engine import Store
from tests.bench.generator import fill
from tests.e2e.desk_process import key_of
from tests.e2e.faulty_line import FaultyLine
from tests.postgres import Postgres
from tests.processes import Server, gongdan_server, to_its_end
from tests.reader import ReplicaFile

LOGINS = ("hq-one", "hq-two", "store-one", "store-two")
DESKS_EACH = 2
TICKETS = 40
REST_S = 150
HOLD_S = (0.1, 1.2)


class Fleet:
    """Everything that runs; `close` ends it all, whatever has happened."""

    def __init__(self, folder: Path, postgres: Postgres, seed: str) -> None:
        self.folder, self.postgres, self._seed = folder, postgres, seed
        self.database = postgres.new()
        store = Store(self.database)
        fill(store, TICKETS)
        store.close()
        self.servers = [Server(folder, self.database) for _ in range(2)]
        self.line = FaultyLine([server.port for server in self.servers], seed)
        self._desks: dict[str, subprocess.Popen[bytes]] = {}
        self._lives: dict[str, int] = {}
        self._worker: subprocess.Popen[bytes] | None = None
        self._slow: threading.Thread | None = None
        self._stopping = threading.Event()
        self.held = 0
        """How often rows were held locked by the slow transactions."""

    @property
    def names(self) -> tuple[str, ...]:
        """The desktops: two of each person."""
        return tuple(f"{login}.{n}" for login in LOGINS for n in range(DESKS_EACH))

    def start(self) -> None:
        """Start all of it."""
        for server in self.servers:
            server.start()
        self.start_worker()
        for name in self.names:
            self.start_desk(name)
        self._slow = threading.Thread(target=self._hold_rows, name="slow-transactions", daemon=True)
        self._slow.start()

    def start_worker(self) -> None:
        """The process that does due work beside the servers."""
        command = [sys.executable, "-m", "sync_server", "work", "--database", self.database]
        with (self.folder / "worker.log").open("ab") as log:
            self._worker = subprocess.Popen(
                [*command, "--home", str(self.folder)], stdout=log, stderr=log, env=_environment()
            )

    def kill_worker(self) -> None:
        """End it at once."""
        if self._worker is not None:
            _end(self._worker)

    def start_desk(self, name: str) -> None:
        """A desktop begins to work, for the first time or where its replica left off."""
        life = self._lives[name] = self._lives.get(name, 0) + 1
        with (self.folder / f"{name}.log").open("ab") as log:
            self._desks[name] = subprocess.Popen(
                self._desk_command(name, f"{self._seed} {life}", "work"),
                stdout=log,
                stderr=log,
                env=_environment(),
            )

    def kill_desk(self, name: str) -> None:
        """End it at once; returns when it is gone. One that ended by itself is a fault of ours."""
        desk = self._desks.pop(name)
        status = desk.poll()
        _end(desk)
        assert status is None, f"{name} ended by itself with {status}: {self.tail(name)}"

    def _desk_command(self, names: str, seed: str, what: str) -> list[str]:
        module = [sys.executable, "-m", "tests.e2e.desk_process"]
        return [*module, str(self.folder), names, self.line.address, seed, what]

    def tail(self, name: str) -> str:
        """The end of what a process said."""
        log = self.folder / f"{name}.log"
        return log.read_text(errors="replace")[-1500:] if log.exists() else ""

    def calm(self) -> None:
        """No more faults: nobody holds rows, the line is clear, servers and worker run, desktops have stopped."""
        self._stop_slow()
        for name in list(self._desks):
            self.kill_desk(name)
        self.line.calm()

    def rest(self, *, window: bool = False) -> None:
        """Let each desktop come to rest: all together, then once more, since the last to send is heard by others.

        With `window` a restored server has not been released yet.
        """
        command = self._desk_command(",".join(self.names), self._seed, "give_back" if window else "rest")
        for _ in range(2):
            try:
                done = to_its_end(command, limit_s=REST_S)
            except subprocess.TimeoutExpired as late:
                raise AssertionError(late.__notes__[-1][-3000:]) from late
            assert not done.returncode, done.stderr[-3000:]

    def command(self, *arguments: str) -> str:
        """Run one `gongdan-server` command on the database; SystemExit if it failed."""
        return gongdan_server(*arguments, folder=self.folder, database=self.database)

    def restore(self, backup: Path) -> None:
        """Put a backup in the database's place while nobody serves, and serve again."""
        self.kill_worker()
        for server in self.servers:
            server.kill()
        with psycopg.connect(self.plain_url()) as conn:
            row = conn.execute("SELECT epoch FROM feed_head").fetchone()
        assert row is not None
        self.command("restore", str(backup), "--replace", row[0][:WORDS])
        for server in self.servers:
            server.start()
        self.start_worker()

    def replicas(self) -> list[ReplicaFile]:
        """The files of all desktops, for a reader."""
        return [
            ReplicaFile(
                path=self.folder / f"{name}.replica", key=key_of(name).hex(), person=name.partition(".")[0]
            )
            for name in self.names
        ]

    def journal(self) -> set[str]:
        """The tickets that some desktop has told its person were taken."""
        files = self.folder.glob("*.journal")
        return {line for file in files for line in file.read_text().split("\n")[:-1]}

    def plain_url(self) -> str:
        """The database as PostgreSQL's own driver reaches it."""
        url = make_url(self.database).set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def _hold_rows(self) -> None:
        """Transactions of somebody else that lock tickets, or the feed's counter, and take their time."""
        dice = random.Random(f"{self._seed} slow")
        while not self._stopping.wait(dice.uniform(0.05, 0.4)):
            query = "SELECT id FROM ticket ORDER BY updated_at DESC LIMIT 3 FOR UPDATE"
            if dice.random() < 0.2:
                query = "SELECT seq FROM feed_head FOR UPDATE"
            with (
                suppress(psycopg.Error),
                psycopg.connect(self.plain_url(), connect_timeout=5) as conn,
            ):
                conn.execute(query.encode())
                self.held += 1
                self._stopping.wait(dice.uniform(*HOLD_S))
                conn.rollback()

    def _stop_slow(self) -> None:
        self._stopping.set()
        if self._slow is not None:
            self._slow.join(30)

    def close(self) -> None:
        """End every process."""
        self._stop_slow()
        for desk in self._desks.values():
            _end(desk)
        self.kill_worker()
        for server in self.servers:
            server.kill()
        self.line.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait(30)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONTZPATH": "", "GONGDAN_POOL_SIZE": "4"}


class Plan:
    """What goes wrong, in an order chosen by the seed: every kind at least once, then whatever comes."""

    def __init__(self, fleet: Fleet, seed: str) -> None:
        self._fleet, self._dice = fleet, random.Random(f"{seed} plan")
        self.done: list[str] = []

    def carry_out(self, *, lasts_s: float) -> None:
        """Do one thing after the other until the time is over and every kind was done."""
        kinds = ["server 0", "server 1", "worker", "database", "dark", "desk", "desk", "desk"]
        self._dice.shuffle(kinds)
        ends = time.monotonic() + lasts_s
        pause_s = lasts_s / (2 * len(kinds))
        while kinds or time.monotonic() < ends:
            time.sleep(self._dice.uniform(0.5, 1.5) * pause_s)
            self._do(kinds.pop() if kinds else self._dice.choice(("server 0", "server 1", "desk", "dark")))

    def _do(self, kind: str) -> None:
        fleet, dice = self._fleet, self._dice
        down_s = dice.uniform(0.1, 1.5)
        self.done.append(kind)
        if kind.startswith("server"):
            server = fleet.servers[int(kind[-1])]
            server.kill()
            time.sleep(down_s)
            server.start()
        elif kind == "worker":
            fleet.kill_worker()
            time.sleep(down_s)
            fleet.start_worker()
        elif kind == "database":
            fleet.postgres.restart()
        elif kind == "dark":
            fleet.line.black_out()
            time.sleep(down_s)
            fleet.line.light()
        else:
            name = dice.choice(fleet.names)
            self.done[-1] = f"desk {name}"
            fleet.kill_desk(name)
            fleet.start_desk(name)


def seeds(asked: str, default: Sequence[str]) -> tuple[str, ...]:
    """The seeds to run: those asked for, separated by commas, else the default."""
    return tuple(part.strip() for part in asked.split(",") if part.strip()) or tuple(default)
