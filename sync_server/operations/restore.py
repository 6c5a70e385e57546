"""`restore`: a backup into a database, as a new epoch whose lost work the desktops give back (SYNC §6)."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import structs

from domain.entities.base import Entity, Instant
from domain.errors import RefusedError, UnavailableError
from domain.ids import IdSource
from sync_server.api.sealing import SECRET_FILE, server_secret
from sync_server.feed.snapshot import Snapshots
from sync_server.operations.archive import Progress, Reader
from sync_server.operations.backup import load, opened_secret, quiet
from sync_server.operations.erasing import Ledger, known_ledger, replay
from sync_server.operations.revocations import Revocation, known_revocations, take_away_again
from sync_server.settings import Settings
from sync_server.store import dump, epochs, migrations
from sync_server.store.blob_files import BlobFiles
from sync_server.store.engine import Store
from sync_server.store.erasures import Hasher
from sync_server.store.sole_server import SoleServer
from sync_server.store.unit_of_work import FIRST_NUMBER, Nonces, UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

WORDS = 8
"""Characters of the epoch that have to be repeated before a database is replaced."""


class Restored(Entity):
    """What a restore came to."""

    rows: int
    head: int
    epoch: str
    next_number: int
    erased: int  # tickets that were erased after the backup, and are again
    blobs: int
    revoked: int = 0  # devices that were revoked after the backup, and are again
    set_aside: str = ""  # where the replaced SQLite file stands now


class Makes(IdSource, Nonces, Protocol):
    """Makes identifiers and marks."""


def restore(
    settings: Settings,
    file: Path,
    *,
    at: Instant,
    ids: Makes,
    replace: str = "",
    passphrase: str = "",
    told: Progress = quiet,
) -> Restored:
    """Put a backup in the place of the database, and open a new epoch with its recovery.

    `replace` has to name the database that is lost by it: the beginning of its epoch. Refused
    (``target_not_empty``, ``already_served``, ``backup_unreadable``, ``backup_damaged``, ``wrong_passphrase``).
    """
    reader = Reader(file)
    try:
        migrations.refuse_newer(reader.manifest.revision)
        target = _state(settings)
        if target and replace != target[:WORDS]:
            raise RefusedError("target_not_empty", words=target[:WORDS])
        if reader.manifest.secret and passphrase:
            _put_secret(settings, opened_secret(reader.secret(), passphrase))
        outlives = _outliving(settings, target)
        Snapshots(settings.folder).forget()
        blobs = _put_blobs(BlobFiles(settings.blob_folder), reader, told)

        def fill(conn: "Connection") -> Restored:
            done = _fill(conn, reader, at=at, ids=ids, given=outlives.numbers, told=told)
            work = UnitOfWork(conn, nonces=ids, at=at)
            erased = replay(work, outlives.ledger, Hasher(server_secret(settings.folder)))
            revoked = take_away_again(work, outlives.revocations)
            return structs.replace(done, erased=erased, revoked=revoked, head=work.commit(), blobs=blobs)

        return _into_file(settings, fill, at) if settings.sqlite else _into_server(settings, fill)
    finally:
        reader.close()


def _fill(
    conn: "Connection", reader: Reader, *, at: Instant, ids: Makes, given: int, told: Progress
) -> Restored:
    """The backup and the new epoch, in the caller's transaction."""
    load(conn, reader, told)
    migrations.upgrade_on(conn)
    opened = epochs.open_epoch(conn, epoch=ids.new(), at=at, since=reader.manifest.made_at, reason="restored")
    epochs.raise_numbers(conn, given)
    return Restored(
        rows=sum(table.rows for table in reader.manifest.tables.values()),
        head=reader.manifest.head,
        epoch=opened.epoch,
        next_number=FIRST_NUMBER + epochs.numbers_given(conn),
        erased=0,
        blobs=0,
    )


class _Outliving(Entity):
    """What outlives a restore, from the files beside the secret and from the database that is replaced."""

    ledger: Ledger
    revocations: list[Revocation]
    numbers: int = 0  # how many the replaced database had given


def _outliving(settings: Settings, target: str) -> _Outliving:
    if target:
        store = Store(settings.database, pool_size=1)
        try:
            if migrations.present(store.engine) == migrations.newest():
                with store.read() as conn:
                    return _Outliving(
                        ledger=known_ledger(settings, conn),
                        revocations=known_revocations(settings, conn),
                        numbers=epochs.numbers_given(conn),
                    )
        finally:
            store.close()
    ledger, revocations = known_ledger(settings, None), known_revocations(settings, None)
    return _Outliving(ledger=ledger, revocations=revocations)


def _state(settings: Settings) -> str:
    """The epoch of the database that a restore would replace; nothing where there is none."""
    if settings.database_file is not None and not settings.database_file.exists():
        return ""
    store = Store(settings.database, pool_size=1)
    try:
        return dump.epoch_of(store.engine)
    finally:
        store.close()


def _into_file(settings: Settings, fill: Callable[["Connection"], Restored], at: Instant) -> Restored:
    """Make the new file beside the old one, and put it in its place when it is whole."""
    file = settings.database_file
    assert file is not None
    file.parent.mkdir(parents=True, exist_ok=True)
    sole = SoleServer(file)
    sole.take()
    fresh = file.with_name(file.name + ".restoring")
    try:
        _remove(fresh)
        store = Store(f"sqlite:///{fresh}", pool_size=1)
        try:
            with store.write() as conn:
                done = fill(conn)
            dump.checkpoint(store.engine)
        finally:
            store.close()
        kept = _set_aside(file, at)
        fresh.replace(file)
        return structs.replace(done, set_aside=str(kept) if kept else "")
    except OSError as error:
        raise UnavailableError(
            "folder_unwritable", folder=str(file.parent), reason=error.strerror or ""
        ) from None
    finally:
        _remove(fresh)
        sole.release()


def _into_server(settings: Settings, fill: Callable[["Connection"], Restored]) -> Restored:
    """Replace the tables of a PostgreSQL database in one transaction."""
    store = Store(settings.database, pool_size=1)
    try:
        with store.write() as conn:
            dump.drop_all(conn)
            return fill(conn)
    finally:
        store.close()


def _set_aside(file: Path, at: Instant) -> Path | None:
    """Keep the file that is replaced: it may be all that is left of the last hours."""
    if not file.exists():
        return None
    kept = file.with_name(f"{file.name}.replaced-{at}")
    for ending in ("", "-wal", "-shm"):
        part = file.with_name(file.name + ending)
        if part.exists():
            part.replace(kept.with_name(kept.name + ending))
    return kept


def _remove(file: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _put_secret(settings: Settings, secret: bytes) -> None:
    """Put the server's secret back; one that is there already and another is not overwritten."""
    file = settings.folder / SECRET_FILE
    settings.folder.mkdir(parents=True, exist_ok=True)
    if file.exists():
        if file.read_bytes() != secret:
            raise RefusedError("secret_differs", file=str(file))
        return
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(secret)


def _put_blobs(files: BlobFiles, reader: Reader, told: Progress) -> int:
    """Put the contents of attachments back where they are missing; returns how many."""
    count = 0
    for hash, size in sorted(reader.manifest.blobs.items()):
        if not files.holds(hash, size):
            to = files.path(hash)
            partial = to.with_name(to.name + ".restoring")
            reader.blob(hash, partial)
            partial.replace(to)
            count += 1
            told("blobs", count)
    return count
