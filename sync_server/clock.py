"""The one place where the server reads the wall clock and makes identifiers; injected everywhere else."""

import os
import secrets
import time
from typing import Protocol

import uuid_utils

from domain.entities.base import Instant
from domain.wire.protocol import MARK_BITS


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """Milliseconds since the epoch, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """Milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000


class SystemIds:
    """UUIDv7 from the machine's clock and random source."""

    def new(self) -> str:
        """A fresh identifier."""
        return uuid_utils.uuid7().hex

    def nonce(self) -> str:
        """Eight random characters that mark one change row."""
        return os.urandom(4).hex()  # what `secrets` comes to, at half its price: one for each row of the feed

    def mark(self) -> int:
        """A random number of MARK_BITS bits: the mark of one version of a ticket."""
        return secrets.randbits(MARK_BITS)
