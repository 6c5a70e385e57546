"""Where a new or re-opened ticket goes, and who is there to take it (RULES §7)."""

from collections.abc import Mapping
from typing import Literal

from domain.entities.base import Entity, Instant
from domain.entities.conditions import Conditions

How = Literal["", "claim", "direct", "round_robin", "least_loaded"]
"""Claim: whoever takes it from the team's queue. Empty: direct where a person is named, else claim."""

WEIGHTS: Mapping[str, int] = {"urgent": 3, "high": 2, "normal": 1, "low": 1}
"""How much of a person's capacity one open ticket takes, by priority."""


class RoutingRule(Entity):
    """Sends a ticket that meets the conditions to a unit, a team or a person, or raises its priority."""

    id: str
    name: str
    position: int = 0
    conditions: Conditions
    team: str | None = None
    assignee: str | None = None
    org: str | None = None
    priority: str | None = None
    cc: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    how: How = ""
    skills: tuple[str, ...] = ()  # all of them are needed
    relax_s: int = 0  # after so long nobody needs the skills any more; 0: they stay needed


class Roster(Entity):
    """When and how much a person works; its id is the person's. Who has none is always there, without bounds."""

    id: str
    skills: tuple[str, ...] = ()
    capacity: int | None = None  # weighted open tickets at once; None: any number
    weights: Mapping[str, int] = {}  # where they differ from WEIGHTS
    calendar: str = ""  # the hours of the shifts; empty: round the clock
    shifts: tuple[tuple[Instant, Instant], ...] = ()  # where there are any, these spans alone
    away: tuple[tuple[Instant, Instant], ...] = ()
    zone: str = "Asia/Shanghai"  # in which the file writes them
