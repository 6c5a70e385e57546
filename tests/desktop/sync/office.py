"""A real server on a free port, with the small chain of tests.sync_server.chain; people's password is their login."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import update

from domain.wire.commands import Command
from sync_server.access import devices
from sync_server.access.passwords import Passwords
from sync_server.app import build, open_store, web_application
from sync_server.app import tools as opened
from sync_server.operations.tools import Tools
from sync_server.settings import Settings
from sync_server.store import migrations
from sync_server.store import tables as t
from tests.sync_server.chain import Chain

WAIT_S = 30.0
PASSWORDS = Passwords(time_cost=1, memory_kib=64)
"""At a small cost: the tests are about other things."""


def password(login: str) -> str:
    """The password of a person of the chain."""
    return f"{login} is the password"


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait until something holds; fails the test where it never does."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")


def prepare(folder: Path, **settings: Any) -> Settings:
    """Make a server's database with the chain in it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Settings(folder=folder, database=f"sqlite:///{folder / 'server.sqlite3'}", port=0, **settings)
    (folder / "server.sqlite3").write_bytes(_filled())
    return made


@cache
def _filled() -> bytes:
    """The file with the chain in it, as every server of this process begins."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.sqlite3"
        store = open_store(Settings(folder=file.parent, database=f"sqlite:///{file}"))
        try:
            migrations.upgrade(store.engine)
            Chain(store)
            with store.write() as conn:
                for login in ("amy", "ben", "eva", "max"):
                    kept = update(t.person).where(t.person.c.id == login)
                    conn.execute(kept.values(password_hash=PASSWORDS.hash(password(login))))
                conn.commit()
        finally:
            store.close()  # the last to leave empties the write-ahead log: one file, which can be copied
        return file.read_bytes()


class Office:
    """The server in this process, so that tests can look at its database and meddle with it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = prepare(folder, **settings)
        self.store = open_store(self.settings)
        self.services = replace(build(self.settings, self.store), passwords=PASSWORDS)
        self._port = 0
        self._server: uvicorn.Server | None = None
        self.open()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Serve, on the same port as before."""
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", self._port))
        bound.listen(64)
        self._port = bound.getsockname()[1]
        self.services.hub.stopped = False
        with warnings.catch_warnings():
            # The framework announces changes of its next major version, which is not used.
            warnings.simplefilter("ignore", DeprecationWarning)
            application = web_application(self.services)
        config = uvicorn.Config(application, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._bound = bound
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [bound]}, daemon=True)
        self._thread.start()
        until(lambda: self._server is not None and self._server.started, "serving")

    def shut(self) -> None:
        """Serve no more; the port answers nobody."""
        assert self._server is not None
        self.services.hub.stop()
        self._server.should_exit = True
        self._thread.join(WAIT_S)
        self._bound.close()

    def close(self) -> None:
        """End for good."""
        self.shut()
        self.store.close()

    def do(self, person: str, *commands: Command) -> None:
        """Write as the server's own jobs do, in a person's name."""
        self.services.pusher.submit(commands, person=person)

    def revoke(self, device: str, *, stolen: bool = False) -> None:
        """Take a device's right to sign in."""
        with self.store.write() as conn:
            devices.revoke(conn, device, now=self.services.clock.now(), stolen=stolen)
            conn.commit()

    def restore(self, device: str) -> None:
        """Let a revoked device in again."""
        with self.store.write() as conn:
            devices.restore(conn, device)
            conn.commit()

    def change(self, statement: Any) -> None:
        """Meddle with the database."""
        with self.store.write() as conn:
            conn.execute(statement)
            conn.commit()

    def rows(self, query: Any) -> list[Any]:
        """Look at the database."""
        with self.store.read() as conn:
            return list(conn.execute(query))


class OfficeProcess:
    """The server as a process of its own, which can be killed at any instant."""

    def __init__(self, folder: Path) -> None:
        self.settings = prepare(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = os.environ | {
            "GONGDAN_SERVER_HOME": str(self.settings.folder),
            "GONGDAN_PORT": str(self.port),
            "GONGDAN_DATABASE": self.settings.database,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sync_server", "serve"],
            env=environment,
            cwd=Path(__file__).parents[3],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers, "the server's process answers")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def tools(office: Office) -> Iterator[Tools]:
    """What an operator on the same machine has."""
    with opened(office.settings) as made:
        yield made


__all__ = ["Office", "OfficeProcess", "password", "tools", "until"]
