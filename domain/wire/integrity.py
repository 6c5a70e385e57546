"""The messages by which two ends find where their digests differ: by group, then by ticket (SYNC §6)."""

from typing import Literal

import msgspec

from domain.entities.base import Entity, Instant

MOST_GROUPS = 200
"""Groups whose tickets may be asked for at once."""
MOST_SHARES = 5_000
"""Groups or tickets in one page."""

TAKING_PART: tuple[str, str] = ("", "")
"""The group of the tickets in which the person takes part, wherever they are; the others go by unit and line."""


class GroupShare(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the tickets of one unit and line add to the digest."""

    unit: str
    line: str
    count: int
    total: int


class TicketShare(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What one ticket adds to the digest, and its revision."""

    id: str
    rev: int
    share: int


class DigestRequest(Entity):
    """Ask for one page of shares, in order; `groups` narrows tickets to some (unit, line), none means all."""

    protocol: int
    device: str
    scope_version: str
    level: Literal["groups", "tickets"]
    groups: tuple[tuple[str, str], ...] = ()
    after: str = ""
    limit: int = MOST_SHARES
    seen: str = ""


class DigestAnswer(Entity):
    """Shares as of `as_of`; with another scope version than asked for, nothing but that."""

    as_of: int
    epoch: str
    scope_version: str
    keep_since: Instant = 0
    groups: tuple[GroupShare, ...] = ()
    tickets: tuple[TicketShare, ...] = ()
    next: str = ""
    done: bool = True
    seen: str = ""
