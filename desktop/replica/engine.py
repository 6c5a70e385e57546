"""The replica's database file: one writer, a pool of readers, encrypted by SQLCipher (DESIGN §3)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool, StaticPool

from desktop.replica import cipher, copies, schema, sql
from desktop.replica.part import KeyedFile
from desktop.replica.vault import Vault
from domain.entities.base import Instant
from domain.errors import GongdanError, RefusedError, UnavailableError

__all__ = ["Connection", "Replica", "drop_copies_after", "truncate_after"]

READERS = 4
READ_CACHE_KIB, WRITE_CACHE_KIB = 65_536, 32_768
"""Most of what encryption costs a reader is saved by its cache; pages are decrypted once."""
SNAPSHOT_CACHE_KIB = 131_072
"""Enough for the tickets of a large snapshot with their indexes: a page that does not fit is enciphered twice."""
CHECKPOINT_PAGES, MOST_LOG_PAGES = 8_000, 24_000
"""How long the log gets before a thread brings it into the file; and before a commit does, where none could."""
BUSY_MS, PURGE_WAIT_MS = 30_000, 200
"""How long is waited for other connections; and for readers after a purge, before the log is emptied later."""
_TRUNCATE, _COPIES = "truncate_wal", "drop_copies"
_VAULT, _FORGOTTEN = "vault", "forgotten_files"
_DRIVER_ERROR: type[Exception] = driver.DatabaseError  # type: ignore[attr-defined]  # untyped


class Replica:
    """An open replica. `key` is the raw 256-bit key; without one the file is plain, for the simulation alone."""

    def __init__(self, path: Path, key: bytes | None, *, durable: bool = True) -> None:
        """Open the file, making it where it is absent.

        Raises RefusedError ``replica_too_new``, ``replica_unreadable`` (wrong key, or the first page is torn),
        and UnavailableError ``replica_damaged`` after an unclean end that left it inconsistent.
        """
        self.path, self._durable = path, durable
        self.vault = Vault(Path(f"{path}-attachments"), key)
        unclean = Path(f"{path}-wal").exists()
        keyed = _keyed(path, key)
        self._writer = _engine(
            _connector(path, keyed, durable=durable, cache_kib=WRITE_CACHE_KIB), writing=True
        )
        self._readers = _engine(
            _connector(path, keyed, durable=durable, cache_kib=READ_CACHE_KIB), writing=False
        )
        self._attach = _attacher(path, keyed, durable=durable)
        self._lock, self._owed = threading.Lock(), False
        # A plain file is the simulation's, which runs on one thread.
        self._aside = keyed is not None
        self._checkpointing: threading.Thread | None = None
        try:
            self._open(check=unclean)
            self._owed = unclean  # the program may have died between a purge and emptying the log
        except BaseException:
            self.close()
            raise

    def _open(self, *, check: bool) -> None:
        with self.write() as conn:
            found = schema.version(conn)
            schema.check(found)
            if not found:
                schema.create(conn)
        if 0 < found < schema.VERSION:
            self._upgrade(found)
        if check:
            # The check reads the file alone: of pages that were torn on the way into it, the log has the whole ones.
            self.truncate_wal()
            self.check_integrity()

    def _upgrade(self, found: int) -> None:
        from desktop.replica.migrations import upgrade

        self.truncate_wal()
        copies.before_upgrade(self.path, to=schema.VERSION, was=found)
        with self.write() as conn:
            upgrade(conn, found)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot to read from, while the writer goes on."""
        with _explained(), self._readers.begin() as conn:
            yield conn

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction, committed at the end of the block, undone by an exception in it.

        What comes from the server and can come again need not be durable: a power cut then loses the last pages
        with their cursor, never the file's consistency, and the next durable commit carries them along.
        """
        with self._lock:
            with _explained(), self._writer.connect() as conn:
                if self._durable:
                    cursor = conn.connection.cursor()
                    cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                    cursor.close()
                with conn.begin():
                    conn.info.pop(_TRUNCATE, None)
                    conn.info.pop(_COPIES, None)
                    forgotten: set[str] = set()
                    conn.info[_VAULT], conn.info[_FORGOTTEN] = self.vault, forgotten
                    yield conn
                    purged, checked_at = conn.info.pop(_TRUNCATE, False), conn.info.pop(_COPIES, None)
                is_long = self._aside and _unwritten_pages(conn) >= CHECKPOINT_PAGES
            for hash in forgotten:
                self.vault.drop(hash)
            self._after(purged=purged, checked_at=checked_at)
            if is_long and not purged:
                self._begin_aside()

    def _after(self, *, purged: bool, checked_at: Instant | None) -> None:
        """See to what a purge leaves in the log and beside the file; what readers keep from being done comes later."""
        if purged or self._owed:
            self._owed = not self._checkpoint(PURGE_WAIT_MS if purged else 0)
        if purged:
            copies.drop(self.path)
        elif checked_at is not None:
            copies.drop(self.path, spared_since=copies.kept_since(checked_at))

    @contextmanager
    def write_from(self, snapshot: KeyedFile) -> Iterator[Connection]:
        """One transaction that also sees the tables of a snapshot; not durable, as of what can come again."""
        with self._lock, _explained():
            engine = _engine(lambda: snapshot.opened(self._attach), writing=True)
            try:
                with engine.begin() as conn:
                    yield conn
            finally:
                engine.dispose()
            self._begin_aside()

    def _begin_aside(self) -> None:
        """Have a thread bring the log into the file, unless one does; called by who holds the lock."""
        if self._checkpointing is None or not self._checkpointing.is_alive():
            self._checkpointing = threading.Thread(
                target=self._checkpoint_aside, name="checkpoint", daemon=True
            )
            self._checkpointing.start()

    def _checkpoint_aside(self) -> None:
        """Bring a long log into the file while others read and write; what hinders it is for the next commit."""
        with suppress(DatabaseError, TimeoutError), self._readers.connect() as conn:
            sql.run(conn, "PRAGMA wal_checkpoint(PASSIVE)")

    def truncate_wal(self) -> bool:
        """Empty the write-ahead log, in which purged rows may still stand; False while readers need it."""
        with self._lock:
            return self._checkpoint(BUSY_MS)

    def _checkpoint(self, wait_ms: int) -> bool:
        """Bring the log into the file and empty it; False where readers, or the disk, did not let us."""
        self.wait_for_log()  # two at once don't wait for each other
        with self._writer.connect() as conn:
            cursor = conn.connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {wait_ms}")
            try:
                busy: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except _DRIVER_ERROR:
                return False  # what was committed is committed
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
                cursor.close()
        return not busy

    def check_integrity(self) -> None:
        """Check every page and index; raise UnavailableError ``replica_damaged``."""
        with _explained(), self._readers.begin() as conn:
            problems = sql.column(conn, "PRAGMA cipher_integrity_check")
            problems += [line for line in sql.column(conn, "PRAGMA quick_check") if line != "ok"]
        if problems:
            raise UnavailableError("replica_damaged", problems=len(problems))

    def wait_for_log(self) -> None:
        """Wait until no thread brings the log into the file."""
        if self._checkpointing is not None:
            self._checkpointing.join()

    def close(self) -> None:
        """Close every connection; the last one empties and removes the write-ahead log."""
        self.wait_for_log()
        self._readers.dispose()
        self._writer.dispose()


def _unwritten_pages(conn: Connection) -> int:
    """How many pages stand in the log alone."""
    found = sql.row(conn, "PRAGMA wal_checkpoint(NOOP)")  # past SQLAlchemy, which would begin a transaction
    return 0 if found is None else int(found[1]) - int(found[2])


def truncate_after(conn: Connection) -> None:
    """Have the write-ahead log emptied once this transaction is committed."""
    conn.info[_TRUNCATE] = True


def drop_copies_after(conn: Connection, at: Instant) -> None:
    """Have the copies beside the replica deleted once this transaction is committed: at `at` it was found well."""
    conn.info[_COPIES] = at


def vault(conn: Connection) -> Vault:
    """The attachments' bytes beside the replica that this transaction writes."""
    found: Vault = conn.info[_VAULT]
    return found


