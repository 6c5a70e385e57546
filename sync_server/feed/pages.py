"""A page in the making: encoded tickets up to its bytes (SYNC §3)."""

from typing import Any

import msgspec

from domain.wire.protocol import PAGE_BYTES

FIRST_BLOCK, LEAST_BLOCK = 200, 16
"""Tickets whose children are read at once: a page is cut by its bytes, and what is past the cut is read in vain."""


class Page:
    """Encoded tickets up to the bytes of a page."""

    def __init__(self) -> None:
        self.puts: list[Any] = []
        self.used = self.size = 0
        self.last = ""
        self.full = False

    def room(self) -> int:
        """How many tickets may still fit, by the size of those that are in."""
        if not self.used:
            return FIRST_BLOCK
        return max(LEAST_BLOCK, (PAGE_BYTES - self.size) * self.used // (self.size or 1) + 1)

    def add(self, id: str, raw: bytes) -> bool:
        """Put a ticket in, empty for one out of sight; False, and the page is full, where it no longer fits."""
        if raw and self.puts and self.size + len(raw) > PAGE_BYTES:
            self.full = True
            return False
        self.used, self.last = self.used + 1, id
        if raw:
            self.size += len(raw)
            self.puts.append(msgspec.Raw(raw))
        return True
