"""A real PostgreSQL of the tests' own, from the system's binaries, and stores on either database."""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from sync_server.store import migrations
from sync_server.store.engine import Store

START_S = 60
ACCOUNTS = ("postgres", "nobody")
TEMPLATE = "gongdan_template"
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
}
# As it comes: nothing that was committed may be lost. For measuring.
DURABLE = {"shared_buffers": "128MB", "listen_addresses": "127.0.0.1"}


class Unavailable(Exception):
    """PostgreSQL can't be had on this machine; the message says why."""


def binaries() -> Path:
    """The folder of initdb and postgres: the newest Debian has, else whatever is on the path."""
    if sys.platform == "win32":
        raise Unavailable("tests start PostgreSQL on Linux and macOS only")
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise Unavailable("no PostgreSQL server programs; install the package postgresql")
    return Path(found).resolve().parent


def _account() -> str | None:
    """Whom to run it as: root may not."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise Unavailable("running as root, and there is no account postgres or nobody to run PostgreSQL as")


class Postgres:
    """One server process with its own folder; every database in it is made from one template."""

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = DURABLE if durable else SETTINGS
        self._bin, self._account = binaries(), _account()
        # Not below pytest's own folder: that one is closed to other accounts.
        self._folder = Path(tempfile.mkdtemp(prefix="gongdan-pg-"))
        self._names = (f"gongdan_{number}" for number in itertools.count(1))
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster, start it, and fill the template."""
        if self._account is not None:
            owner = pwd.getpwnam(self._account)
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        cluster = self._folder / "cluster"
        made = subprocess.run(
            [self._bin / "initdb", "-D", cluster, "-U", "gongdan", "-A", "trust", "-E", "UTF8", "--no-sync",
             "--locale=C"],
            capture_output=True, check=False, user=self._account, cwd=self._folder,
        )  # fmt: skip
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.decode(errors='replace')[-500:]}")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._run()
        self._admin(f"CREATE DATABASE {TEMPLATE}")
        store = Store(self.url(TEMPLATE), pool_size=1)
        migrations.upgrade(store.engine)
        store.close()

    def _run(self) -> None:
        cluster = self._folder / "cluster"
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_ending_with_parent(), self._bin / "postgres", "-D", cluster, "-k", self._folder,
                 "-p", str(self._port), *options],
                stdout=subprocess.DEVNULL, stderr=log, user=self._account, cwd=self._folder,
            )  # fmt: skip
        self._wait()

    def restart(self) -> None:
        """End it at once, as a power cut would, and start it again: what was committed has to be there."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)
        self._run()

    @property
    def pid(self) -> int:
        """The process that all others of the server are children of."""
        assert self._process is not None
        return self._process.pid

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while True:
            try:
                return self._admin("SELECT 1")
            except psycopg.OperationalError as error:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self._folder / "log").read_text(errors="replace")[-500:]
                    raise Unavailable(f"PostgreSQL did not start: {error}\n{log}") from None
                time.sleep(0.05)

    def _admin(self, statement: str) -> None:
        plain = make_url(self.url("postgres")).set(drivername="postgresql").render_as_string()
        with psycopg.connect(plain, autocommit=True) as conn:
            conn.execute(statement.encode())

    def url(self, database: str) -> str:
        """How SQLAlchemy reaches a database."""
        return f"postgresql+psycopg://gongdan@127.0.0.1:{self._port}/{database}"

    def new(self, *, empty: bool = False, like: str = "") -> str:
        """A fresh database, as the migrations leave it unless it is to be empty or like another; returns its URL."""
        name = next(self._names)
        template = make_url(like).database if like else TEMPLATE
        self._admin(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {template}"))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        self._admin(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def stop(self) -> None:
        """End the server and remove its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _ending_with_parent() -> list[str]:
    """Where the system can, a prefix by which the server ends with the test run, even one that is killed."""
    found = shutil.which("setpriv") if sys.platform == "linux" else None
    return [found, "--pdeathsig", "QUIT"] if found else []


@contextlib.contextmanager
def started(*, durable: bool = False) -> Iterator[Postgres]:
    """A PostgreSQL that runs; `durable` survives a power cut and may be restarted. Skips where it can't be had."""
    server = None
    try:
        server = Postgres(durable=durable)
        server.start()
    except Unavailable as reason:
        if server is not None:
            server.stop()
        pytest.skip(f"PostgreSQL can't be had: {reason}")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for this process of the run, started when it is first asked for."""
    with started() as server:
        yield server


@pytest.fixture
def durable() -> Iterator[Postgres]:
    """A PostgreSQL of the test's own, which survives a power cut and may be restarted."""
    with started(durable=True) as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file as the migrations leave it."""
    file = tmp_path_factory.mktemp("template") / "server.sqlite3"
    store = Store(f"sqlite:///{file}")
    migrations.upgrade(store.engine)
    store.close()  # the last to leave empties the write-ahead log: one file, which can be copied
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "server.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.new()
    yield url
    server.drop(url)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An open store on a fresh database."""
    opened = Store(database, pool_size=4)
    yield opened
    opened.close()
