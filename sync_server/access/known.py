"""Access tokens met before, so that a push need not ask for its caller apart from what it reads anyway."""

from domain.entities.base import Instant
from sync_server.access.tokens import Caller, Seen

MOST = 20_000
"""Tokens kept; beyond that it begins anew."""


class KnownTokens:
    """Who came with a token last time: that never changes, but whether it still holds has to be asked each time."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Caller, Instant]] = {}

    def find(self, hash: str, *, now: Instant) -> Caller | None:
        """The caller behind a token that was met and has not expired."""
        caller, expires_at = self._kept.get(hash, (None, 0))
        return caller if now < expires_at else None

    def keep(self, seen: Seen) -> None:
        """Remember a token that held; not one of a device that may only make its last push."""
        if seen.caller.leaving:
            return
        if len(self._kept) >= MOST:
            self._kept = {}
        self._kept[seen.hash] = (seen.caller, seen.expires_at)

    def forget(self, hash: str) -> None:
        """It does not hold any more."""
        self._kept.pop(hash, None)
