"""How SQLCipher enciphers the pages of a replica: large ones with a fast seal, or as it was first (decision 0022)."""

import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from domain.entities.base import Entity

_LOG_WORDS = {0x377F0682, 0x377F0683}
"""With which a write-ahead log begins; the size of its pages follows in plain."""
_LOG_HEAD = struct.Struct(">III")


class Form(Entity):
    """The settings of a file, which it does not name itself: bytes of a page, and what seals it."""

    page_bytes: int
    seal: str


PRESENT = Form(page_bytes=8_192, seal="HMAC_SHA256")
FIRST = Form(page_bytes=4_096, seal="HMAC_SHA512")
"""Of replicas made before 0.3: SQLCipher's own settings."""


def form_of(path: Path, key: bytes) -> Form:
    """The form that a file is in; the present one where there is no file yet, or where none opens it."""
    logged = _logged_page_bytes(Path(f"{path}-wal"))
    if logged is not None:
        return FIRST if logged == FIRST.page_bytes else PRESENT
    if not path.exists() or not path.stat().st_size or _opens(path, key, PRESENT):
        return PRESENT
    return FIRST if _opens(path, key, FIRST) else PRESENT


def unlock(connection: Any, key: bytes, form: Form) -> None:
    """Give a new connection its key and the file's settings, before all else."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    cursor.execute("PRAGMA cipher_log_level = NONE")
    cursor.execute(f"PRAGMA cipher_page_size = {form.page_bytes}")
    cursor.execute(f"PRAGMA cipher_hmac_algorithm = {form.seal}")
    cursor.close()


def attach(connection: Any, path: Path, name: str, key: bytes, form: Form) -> None:
    """Attach a file to a connection that was unlocked for another.

    SQLCipher takes the settings of what is attached from the process; every connection of ours names its own.
    """
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA cipher_default_page_size = {form.page_bytes}")
    cursor.execute(f"PRAGMA cipher_default_hmac_algorithm = {form.seal}")
    cursor.execute(f"ATTACH ? AS {name} KEY ?", (str(path), f"x'{key.hex()}'"))
    cursor.close()


def _logged_page_bytes(log: Path) -> int | None:
    """The size of the pages in a log that was left; None where there is none, or nothing in it."""
    try:
        with log.open("rb") as file:
            head = file.read(_LOG_HEAD.size)
    except OSError:
        return None
    if len(head) < _LOG_HEAD.size:
        return None
    word, _version, page_bytes = _LOG_HEAD.unpack(head)
    return page_bytes if word in _LOG_WORDS else None


def _opens(path: Path, key: bytes, form: Form) -> bool:
    """Whether the first page can be read; nothing is written, not even beside the file."""
    address = f"{path.resolve().as_uri()}?immutable=1"
    with closing(driver.connect(address, uri=True, isolation_level=None)) as connection:  # type: ignore[attr-defined]
        unlock(connection, key, form)
        try:
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        except driver.DatabaseError:  # type: ignore[attr-defined]
            return False
    return True
