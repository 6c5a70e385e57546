"""The support bundle: what somebody who helps needs to know of this machine, without a customer's words."""

import platform
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from desktop.replica import schema
from desktop.replica.engine import Replica
from desktop.replica.queries import support
from domain.entities.base import Instant
from domain.errors import UnavailableError
from domain.wire.protocol import PROTOCOL

LAST_LINES = 2_000
_TOLD = (
    "timestamp",
    "level",
    "event",
    "code",
    "kind",
    "did",
    "error",
    "tickets",
    "where",
    "problems",
    "status",
)
"""Of a line of the log: ids, codes and places; anything else is left out, whatever somebody may log one day."""


def export_support(replica: Replica, path: Path, *, now: Instant, state: Any, log: Path | None = None) -> int:
    """Write the bundle as a zip; returns how many files are in it. `state` is shown as it is: codes and figures.

    UnavailableError ``export_failed`` where it can't be written.
    """
    with replica.read() as conn:
        files: dict[str, Any] = {
            "about.json": _about(replica, now),
            "replica.json": support.facts(conn),
            "tables.json": support.counts(conn),
            "commands.json": support.commands(conn),
            "ranges.json": support.ranges(conn),
            "digests.json": support.digests(conn),
        }
    files["sync.json"] = state
    encoded = {name: msgspec.json.format(msgspec.json.encode(content)) for name, content in files.items()}
    if log is not None and log.exists():
        encoded["log.jsonl"] = _lines(log)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, raw in encoded.items():
                bundle.writestr(name, raw)
    except OSError as error:
        raise UnavailableError("export_failed", file=path.name, reason=error.strerror or "") from None
    return len(encoded)


def _about(replica: Replica, now: Instant) -> dict[str, Any]:
    sizes = {
        file.name: file.stat().st_size
        for file in (replica.path, Path(f"{replica.path}-wal"))
        if file.exists()
    }
    return {
        "program": _program(),
        "protocol": PROTOCOL,
        "schema": schema.VERSION,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "made_at": now,
        "sizes": sizes,
    }


def _program() -> str:
    try:
        return version("gongdan")
    except PackageNotFoundError:
        return "unknown"


def _lines(log: Path) -> bytes:
    """The last lines of the log, each with what may be told of it."""
    told = []
    for line in log.read_bytes().splitlines()[-LAST_LINES:]:
        try:
            found = msgspec.json.decode(line)
        except msgspec.DecodeError:
            continue
        if isinstance(found, dict):
            told.append(msgspec.json.encode({name: found[name] for name in _TOLD if name in found}))
    return b"".join(line + b"\n" for line in told)
