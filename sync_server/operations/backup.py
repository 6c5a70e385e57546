"""`backup`: everything as of one snapshot while the server serves, verified by reading it back (SYNC §6)."""

import hashlib
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.entities.base import Entity
from domain.errors import RefusedError, UnavailableError
from sync_server.api.sealing import server_secret
from sync_server.operations.archive import SECRET, SUFFIX, Manifest, Progress, Reader, Writer, blob_member
from sync_server.operations.tools import Tools
from sync_server.store import dump, migrations
from sync_server.store.blob_files import BlobFiles
from sync_server.store.engine import Store
from sync_server.store.unit_of_work import feed_head

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SALT, _NONCE = 16, 12


class _Sealed(Entity):
    """The server's secret under a passphrase."""

    salt: bytes
    nonce: bytes
    content: bytes


def quiet(_name: str, _count: int) -> None:
    """Tells nobody."""


def back_up(
    tools: Tools, to: Path, *, passphrase: str = "", verify: bool = True, told: Progress = quiet
) -> Path:
    """Write a backup to a file, or into a folder under a name of its time; returns the file.

    Reads one snapshot, which keeps no writer waiting. Raises UnavailableError ``backup_unwritable``, and what
    `verified` raises.
    """
    at = tools.clock.now()
    file = (
        to / f"gongdan-{datetime.fromtimestamp(at / 1000, UTC):%Y%m%d-%H%M%S}{SUFFIX}" if to.is_dir() else to
    )
    try:
        writer = Writer(file)
    except OSError as error:
        raise UnavailableError("backup_unwritable", file=str(file), reason=error.strerror or "") from None
    try:
        _write(tools, writer, at, passphrase, told)
    except OSError as error:
        writer.abandon()
        raise UnavailableError("backup_unwritable", file=str(file), reason=error.strerror or "") from None
    except BaseException:
        writer.abandon()
        raise
    if verify:
        verified(file, told=told)
    return file


def _write(tools: Tools, writer: Writer, at: int, passphrase: str, told: Progress) -> None:
    files = BlobFiles(tools.settings.blob_folder)
    with tools.store.read() as conn:
        feed = feed_head(conn)
        found = dump.tables_of(conn)
        # The snapshot is older than the folder is read: what is referred to in it is there, and never rewritten.
        tables = {
            str(table.name): writer.table(
                table.name, [str(column.name) for column in table.c], dump.rows_of(conn, table), told
            )
            for table in found
        }
        whole = dump.whole_blobs(conn)
    kept = {hash: size for hash, size in whole.items() if files.holds(hash, size)}
    for done, hash in enumerate(sorted(kept), 1):
        writer.file(blob_member(hash), files.path(hash))
        told("blobs", done)
    if passphrase:
        writer.text(SECRET, _seal(server_secret(tools.settings.folder), passphrase))
    writer.finish(
        Manifest(
            format=1,
            made_at=at,
            revision=migrations.present(tools.store.engine) or "",
            epoch=feed.epoch,
            head=feed.seq,
            tables=tables,
            blobs=kept,
            missing_blobs=len(whole) - len(kept),
            secret=bool(passphrase),
        )
    )


def verified(file: Path, *, told: Progress = quiet) -> Manifest:
    """Read a backup back: restored into a scratch database, every table has the rows and the hash written.

    Raises RefusedError ``backup_unreadable`` or ``backup_damaged``.
    """
    reader = Reader(file)
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".verify-") as folder:
            store = Store(f"sqlite:///{Path(folder) / 'scratch.sqlite3'}", pool_size=1)
            try:
                with store.write() as conn:
                    load(conn, reader, told)
                    conn.commit()
                _compare(store, reader)
            finally:
                store.close()
        for done, hash in enumerate(sorted(reader.manifest.blobs), 1):
            reader.blob(hash, None)
            told("blobs", done)
        return reader.manifest
    finally:
        reader.close()


def load(conn: "Connection", reader: Reader, told: Progress) -> None:
    """Fill an empty database with a backup's tables, at the revision of the backup, in the caller's transaction."""
    migrations.upgrade_on(conn, reader.manifest.revision)
    tables = dump.tables_of(conn)
    dump.empty(conn, tables)
    for table in tables:
        entry = reader.manifest.tables.get(table.name)
        if entry is not None:
            told(table.name, dump.load_rows(conn, table, entry.columns, reader.rows(table.name)))


def _compare(store: Store, reader: Reader) -> None:
    with store.read() as conn:
        for table in dump.tables_of(conn):
            told = reader.manifest.tables.get(table.name)
            hashed, count = hashlib.sha256(), 0
            for row in dump.rows_of(conn, table):
                hashed.update(msgspec.json.encode(row) + b"\n")
                count += 1
            if told is None or (count, hashed.hexdigest()) != (told.rows, told.sha256):
                raise RefusedError("backup_damaged", member=table.name)


def _seal(secret: bytes, passphrase: str) -> bytes:
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    content = AESGCM(_key(passphrase, salt)).encrypt(nonce, secret, b"gongdan server secret")
    return msgspec.json.encode(_Sealed(salt=salt, nonce=nonce, content=content))


def opened_secret(sealed: bytes, passphrase: str) -> bytes:
    """The server's secret again; refused (``wrong_passphrase``)."""
    found = msgspec.json.decode(sealed, type=_Sealed)
    try:
        return AESGCM(_key(passphrase, found.salt)).decrypt(
            found.nonce, found.content, b"gongdan server secret"
        )
    except InvalidTag:
        raise RefusedError("wrong_passphrase") from None


def _key(passphrase: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=3,
        memory_cost=65_536,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )
