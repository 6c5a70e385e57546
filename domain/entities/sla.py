"""SLA policies, what a ticket's clocks see of its timeline, and the clocks themselves (RULES §3)."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from domain.entities.base import Entity, Instant
from domain.entities.conditions import Conditions
from domain.entities.rules import RuleAction, RuleActionKind
from domain.errors import InvalidInputError

Metric = Literal["first_response", "next_response", "acceptance", "solution_proposed", "resolution"]
METRICS: tuple[Metric, ...] = (
    "first_response",
    "next_response",
    "acceptance",
    "solution_proposed",
    "resolution",
)
Unit = Literal["minute", "hour", "day", "week"]
ClockState = Literal["no_target", "not_started", "running", "paused", "met"]
EventKind = Literal[
    "created",
    "status",
    "priority",
    "policy",
    "requester_message",
    "agent_reply",
    "sent_to",
    "taken",
    "solution_proposed",
    "merged",
]
ActionKind = RuleActionKind

SOLVED = frozenset({"resolved", "closed"})
LONGEST: Mapping[Unit, int] = {"minute": 5_270_400, "hour": 87_840, "day": 3_660, "week": 520}
BREACH_STEP = "-1"
"""The key of the step that every target has: the deadline itself."""


class Target(Entity):
    """How long a clock may run: working minutes or hours, open days or weeks; or all that round the clock."""

    n: int
    unit: Unit
    round_the_clock: bool = False

    def __post_init__(self) -> None:
        """Refuse a target of no length, or one longer than anybody means."""
        if not 1 <= self.n <= LONGEST[self.unit]:
            raise InvalidInputError("target_length", n=self.n, unit=self.unit, longest=LONGEST[self.unit])


Action = RuleAction
"""What a step does: the same vocabulary as that of triggers and automations."""


class Step(Entity):
    """Actions around a deadline: working seconds from it (negative: before), or a share of the target."""

    metric: Metric
    offset_s: int | None = None
    percent: int | None = None
    actions: tuple[Action, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a step that stands nowhere or in two places."""
        if (self.offset_s is None) == (self.percent is None):
            raise InvalidInputError("step_needs_offset_or_percent", metric=self.metric)
        if self.percent is not None and self.percent < 0:
            raise InvalidInputError("step_percent_negative", percent=self.percent)


class Soon(Entity):
    """When a deadline is near: this share of the target or this many seconds left, whichever is more."""

    percent: int = 25
    left_s: int = 20 * 60


def default_pauses() -> dict[Metric, tuple[str, ...]]:
    """Waiting for the customer or on hold keeps the resolution alone from counting."""
    return {"resolution": ("pending", "on_hold")}


class Policy(Entity):
    """Targets by priority for the tickets that meet the conditions; of several the first applies."""

    id: str
    version: int = 1
    name: str = ""
    position: int = 0
    conditions: Conditions = Conditions()
    calendar: str | None = None  # None: round the clock
    targets: Mapping[str, Mapping[Metric, Target]] = {}  # priority → metric → target
    pause_in: Mapping[Metric, tuple[str, ...]] = msgspec.field(default_factory=default_pauses)
    steps: tuple[Step, ...] = ()
    soon: Soon = Soon()


class Inherited(Entity):
    """An unmet clock of a ticket that was merged into another, with the terms it goes on by (RULES §8)."""

    metric: Metric
    started_at: Instant
    priority: str
    policy: str
    policy_version: int
    target: Target
    calendar: str | None = None  # none: round the clock
    pause_in: tuple[str, ...] = ()
    soon: Soon = Soon()
    statuses: tuple[tuple[Instant, str], ...] = ()  # of the ticket it began on, until the merge

    def going_on(self, statuses: Iterable[tuple[Instant, str]]) -> "Inherited":
        """The same clock after the further statuses of the ticket that had inherited it."""
        return msgspec.structs.replace(self, statuses=(*self.statuses, *statuses))


class ClockEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing in a timeline that clocks look at; bots' messages and internal notes are none."""

    at: Instant
    kind: EventKind
    status: str = ""  # created, status
    priority: str = ""  # created, priority
    policy: str = ""  # policy: a key of the caller's, see rules.sla.evaluate
    requester: bool = False  # created: somebody waits for an answer
    inherited: tuple[Inherited, ...] = ()  # merged


Span = tuple[Instant, Instant, str]
"""A stretch of a clock's life: from, to, and the status that kept it from counting ('' where it counts)."""


class Clock(Entity):
    """One cycle of one target as of an instant; seconds are working seconds."""

    metric: Metric
    state: ClockState
    cycle: int = 0  # counted from 1; 0 before the first
    priority: str = ""  # that which gave the target
    target: Target | None = None
    budget_s: int = 0
    started_at: Instant | None = None
    stopped_at: Instant | None = None
    due_at: Instant | None = None  # none while paused in time
    soon_at: Instant | None = None  # running only
    elapsed_s: int = 0
    remaining_s: int = 0  # negative when late; frozen while paused
    late_by_s: int = 0
    paused_business_s: int = 0  # left out: pauses and, once reopened, solved spans
    breached: bool = False
    without_reply: bool = False  # stopped by resolving, or by being passed on
    spans: tuple[Span, ...] = ()
    calendar: str | None = None  # of an inherited clock: by which it counts
    inherited: bool = False  # it came with a merged ticket, with terms of its own


class Standing(Entity):
    """What a list shows of a ticket's clocks: the one due next; no state where nothing is measured."""

    state: Literal["", "running", "paused", "met"] = ""
    metric: Metric | None = None
    due_at: Instant | None = None
    soon_at: Instant | None = None
    remaining_s: int | None = None  # the frozen rest of a paused clock


class DueStep(Entity):
    """A step to fire at an instant, once for each (metric, cycle, step); BREACH_STEP is the deadline."""

    metric: Metric
    cycle: int
    step: str  # as rules.sla_steps.keyed names it
    at: Instant


class Reason(Entity):
    """One line of *why this deadline*: a key of the word lists and its arguments."""

    key: str
    args: dict[str, Any] = {}
