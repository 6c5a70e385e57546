"""One serving process for one SQLite file: a lock beside it that the system drops when the process dies."""

import sys
from pathlib import Path
from typing import IO

from domain.errors import RefusedError


class SoleServer:
    """Holds the right to serve a SQLite file until released."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".serving")
        self._file: IO[bytes] | None = None

    def take(self) -> None:
        """Take the right; refused (``already_served``) while another process has it."""
        file = self._path.open("ab")
        try:
            _lock(file)
        except OSError:
            file.close()
            raise RefusedError("already_served", file=str(self._path)) from None
        self._file = file

    def release(self) -> None:
        """Give the right back."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
