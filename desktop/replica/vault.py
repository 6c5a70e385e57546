"""Attachments' bytes on this machine: encrypted by parts of 1 MiB, under names that tell nothing (SYNC §7)."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from domain.errors import RefusedError, UnavailableError
from domain.wire.attachments import CHUNK

_NONCE, _TAG = 12, 16
_CELL = _NONCE + CHUNK + _TAG
_PART = ".part"


def purpose_key(key: bytes | None, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, from the replica's; one that hides nothing where the replica is plain."""
    return hmac.new(key or bytes(32), f"gongdan {purpose}".encode(), hashlib.sha256).digest()


class Vault:
    """Files below one folder; each part is sealed with its content's hash, size and its own place in it.

    A file is whole or does not exist; what is still being fetched stands beside it.
    """

    def __init__(self, folder: Path, key: bytes | None) -> None:
        self.folder = folder
        self._names = purpose_key(key, "attachment names")
        self._key = purpose_key(key, "attachments")

    def name(self, hash: str) -> str:
        """The file's name: the content can't be guessed from it."""
        return hmac.new(self._names, hash.encode(), hashlib.sha256).hexdigest()[:40]

    def holds(self, hash: str) -> bool:
        """Whether a whole content is here."""
        return self._path(hash).exists()

    def add(self, content: bytes) -> str:
        """Keep a content, durably; returns its hash. Raises UnavailableError (``disk_full``)."""
        hash = hashlib.sha256(content).hexdigest()
        if not self.holds(hash):
            size = len(content)
            parts = (content[at : at + CHUNK] for at in range(0, size, CHUNK))
            self._write(hash, (self._seal(hash, size, n, part) for n, part in enumerate(parts)))
        return hash

    def part(self, hash: str, size: int, offset: int) -> bytes:
        """One part of a whole content, by where it begins; refused (``attachment_gone``) where it is not there."""
        try:
            with self._path(hash).open("rb") as file:
                return self._unsealed(file.fileno(), hash, size, offset // CHUNK)
        except OSError:
            raise RefusedError("attachment_gone") from None

    def read(self, hash: str, size: int) -> Iterator[bytes]:
        """The parts of a whole content, in order."""
        for offset in range(0, size, CHUNK):
            yield self.part(hash, size, offset)

    def fetched(self, hash: str, size: int) -> int:
        """How many bytes of a content that is being fetched are here."""
        try:
            cells = self._path(hash, _PART).stat().st_size
        except OSError:
            return 0
        return min(size, cells // _CELL * CHUNK)

    def append(self, hash: str, size: int, offset: int, part: bytes) -> None:
        """Keep the next part of what is being fetched; a torn end of before is written over."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = offset // CHUNK
        try:
            handle = os.open(
                self._path(hash, _PART), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600
            )
            with os.fdopen(handle, "r+b") as file:
                file.truncate(number * _CELL)
                file.seek(number * _CELL)
                file.write(self._seal(hash, size, number, part))
        except OSError:
            raise UnavailableError("disk_full") from None

    def complete(self, hash: str, size: int) -> bool:
        """Make what was fetched whole if its hash is right; else throw it away, and say False."""
        path, digest = self._path(hash, _PART), hashlib.sha256()
        try:
            # Open for writing, too: Windows brings nothing to the disk through a handle that only reads.
            with path.open("r+b") as file:
                for number in range((size + CHUNK - 1) // CHUNK):
                    digest.update(self._unsealed(file.fileno(), hash, size, number))
                os.fsync(file.fileno())
        except (OSError, RefusedError):
            digest = hashlib.sha256(b"torn")
        if digest.hexdigest() != hash:
            path.unlink(missing_ok=True)
            return False
        path.replace(self._path(hash))
        return True

    def drop(self, hash: str) -> None:
        """Delete a content, whole or not."""
        for ending in ("", _PART):
            self._path(hash, ending).unlink(missing_ok=True)

    def sweep(self, hashes: Iterable[str]) -> int:
        """Delete every file that is none of these contents'; returns how many."""
        if not self.folder.is_dir():
            return 0
        names = {self.name(hash) for hash in hashes}
        stray = [one for one in self.folder.iterdir() if one.name.removesuffix(_PART) not in names]
        for one in stray:
            one.unlink(missing_ok=True)
        return len(stray)

    def _path(self, hash: str, ending: str = "") -> Path:
        return self.folder / (self.name(hash) + ending)

    def _write(self, hash: str, cells: Iterable[bytes]) -> None:
        path = self._path(hash)
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(
                beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
            )
            with os.fdopen(handle, "wb") as out:
                for cell in cells:
                    out.write(cell)
                out.flush()
                os.fsync(out.fileno())
            beside.replace(path)
        except OSError:
            raise UnavailableError("disk_full") from None
        finally:
            beside.unlink(missing_ok=True)

    def _seal(self, hash: str, size: int, number: int, part: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, part, _bound(hash, size, number))

    def _unsealed(self, handle: int, hash: str, size: int, number: int) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        with os.fdopen(os.dup(handle), "rb") as file:
            file.seek(number * _CELL)
            cell = file.read(_NONCE + min(CHUNK, size - number * CHUNK) + _TAG)
        try:
            return AESGCM(self._key).decrypt(cell[:_NONCE], cell[_NONCE:], _bound(hash, size, number))
        except (InvalidTag, ValueError):
            raise RefusedError("attachment_gone") from None


def _bound(hash: str, size: int, number: int) -> bytes:
    """What a part is sealed to: parts of other contents, or in another order, don't open."""
    return f"{hash} {size} {number}".encode()
