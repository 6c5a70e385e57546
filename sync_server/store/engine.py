"""The database behind one setting: snapshots to read from, ordered transactions to write in (SYNC §1)."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import UnavailableError
from sync_server.store.direct import begin_sqlite

T = TypeVar("T")

RETRIES = 8
RESTED_S = 1.0
"""A connection that rested longer is asked whether it is alive before it is used; of others the socket is looked at."""
_RETRY_STATES = frozenset({"40001", "40P01", "23505"})
"""Serialization failure, deadlock, and a row that another transaction, not visible when this one looked, wrote."""
_OTHERS = frozenset({"40001", "40P01", "55P03"})
"""What only others can cause: serialization failure, deadlock, a lock not given in time."""
_DAMAGED = ("disk image is malformed", "file is not a database")
_AWAY = ("readonly database", "disk i/o error", "unable to open database")


class FairLock:
    """Lets writers through in the order in which they came."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    def acquire(self) -> None:
        """Wait until all who came before are done."""
        with self._mutex:
            if not self._held:
                self._held = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()

    def release(self) -> None:
        """Hand the lock to the next in line."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


class Store:
    """Opens connections: `read` is one snapshot, `write` one transaction that the unit of work commits."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url, pool_size) if self.sqlite else _postgres(url, pool_size)
        self._writers = FairLock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on which all statements see one snapshot; UnavailableError where there is none to be had."""
        with trouble_told(), self.engine.connect() as conn:
            if not self.sqlite:
                conn = conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with conn.begin():
                yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is rolled back unless it was committed inside."""
        if not self.sqlite:
            with self.engine.connect() as conn:
                yield conn
            return
        self._writers.acquire()
        try:
            with self.engine.connect().execution_options(gongdan_write=True) as conn:
                yield conn
        finally:
            self._writers.release()

    def retrying(self, work: Callable[[], T]) -> T:
        """Repeat a whole transaction that another one came in between."""
        for attempt in range(RETRIES):
            try:
                return work()
            except DBAPIError as error:
                if attempt == RETRIES - 1 or getattr(error.orig, "sqlstate", None) not in _RETRY_STATES:
                    raise _explained(error) from error
            except PoolTimeout as error:
                raise UnavailableError("busy") from error
        raise AssertionError("unreachable")

    def connections_in_use(self) -> int:
        """How many connections are at work just now."""
        pool: Any = self.engine.pool
        return int(pool.checkedout())

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def trouble_told() -> Iterator[None]:
    """Trouble of the surroundings in here is raised as UnavailableError."""
    try:
        yield
    except DBAPIError as error:
        raise _explained(error) from error
    except PoolTimeout as error:
        raise UnavailableError("busy") from error


def _explained(error: DBAPIError) -> Exception:
    """Tell the surroundings' trouble (full disk, database away, damaged or held by others) from our own.

    What is taken for our own is blamed on a command, and rejects it for good.
    """
    text, state = str(error.orig).lower(), str(getattr(error.orig, "sqlstate", None) or "")
    if "disk is full" in text or "no space left" in text:
        return UnavailableError("disk_full")
    if state in _OTHERS or text.startswith(("database is locked", "database table is locked")):
        return UnavailableError("busy")
    if state[:2] == "XX" or any(one in text for one in _DAMAGED):
        return UnavailableError("database_damaged")
    # 53: out of connections or memory; 25006: a standby, which takes no writes.
    if state[:2] == "53" or state == "25006" or any(one in text for one in _AWAY):
        return UnavailableError("database_away")
    if error.connection_invalidated or (isinstance(error, OperationalError) and "connect" in text):
        return UnavailableError("database_away")
    return error


def _sqlite(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,  # a connection keeps what it read: the one used last is the warmest
        hide_parameters=True,  # errors are logged, and what people wrote is not
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "cache_size=-65536"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # The driver is in autocommit, so that a transaction is one snapshot from its first statement on.
    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        writing = conn.get_execution_options().get("gongdan_write", False)
        begin_sqlite(conn, "BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgres(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # errors are logged, and what people wrote is not
        isolation_level="READ COMMITTED",
    )

    @event.listens_for(engine, "checkin")
    def rest(_connection: Any, record: Any) -> None:
        record.info["rested_at"] = time.monotonic()

    # Asking whether a connection is alive costs as much as a small push: not where it has just been used.
    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, _fairy: Any) -> None:
        rested_at = record.info.get("rested_at")
        if rested_at is None:
            return
        try:
            # Nothing waits on a connection at rest but its end: first the reason, then the end itself.
            for _ in range(2):
                connection.pgconn.consume_input()
            if time.monotonic() - rested_at >= RESTED_S:
                engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return engine
