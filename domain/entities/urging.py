"""Urging: where a ticket stands on the ladder (RULES §8)."""

import msgspec

from domain.entities.base import Instant


class UrgeState(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """How often and how far up a ticket was urged since somebody last handled it."""

    level: int = 0  # 0 handler, 1 handler and cc, 2 direct superior, 3 head of department
    count: int = 0  # of all urges, by hand and automatic
    last_at: Instant = 0
    next_at: Instant | None = None  # when the next level is due, in working time
    by: str | None = None  # who urged last; none for the ladder
