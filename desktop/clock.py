"""The one place where the desktop reads its clocks and makes identifiers, and how it knows the server's time."""

import time
from typing import Protocol

import uuid_utils

from domain.entities.base import Entity, Instant
from domain.wire.commands import DeviceClock

DRIFT_PPM = 50
"""By how much a machine's clock may run away from the last contact on."""
STEP_MS = 2_000
"""A wall clock that leaves the steady one by more than this was set by somebody."""


class Clock(Protocol):
    """Tells the time of the wall and the time that only ever runs on."""

    def now(self) -> Instant:
        """Milliseconds since the epoch, UTC, as this machine believes."""
        ...

    def monotonic(self) -> int:
        """Milliseconds since some moment, running on through sleep, never set back."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Instant:
        """Milliseconds since the epoch, UTC, as this machine believes."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        """Milliseconds that run on through sleep, where the system has such a clock."""
        # Python's own steady clock stands still while a Linux machine or a Mac sleeps.
        clock = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)
        read = getattr(time, "clock_gettime_ns", None)
        nanoseconds = time.monotonic_ns() if read is None or clock is None else int(read(clock))
        return nanoseconds // 1_000_000


class SystemIds:
    """UUIDv7 from the machine's clock and random source."""

    def new(self) -> str:
        """Return a fresh 32-character hexadecimal UUIDv7."""
        return uuid_utils.uuid7().hex


class Contact(Entity):
    """What the last exchange with the server told about this machine's clock."""

    offset_ms: int = 0  # to add to the wall clock
    error_ms: int = 0
    at: Instant = 0  # the server's time
    monotonic: int = 0
    wall_at: Instant = 0


class ServerTime:
    """Estimates the server's time: offset from round trips, an error that grows from the last contact on."""

    def __init__(self, clock: Clock, contact: Contact | None = None) -> None:
        self._clock = clock
        self.contact = contact or Contact()

    def observe(self, *, asked: int, answered: int, server_at: Instant) -> Contact:
        """Take in one exchange: monotonic time of question and answer, and the server's time in it."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        middle = wall - (steady - answered) - (answered - asked) // 2
        self.contact = Contact(
            offset_ms=server_at - middle,
            error_ms=max(1, (answered - asked) // 2),
            at=server_at + (answered - asked) // 2,
            monotonic=answered,
            wall_at=wall - (steady - answered),
        )
        return self.contact

    def now(self) -> Instant:
        """The server's time as far as it is known; the wall clock where it never was."""
        contact = self.contact
        if not contact.at:
            return self._clock.now()
        if self._stepped():
            return max(self._clock.now() + contact.offset_ms, contact.at)
        return contact.at + self._clock.monotonic() - contact.monotonic

    def error_ms(self) -> int:
        """How far off `now` may be."""
        contact = self.contact
        elapsed = abs(self._clock.now() - contact.wall_at)
        return contact.error_ms + elapsed * DRIFT_PPM // 1_000_000

    def device_clock(self) -> DeviceClock:
        """How this device judges its clock now, for a command made now."""
        contact = self.contact
        if not contact.at:
            return DeviceClock()
        return DeviceClock(
            offset_ms=contact.offset_ms,
            error_ms=self.error_ms(),
            contact_at=contact.at,
            reported=self._stepped(),
        )

    def _stepped(self) -> bool:
        """Whether the wall clock was set, or the machine started anew, since the last contact."""
        contact = self.contact
        steady = self._clock.monotonic() - contact.monotonic
        walked = self._clock.now() - contact.wall_at
        tolerance = STEP_MS + abs(steady) * DRIFT_PPM // 1_000_000
        return steady < 0 or abs(walked - steady) > tolerance
