"""Where this machine keeps the program's files: local, never roaming; one folder for each person (DESIGN §8)."""

import hashlib
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from domain.errors import UnavailableError


def home_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The program's folder: ``GONGDAN_HOME`` if it is set, else the system's place for local files."""
    env = os.environ if environment is None else environment
    if env.get("GONGDAN_HOME"):
        return Path(env["GONGDAN_HOME"]).absolute()
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Gongdan"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Gongdan"
    return Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "gongdan"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, readable by this login alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    for pause_s in (0.02, 0.1, 0.4, 1.0):
        try:
            beside.replace(path)
            return
        except PermissionError:
            # A virus scanner may hold a file for a moment after it was written.
            time.sleep(pause_s)
    beside.replace(path)


class Places:
    """The files below one home folder."""

    def __init__(self, home: Path) -> None:
        self.home = _long(home)
        self.people = self.home / "people"
        self.logs = self.home / "logs"
        self.lock = self.home / "running.lock"

    def prepare(self) -> None:
        """Make the folders, for this login alone; raise UnavailableError ``folder_unwritable``."""
        try:
            for folder in (self.home, self.people, self.logs):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UnavailableError(
                "folder_unwritable", folder=str(self.home), reason=error.strerror or ""
            ) from None

    def person(self, server: str, person: str) -> Path:
        """The folder of one person of one server; short and plain, whatever their name."""
        return self.people / hashlib.sha256(f"{server}\n{person}".encode()).hexdigest()[:16]


def _long(path: Path) -> Path:
    """On Windows, a form of the path that may be longer than 260 characters."""
    text = str(path.absolute())
    if sys.platform == "win32" and not text.startswith("\\\\"):
        return Path("\\\\?\\" + text)
    return Path(text)
