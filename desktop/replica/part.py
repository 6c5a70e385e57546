"""A snapshot on this machine: enciphered as it comes, with a key that is never written down.

The server packs a plain database; on a desktop nothing may lie in plain. Each page becomes what SQLCipher makes of it
(AES-256-CBC, the vector in the bytes that the server left in reserve), without a seal of its own: what came was
compared with its hash, and the file lives for seconds.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from domain.wire.snapshot import PAGE_BYTES, RESERVED_BYTES

_SALT_BYTES = 16
"""They stand in the place of the words with which a plain database begins."""


class KeyedFile:
    """A database file that only this object can open; gone when it is dropped."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._key, self._salt = secrets.token_bytes(32), secrets.token_bytes(_SALT_BYTES)
        self._out = file.open("wb")

    def add(self, plain: bytes) -> None:
        """Write the next pages of the plain database, enciphered. Raises OSError."""
        view = memoryview(plain)
        cipher = algorithms.AES(self._key)
        for start in range(0, len(plain), PAGE_BYTES):
            skipped = 0
            if not self._out.tell():
                skipped = _SALT_BYTES
                self._out.write(self._salt)
            vector = os.urandom(RESERVED_BYTES)
            page = view[start + skipped : start + PAGE_BYTES - RESERVED_BYTES]
            self._out.write(Cipher(cipher, modes.CBC(vector)).encryptor().update(page))
            self._out.write(vector)

    def finish(self) -> None:
        """Write what is left to write. Raises OSError."""
        self._out.close()

    def opened(self, attach: Callable[[Any], None]) -> Any:
        """A connection to the finished file, with what `attach` adds."""
        connection = driver.connect(  # type: ignore[attr-defined]  # untyped
            str(self.file), isolation_level=None, check_same_thread=False, timeout=30
        )
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA key = \"x'{self._key.hex()}{self._salt.hex()}'\"")
        cursor.execute("PRAGMA cipher_log_level = NONE")
        cursor.execute(f"PRAGMA cipher_page_size = {PAGE_BYTES}")
        cursor.execute("PRAGMA cipher_use_hmac = OFF")
        cursor.execute("PRAGMA journal_mode = OFF")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.close()
        attach(connection)
        return connection

    def drop(self) -> None:
        """Delete the file, whatever state it is in; what another still holds open goes with the next start."""
        with suppress(OSError):
            self._out.close()  # a full disk refuses what is left to write once more
        with suppress(OSError):
            self.file.unlink(missing_ok=True)
