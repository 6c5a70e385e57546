"""Urging: where a ticket stands on the ladder, and what an administrator sets of it (RULES §8)."""

import msgspec

from domain.entities.base import Entity, Instant

HANDLER, AND_CC, SUPERIOR, HEAD = 0, 1, 2, 3
"""The levels of the ladder: who is urged."""


class UrgeState(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """How often and how far up a ticket was urged since somebody last handled it."""

    level: int = 0  # 0 handler, 1 handler and cc, 2 direct superior, 3 head of department
    count: int = 0  # of all urges, by hand and automatic
    last_at: Instant = 0
    next_at: Instant | None = None  # when the next level is due, in working time
    by: str | None = None  # who urged last; none for the ladder


class Urging(Entity):
    """How tickets of a business line (empty: of all others) are urged."""

    id: str
    line: str = ""
    cooldown_s: int = 15 * 60  # between two urges of one person on one ticket
    daily_cap: int = 6  # of one person on one ticket within 24 hours; 0: none
    level_s: int = 2 * 3600  # of working time, until the next level
    calendar: str = ""  # of working time; empty: that of the ticket's SLA policy
    automatic: bool = False  # a ticket that nobody handles for that long is urged without anybody asking


class Superiors(Entity):
    """Who stands above a ticket's handler; empty where nobody does."""

    direct: str = ""
    head: str = ""  # of the department
