"""Triggers, automations and macros, and the one vocabulary of what rules do (RULES §3, §4, §5)."""

from collections.abc import Mapping
from typing import Any, Literal

from domain.entities.base import Entity
from domain.entities.conditions import Conditions

RuleActionKind = Literal[
    "assign",
    "reassign",  # what policies call `assign`
    "route",
    "transfer",
    "return",
    "cc",
    "set_field",
    "set_status",
    "set_priority",
    "raise_priority",
    "tag",
    "notify",
    "urge",
    "comment",
    "start_flow",
    "send_survey",
    "webhook",
    "escalate",
    "run_macro",
]
On = Literal["", "parent", "children", "problem", "incidents", "linked"]
"""Which tickets an action is done to: the rule's own, or those linked with it."""
Event = Literal[
    "created",
    "updated",
    "message",
    "reply",
    "note",
    "status",
    "resolved",
    "closed",
    "reopened",
    "assigned",
    "taken",
    "transferred",
    "returned",
    "overdue",
    "urged",
    "merged",
    "survey_answered",
]
EVENTS: tuple[str, ...] = Event.__args__  # type: ignore[attr-defined]
FIELD_CHANGED = "field_changed:"
"""Begins an event that names a column, or `fields.KEY`."""
MESSAGES = frozenset({"notify", "send_survey", "webhook"})
"""Actions that change nothing on the ticket: they leave as messages after the commit."""
NOT_IN_MACROS = MESSAGES | {"run_macro", "escalate", "raise_priority", "reassign", "route"}
"""What a person does not do by a macro: messages are the rules' own, the others depend on who looks."""
DAY_S, HOUR_S = 86_400, 3_600


class RuleAction(Entity):
    """What a rule or a step of a policy does, with its arguments (`domain.rules.actions.ARGUMENTS`)."""

    kind: RuleActionKind
    arguments: Mapping[str, Any] = {}
    on: On = ""


class Trigger(Entity):
    """Acts on a change: on one of its events, where its conditions hold."""

    id: str
    name: str = ""
    position: int = 0
    events: tuple[str, ...]
    conditions: Conditions = Conditions()
    actions: tuple[RuleAction, ...] = ()
    oldest_s: int = DAY_S  # a cause done longer ago is no news
    active: bool = True


class Automation(Entity):
    """Acts on time: once in each run of slots in which its conditions hold; ages count in its calendar."""

    id: str
    name: str = ""
    position: int = 0
    conditions: Conditions = Conditions()
    actions: tuple[RuleAction, ...] = ()
    every_s: int = HOUR_S
    calendar: str | None = None  # none: round the clock
    active: bool = True


class Macro(Entity):
    """Acts by hand: actions and a reply, applied as one to one or many tickets."""

    id: str
    version: int = 1
    name: str = ""
    position: int = 0
    line: str = ""  # for tickets of this line alone
    team: str = ""  # for this team's people alone
    actions: tuple[RuleAction, ...] = ()
    reply: str = ""  # with placeholders
    internal: bool = False


class RuleStep(Entity):
    """One command that an action comes to: its kind and its content."""

    action: str
    kind: str
    set: dict[str, Any] = {}


class RuleMessage(Entity, gc=False):
    """One message that an action comes to, to a recipient by a channel."""

    action: str
    to_kind: Literal["person", "customer", "address"] = "person"
    to: str = ""
    channel: str = "app"
    template: str
    args: dict[str, Any] = {}
    urgent: bool = False


class Skipped(Entity):
    """An action that could not be done, by a stable code."""

    action: str
    code: str
    args: dict[str, Any] = {}


class Plan(Entity, gc=False):
    """What actions come to for one ticket: commands in order, messages, and what can't be done."""

    steps: tuple[RuleStep, ...] = ()
    messages: tuple[RuleMessage, ...] = ()
    skipped: tuple[Skipped, ...] = ()
