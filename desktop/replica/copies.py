"""Copies that stand beside a replica: from before an upgrade, and what was damaged. They hold what it held then.

They are bounded: the first check against the server that ends well has no more need of them, and whatever is purged
or erased in the replica goes with them. Of a damaged file with commands that could not be read the newest is kept for
a month: somebody may still save them.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from domain.entities.base import Instant
from domain.errors import UnavailableError

KEPT_DAYS = 30
_DAY_MS = 86_400_000
_MOST = 1_000
_LOGS = ("-wal", "-shm", "-journal")
_INCOMPLETE = ".incomplete"


def before_upgrade(path: Path, *, to: int, was: int) -> Path:
    """Copy a closed replica beside itself before it is upgraded; encrypted like the original."""
    copy = path.with_name(f"{path.name}.before-{to}-was-{was}")
    shutil.copy2(path, copy)
    return copy


def set_beside(path: Path, *, incomplete: bool) -> None:
    """Move a damaged file and its log out of the way, under a name that is free; `incomplete`: not all could be read.

    Raises UnavailableError ``replica_damaged`` where there is no such name.
    """
    tail = _INCOMPLETE if incomplete else ""
    free = (path.with_name(f"{path.name}.damaged-{number}{tail}") for number in range(1, _MOST))
    beside = next((one for one in free if not one.exists()), None)
    if beside is None:
        raise UnavailableError("replica_damaged", problems=1)
    path.replace(beside)
    for suffix in _LOGS:
        log = Path(f"{path}{suffix}")
        if log.exists():
            log.replace(f"{beside}{suffix}")


def drop(path: Path, *, spared_since: Instant | None = None) -> None:
    """Delete the copies beside a replica; the newest incomplete one stays if it was made since `spared_since`."""
    found = [
        one
        for kind in ("before", "damaged")
        for one in path.parent.glob(f"{path.name}.{kind}-*")
        if not one.name.endswith(_LOGS)
    ]
    newest = max((one for one in found if one.name.endswith(_INCOMPLETE)), key=_made_at, default=None)
    spared = newest if newest and spared_since is not None and _made_at(newest) >= spared_since else None
    for one in found:
        if one != spared:
            for suffix in ("", *_LOGS):
                with suppress(OSError):  # held by another program: the next time
                    Path(f"{one}{suffix}").unlink(missing_ok=True)


def kept_since(at: Instant) -> Instant:
    """Since when an incomplete copy has to be from, to be kept at an instant."""
    return at - KEPT_DAYS * _DAY_MS


def _made_at(copy: Path) -> Instant:
    return copy.stat().st_mtime_ns // 1_000_000