def forget_file(conn: Connection, hash: str) -> None:
    """Have a content's bytes deleted once this transaction is committed."""
    conn.info[_FORGOTTEN].add(hash)


def _keyed(path: Path, key: bytes | None) -> tuple[bytes, cipher.Form] | None:
    """The key and the settings under which a file opens; None for a plain one."""
    if key is None:
        return None
    if len(key) != 32:
        raise ValueError("the key of a replica has 32 bytes")
    return key, cipher.form_of(path, key)


def _connector(
    path: Path, keyed: tuple[bytes, cipher.Form] | None, *, durable: bool, cache_kib: int
) -> Callable[[], Any]:
    """What opens one connection: the key before all else, then how the file is to be handled."""
    pragmas = [
        "journal_mode = WAL",
        # What the person did is acknowledged only when it would survive a power cut.
        f"synchronous = {'FULL' if durable else 'OFF'}",
        "secure_delete = ON",
        f"cache_size = -{cache_kib}",
        "temp_store = MEMORY",
        # A page that many transactions write is brought into the file once, not after each of them.
        f"wal_autocheckpoint = {CHECKPOINT_PAGES if keyed is None else MOST_LOG_PAGES}",
    ]

    def connect() -> Any:
        connection = driver.connect(  # type: ignore[attr-defined]  # untyped
            str(path), isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000
        )
        if keyed is not None:
            cipher.unlock(connection, *keyed)
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        return connection

    return connect


