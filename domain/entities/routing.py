"""Where a new or re-opened ticket goes: ordered rules, first match wins (RULES §7)."""

from domain.entities.base import Entity
from domain.entities.conditions import Conditions


class RoutingRule(Entity):
    """Sends a ticket that meets the conditions to a team or a person, or raises its priority."""

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
