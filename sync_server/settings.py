"""What an operator sets for one machine, read once from the environment (``GONGDAN_…``)."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from domain.errors import InvalidInputError
from domain.wire.attachments import BLOCKED, AttachmentLimits

T = TypeVar("T")

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting with its default; durations in seconds, sizes in bytes."""

    folder: Path  # database file, server secret
    database: str
    host: str = "127.0.0.1"
    port: int = 8470
    pool_size: int = 8
    waiting_requests: int = 64  # beyond the pool; more are answered 503 with a time to come back
    access_token_s: int = HOUR_S
    refresh_token_s: int = 90 * DAY_S
    sign_in_attempts: int = 5
    lock_out_s: int = 15 * MINUTE_S
    poke_gap_ms: int = 250
    poke_keep_alive_s: int = 20
    request_bytes: int = 1024 * 1024
    close_after_days: int = 7  # a resolved ticket is closed then; 0: never
    keep_days: int = 90  # desktops keep closed tickets so long; 0: for ever
    feed_days: int = 90  # changes are kept one by one so long; 0: for ever
    feed_floor_days: int = 180  # and at all; a desktop away for longer compares everything; 0: for ever
    verdict_days: int = 180  # what became of a command; fewer are not taken; 0: for ever
    sweep_every_s: int = 5
    attachment_folder: str = ""  # shared by all processes; empty: `blobs` below the folder
    attachment_mb: int = 20  # the largest attachment
    attachment_files: int = 20  # at most, for each message
    attachment_blocked: str = " ".join(BLOCKED)  # endings that are refused
    attachment_allowed: str = ""  # the only endings taken; empty: all others
    attachment_quota_mb: int = 1024  # of one person: under way, or not referred to by any ticket
    attachment_keep_free_mb: int = 512  # of the disk; below it no upload begins
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0  # where an operator reads metrics; 0: nowhere
    log_level: str = "info"
    tls_certificate: str = ""  # files; without them a proxy in front has to speak TLS
    tls_key: str = ""

    @property
    def sqlite(self) -> bool:
        """Whether the database is one file on this machine."""
        return self.database.startswith("sqlite")

    @property
    def blob_folder(self) -> Path:
        """Where the bytes of attachments stand."""
        return Path(self.attachment_folder) if self.attachment_folder else self.folder / "blobs"

    @property
    def attachment_limits(self) -> AttachmentLimits:
        """What may be attached."""
        return AttachmentLimits(
            most_bytes=self.attachment_mb << 20,
            most_files=self.attachment_files,
            blocked=_endings(self.attachment_blocked),
            allowed=_endings(self.attachment_allowed),
        )

    @property
    def database_file(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self.database.removeprefix("sqlite:///")) if self.sqlite else None

    def on(self, *, database: str | None = None, folder: Path | None = None) -> "Settings":
        """The same settings on another database or folder, as a command line asks for."""
        settings = self
        if folder is not None:
            settings = replace(settings, folder=folder)
            if self.database == default_database(self.folder):
                settings = replace(settings, database=default_database(folder))
        if database is not None:
            settings = replace(settings, database=database_url(database))
            file = settings.database_file
            if file is not None and folder is None:
                settings = replace(settings, folder=file.parent)
        return settings


def _endings(text: str) -> tuple[str, ...]:
    """Endings from a list with spaces or commas, without their dots."""
    return tuple(part.lstrip(".").lower() for part in text.replace(",", " ").split())


def default_folder(environment: Mapping[str, str]) -> Path:
    """Where this system keeps a program's local files; never a roaming profile."""
    if sys.platform == "win32":
        base = environment.get("PROGRAMDATA") or str(Path.home() / "AppData" / "Local")
        return Path(base) / "Gongdan" / "server"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Gongdan" / "server"
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "gongdan-server"


def default_database(folder: Path) -> str:
    """A SQLite file in the folder."""
    return f"sqlite:///{folder / 'server.sqlite3'}"


def database_url(text: str) -> str:
    """A database URL from what people write: a URL, a PostgreSQL URL without its driver, or a file's path."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        return f"sqlite:///{Path(text).absolute()}"
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite":
        return text
    raise InvalidInputError("unknown_database", scheme=scheme)


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raise InvalidInputError (``bad_setting``) naming the variable that is wrong."""
    env = os.environ if environment is None else environment
    folder = Path(env["GONGDAN_SERVER_HOME"]) if env.get("GONGDAN_SERVER_HOME") else default_folder(env)
    named = env.get("GONGDAN_DATABASE")
    read = {
        "host": _read(env, "HOST", str),
        "port": _read(env, "PORT", int),
        "pool_size": _read(env, "POOL_SIZE", int),
        "waiting_requests": _read(env, "WAITING_REQUESTS", int),
        "access_token_s": _read(env, "ACCESS_TOKEN_S", int),
        "refresh_token_s": _read(env, "REFRESH_TOKEN_S", int),
        "sign_in_attempts": _read(env, "SIGN_IN_ATTEMPTS", int),
        "lock_out_s": _read(env, "LOCK_OUT_S", int),
        "poke_gap_ms": _read(env, "POKE_GAP_MS", int),
        "poke_keep_alive_s": _read(env, "POKE_KEEP_ALIVE_S", int),
        "close_after_days": _read(env, "CLOSE_AFTER_DAYS", int),
        "keep_days": _read(env, "KEEP_DAYS", int),
        "feed_days": _read(env, "FEED_DAYS", int),
        "feed_floor_days": _read(env, "FEED_FLOOR_DAYS", int),
        "verdict_days": _read(env, "VERDICT_DAYS", int),
        "sweep_every_s": _read(env, "SWEEP_EVERY_S", int),
        "attachment_folder": _read(env, "ATTACHMENT_FOLDER", str),
        "attachment_mb": _read(env, "ATTACHMENT_MB", int),
        "attachment_files": _read(env, "ATTACHMENT_FILES", int),
        "attachment_blocked": _read(env, "ATTACHMENT_BLOCKED", str),
        "attachment_allowed": _read(env, "ATTACHMENT_ALLOWED", str),
        "attachment_quota_mb": _read(env, "ATTACHMENT_QUOTA_MB", int),
        "attachment_keep_free_mb": _read(env, "ATTACHMENT_KEEP_FREE_MB", int),
        "metrics_host": _read(env, "METRICS_HOST", str),
        "metrics_port": _read(env, "METRICS_PORT", int),
        "log_level": _read(env, "LOG_LEVEL", str),
        "tls_certificate": _read(env, "TLS_CERTIFICATE", str),
        "tls_key": _read(env, "TLS_KEY", str),
    }
    settings = Settings(folder=folder, database=database_url(named) if named else default_database(folder))
    return replace(settings, **{name: value for name, value in read.items() if value is not None})  # type: ignore[arg-type]


def _read(env: Mapping[str, str], name: str, kind: Callable[[str], T]) -> T | None:
    text = env.get(f"GONGDAN_{name}", "")
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise InvalidInputError("bad_setting", name=f"GONGDAN_{name}", value=text) from None