def _attacher(path: Path, keyed: tuple[bytes, cipher.Form] | None, *, durable: bool) -> Callable[[Any], None]:
    """What attaches the replica to a connection that was opened on another file, to write into it."""

    def attach(connection: Any) -> None:
        cursor = connection.cursor()
        if keyed is not None:
            cipher.attach(connection, path, "replica", *keyed)
        else:
            cursor.execute("ATTACH ? AS replica KEY ''", (str(path),))
        for pragma in (
            f"synchronous = {'NORMAL' if durable else 'OFF'}",
            "secure_delete = ON",
            f"cache_size = -{SNAPSHOT_CACHE_KIB}",
            "wal_autocheckpoint = 0",
        ):
            cursor.execute(f"PRAGMA replica.{pragma}")
        cursor.close()

    return attach


def _engine(connect: Callable[[], Any], *, writing: bool) -> Engine:
    if writing:
        engine = create_engine("sqlite://", module=driver, creator=connect, poolclass=StaticPool)
    else:
        engine = create_engine(
            "sqlite://",
            module=driver,
            creator=connect,
            poolclass=QueuePool,
            pool_size=READERS,
            max_overflow=READERS,
            # The one used last has the warmest cache.
            pool_use_lifo=True,
        )

        @event.listens_for(engine, "connect")
        def restrict(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA query_only = ON")

    # The driver is in autocommit, so that a transaction is one snapshot from its first statement on.
    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        connection: Any = conn.connection.dbapi_connection
        connection.execute(
            "BEGIN IMMEDIATE" if writing else "BEGIN"
        )  # SQLAlchemy's own way is slower by half

    return engine


@contextmanager
def _explained() -> Iterator[None]:
    """Tell the surroundings' trouble (full disk, damaged file) from our own mistakes."""
    try:
        yield
    except GongdanError:
        raise
    except (_DRIVER_ERROR, DatabaseError) as error:
        raise _cause(str(getattr(error, "orig", error)).lower()) or error from error


def _cause(text: str) -> GongdanError | None:
    if "disk is full" in text or "no space left" in text:
        return UnavailableError("disk_full")
    if "not a database" in text or "encrypted" in text:
        return RefusedError("replica_unreadable")
    if "malformed" in text or "vtable constructor failed" in text:
        return UnavailableError("replica_damaged", problems=1)
    if "disk i/o error" in text or "readonly" in text or "unable to open" in text:
        return UnavailableError("disk_error")
    if "database is locked" in text:
        return UnavailableError("replica_busy")
    return None
