"""What the files of triggers, automations and macros may hold."""

from typing import Annotated, Any

import msgspec

from domain.entities.rules import On, RuleActionKind
from sync_server.operations.configuration.shapes import Shape, When


class RuleActionShape(Shape):
    """What a rule does: people by their logins, units by their codes; `on`: to which linked tickets."""

    kind: RuleActionKind
    arguments: dict[str, Any] = {}
    on: On = ""


class TriggerShape(Shape):
    """triggers.json: id → a rule that acts on a change, in the order in which they are looked at."""

    name: str
    events: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    when: When = When()
    actions: Annotated[tuple[RuleActionShape, ...], msgspec.Meta(min_length=1)]
    oldest: str = "24 hours"  # causes done longer ago are no news
    active: bool = True


class AutomationShape(Shape):
    """automations.json: id → a rule that acts on time; without a calendar ages count round the clock."""

    name: str
    when: When
    actions: Annotated[tuple[RuleActionShape, ...], msgspec.Meta(min_length=1)]
    every: str = "1 hour"
    calendar: str | None = None
    active: bool = True


class MacroShape(Shape):
    """macros.json: id → actions and a reply that a person applies with one gesture."""

    name: str
    line: str = ""
    team: str = ""
    actions: tuple[RuleActionShape, ...] = ()
    reply: str = ""
    internal: bool = False
