"""The one place where the desktop reads its clocks and makes identifiers, and how it knows the server's time."""

import sys
import time
from pathlib import Path
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


def boot_id() -> str:
    """What names this start of the machine; empty where the system doesn't say."""
    try:
        if sys.platform == "win32":
            import winreg

            where = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, where) as key:
                return str(winreg.QueryValueEx(key, "BootId")[0])
        if sys.platform == "darwin":
            import subprocess

            asked = ("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid")
            return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Contact(Entity):
    """What the exchanges with the server told about this machine's clock, as of the last of them."""

    offset_ms: int = 0  # to add to the wall clock
    error_ms: int = 0
    at: Instant = 0  # the server's time
    monotonic: int = 0
    wall_at: Instant = 0
    boot: str = ""  # which start of the machine the steady clock counts from


class ServerTime:
    """Estimates the server's time: what all round trips allow, an error that grows from the last contact on.

    Within one start of the machine the steady clock alone carries the estimate on, whatever is done to the wall
    clock; after another start the wall clock is all there is, and it never goes behind the last contact.
    """

    def __init__(self, clock: Clock, contact: Contact | None = None, *, boot: str = "") -> None:
        self._clock, self._boot = clock, boot
        self.contact = contact or Contact()
        self.round_trip_ms = 0
        """Of the last exchange; 0 before the first."""

    def observe(self, *, asked: int, answered: int, server_at: Instant) -> Contact:
        """Take in one exchange: monotonic time of question and answer, and the server's time in it."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        self.round_trip_ms = max(1, answered - asked)
        # The server's time now lies between its word and that with the whole round trip added; so does what
        # earlier round trips say. Instants are whole milliseconds: one may be missing at either end.
        low, high = server_at - 1, server_at + (answered - asked) + 1
        if self._is_same_start(answered):
            elapsed = answered - self.contact.monotonic
            error = self.contact.error_ms + elapsed * DRIFT_PPM // 1_000_000 + 1
            known = self.contact.at + elapsed
            if max(low, known - error) <= min(high, known + error):
                # Else one of the two clocks was set meanwhile: only the newest word counts.
                low, high = max(low, known - error), min(high, known + error)
        at, wall_at = (low + high) // 2, wall - (steady - answered)
        self.contact = Contact(
            offset_ms=at - wall_at,
            error_ms=max(1, high - at),
            at=at,
            monotonic=answered,
            wall_at=wall_at,
            boot=self._boot,
        )
        return self.contact

    def now(self) -> Instant:
        """The server's time as far as it is known; the wall clock where it never was."""
        contact = self.contact
        if not contact.at:
            return self._clock.now()
        if self._is_carried_on():
            return contact.at + self._clock.monotonic() - contact.monotonic
        return max(self._clock.now() + contact.offset_ms, contact.at)

    def off_ms(self) -> int:
        """How far the wall clock is behind the server's; 0 where that is not known."""
        return self.now() - self._clock.now() if self.contact.at else 0

    def error_ms(self) -> int:
        """How far off `now` may be."""
        contact = self.contact
        steady = self._clock.monotonic() - contact.monotonic
        elapsed = steady if self._is_carried_on() else abs(self._clock.now() - contact.wall_at)
        return contact.error_ms + elapsed * DRIFT_PPM // 1_000_000

    def device_clock(self) -> DeviceClock:
        """How this device judges its clock now, for a command made now."""
        contact = self.contact
        if not contact.at:
            return DeviceClock()
        return DeviceClock(
            offset_ms=self.off_ms(),
            error_ms=self.error_ms(),
            contact_at=contact.at,
            reported=self._stepped(),
        )

    def _is_same_start(self, steady: int) -> bool:
        """Whether the machine is known not to have been started anew since the last contact."""
        contact = self.contact
        return bool(self._boot) and contact.boot == self._boot and steady >= contact.monotonic

    def _is_carried_on(self) -> bool:
        """Whether the steady clock tells how much time has passed since the last contact."""
        return self._is_same_start(self._clock.monotonic()) or not self._stepped()

    def _stepped(self) -> bool:
        """Whether the wall clock was set, or the machine started anew, since the last contact."""
        contact = self.contact
        steady = self._clock.monotonic() - contact.monotonic
        walked = self._clock.now() - contact.wall_at
        tolerance = STEP_MS + abs(steady) * DRIFT_PPM // 1_000_000
        return steady < 0 or contact.boot != self._boot or abs(walked - steady) > tolerance
