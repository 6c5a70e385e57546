"""Contents of attachments as files by their SHA-256, and the parts of uploads under way (SYNC §7).

Every step is a new file and a rename, so any number of processes may work in one shared folder. A part that
comes twice is written twice, alike; no part is ever half there.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from domain.errors import RefusedError, UnavailableError
from domain.wire.attachments import CHUNK

_INCOMING = "incoming"
_PIECE = 256 * 1024


class BlobFiles:
    """The folder: `ab/cdef…` whole contents, `incoming/HASH.PERSON/OFFSET` parts; sizes and offsets in bytes."""

    def __init__(self, folder: Path, *, keep_free: int = 0) -> None:
        self.folder, self._keep_free = folder, keep_free

    def path(self, hash: str) -> Path:
        """Where a whole content stands."""
        return self.folder / hash[:2] / hash[2:]

    def holds(self, hash: str, size: int) -> bool:
        """Whether a content is there in full size."""
        try:
            return self.path(hash).stat().st_size == size
        except OSError:
            return False

    def check_room(self, size: int) -> None:
        """Raise UnavailableError (``storage_full``) where so much more would fill the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < size + self._keep_free:
            raise UnavailableError("storage_full", retry_after_s=600)

    def offset(self, hash: str, person: str, size: int) -> int:
        """How many bytes of a person's upload are there without a gap."""
        there, offset = self._parts(hash, person), 0
        while offset < size and (there / str(offset)).exists():
            offset = min(size, offset + CHUNK)
        return offset

    def put(self, hash: str, person: str, offset: int, part: bytes) -> None:
        """Keep one part, durably; raises UnavailableError (``storage_full``) where the disk is full."""
        there = self._parts(hash, person)
        try:
            there.mkdir(parents=True, exist_ok=True)
            _write_whole(there / str(offset), [part])
        except OSError as error:
            raise UnavailableError("storage_full", retry_after_s=600) from error

    def finish(self, hash: str, person: str, size: int) -> None:
        """Put the parts together under their hash; refused (``attachment_hash_mismatch``) where it is not theirs.

        The parts stay until `drop`, so that a crash after it costs nothing.
        """
        digest = hashlib.sha256()
        path = self.path(hash)

        def pieces() -> Iterator[bytes]:
            for offset in range(0, size, CHUNK):
                part = (self._parts(hash, person) / str(offset)).read_bytes()
                digest.update(part)
                yield part
            if digest.hexdigest() != hash:
                raise RefusedError("attachment_hash_mismatch")

        if self.holds(hash, size):
            for _ in pieces():
                pass
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_whole(path, pieces())
        except FileNotFoundError:
            raise RefusedError("attachment_not_begun") from None
        except OSError as error:
            raise UnavailableError("storage_full", retry_after_s=600) from error

    def drop(self, hash: str, person: str) -> None:
        """Forget the parts of an upload."""
        shutil.rmtree(self._parts(hash, person), ignore_errors=True)

    def remove(self, hash: str) -> None:
        """Delete a whole content."""
        self.path(hash).unlink(missing_ok=True)

    def read(self, hash: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from start up to (not with) end."""
        with self.path(hash).open("rb") as file:
            file.seek(start)
            left = end - start
            while left > 0 and (piece := file.read(min(_PIECE, left))):
                left -= len(piece)
                yield piece

    def listed(self, prefix: str) -> list[tuple[str, int]]:
        """The whole contents whose hash begins with two digits: hash, and when written (seconds)."""
        found = []
        with suppress(FileNotFoundError):
            for one in os.scandir(self.folder / prefix):
                with suppress(FileNotFoundError):
                    found.append((prefix + one.name, int(one.stat().st_mtime)))
        return found

    def left_parts(self) -> list[tuple[str, int]]:
        """Uploads of which parts are there: the folder's name, and when last written to (seconds)."""
        found = []
        with suppress(FileNotFoundError):
            for one in os.scandir(self.folder / _INCOMING):
                with suppress(FileNotFoundError):
                    found.append((one.name, int(one.stat().st_mtime)))
        return found

    def drop_left(self, name: str) -> None:
        """Delete parts by the name of their folder."""
        shutil.rmtree(self.folder / _INCOMING / name, ignore_errors=True)

    def _parts(self, hash: str, person: str) -> Path:
        return self.folder / _INCOMING / f"{hash}.{hashlib.sha256(person.encode()).hexdigest()[:16]}"


def _write_whole(path: Path, pieces: Iterator[bytes] | list[bytes]) -> None:
    """Write a file that is there in full or not at all, power cuts included."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with beside.open("wb") as out:
            for piece in pieces:
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
