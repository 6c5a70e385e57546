"""What the status bar shows of the exchange with the server: one frozen record, replaced as things move."""

from typing import Literal

from domain.entities.base import Entity, Instant

Connection = Literal["connecting", "online", "slow", "offline", "server_error"]
Phase = Literal["config", "mine", "open", "rest"]

CLOCK_TOLERANCE_MS = 5 * 60_000
"""A machine's clock that is off by more than this is mentioned; it is never a reason to refuse."""


class Progress(Entity):
    """How far the first sync is; `tickets` counts those received, ranges are the parts of the scope."""

    phase: Phase
    tickets: int = 0
    ranges_done: int = 0
    ranges: int = 0
    held: bool = False  # the person has the rest wait


class SyncState(Entity):
    """How the replica stands to the server; `paused` and `trouble` are codes under ``error.<code>``."""

    connection: Connection = "connecting"
    busy: bool = False  # an exchange is under way
    unsent: int = 0
    attention: int = 0
    verified_at: Instant = 0  # the server's time when the feed was last read to its end; 0: never
    progress: Progress | None = None  # while ranges of the scope are still being filled
    clock_off_ms: int = 0  # how far this machine's clock is behind the server's, if worth mentioning
    trouble: str = ""  # why the last exchange failed
    retry_at: Instant = 0  # this machine's time of the next attempt after a failure
    paused: str = ""  # why nothing is exchanged until the person acts: sign_in_needed, protocol_too_old …
    lease_until_at: Instant = 0  # until when may be read without the server, to the minute; 0: no lease
    lease_ends_soon: bool = False
    checked_at: Instant = 0  # the server's time when everything here was last compared with it; 0: never
    checking: Literal["", "total", "groups", "tickets"] = ""  # how far a check under way is
    repaired: int = 0  # tickets that the last check had to fetch again
    alarm: bool = False  # repaired too often today, or beyond repair: somebody has to look into it
    streaming: bool = False  # pokes arrive; else the server is asked every half minute

    @property
    def offline(self) -> bool:
        """Whether what is written now waits on this machine."""
        return self.connection in ("offline", "server_error") or bool(self.paused)
