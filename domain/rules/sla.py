"""SLA clocks: a pure function of the timeline, the calendar's version and the policy's version (RULES §3)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.sla import (
    METRICS,
    SOLVED,
    Clock,
    ClockEvent,
    ClockState,
    Inherited,
    Metric,
    Policy,
    Soon,
    Span,
    Target,
)
from domain.rules.business_time import budget_ms
from domain.rules.open_time import Hours, hours_of
from domain.rules.sla_timeline import Cycle, Timeline


class Terms(NamedTuple):
    """What a ticket is measured by: a policy (none: no target) and its calendar (none: round the clock)."""

    policy: Policy | None
    calendar: Calendar | None


def evaluate(
    events: Iterable[ClockEvent],
    policy: Policy | None,
    calendar: Calendar | None,
    now: Instant,
    *,
    earlier: Mapping[str, Terms] | None = None,
) -> dict[Metric, Clock]:
    """The latest cycle of every clock, as of `now`.

    `policy` and `calendar` are those in force now; running clocks are measured by them from their original
    start. A stopped clock keeps the priority of that time and, where `earlier` knows the key that the last
    `policy` event before it named, those terms.
    """
    timeline = Timeline(events)
    judge = _Judge(timeline, Terms(policy, calendar), now, earlier or {})
    return {metric: judge.latest(metric) for metric in METRICS}


def evaluate_cycles(
    events: Iterable[ClockEvent],
    policy: Policy | None,
    calendar: Calendar | None,
    now: Instant,
    *,
    earlier: Mapping[str, Terms] | None = None,
    calendars: Mapping[str, Calendar] | None = None,
) -> tuple[Clock, ...]:
    """Every cycle of every clock that has begun; as for `evaluate`, and `calendars` for inherited ones."""
    timeline = Timeline(events)
    judge = _Judge(timeline, Terms(policy, calendar), now, earlier or {}, calendars)
    return tuple(judge.clock(cycle) for metric in METRICS for cycle in timeline.cycles.get(metric, ()))


class _Judge:
    """Measures the cycles of one timeline."""

    def __init__(
        self,
        timeline: Timeline,
        terms: Terms,
        now: Instant,
        earlier: Mapping[str, Terms],
        calendars: Mapping[str, Calendar] | None = None,
    ) -> None:
        self._timeline = timeline
        self._calendars = calendars or {}
        self._terms = terms
        self._earlier = earlier
        # A clock that lags behind the timeline doesn't undo what happened.
        self._now = max(now, timeline.last_at)

    def latest(self, metric: Metric) -> Clock:
        """The last cycle of a metric, or that it has not begun."""
        cycles = self._timeline.cycles.get(metric)
        if cycles:
            return self.clock(cycles[-1])
        target = _target(self._terms.policy, self._timeline.priority, metric)
        state: ClockState = "not_started" if target else "no_target"
        return Clock(metric=metric, state=state, priority=self._timeline.priority, target=target)

    def clock(self, cycle: Cycle) -> Clock:
        """Measure one cycle; where clocks of merged tickets go on in it, the earliest unmet deadline wins."""
        if not cycle.inherited:
            return self._own(cycle)
        found = [self._inherited(cycle, at, one) for at, one in cycle.inherited]
        if cycle.own and (own := self._own(cycle)).target is not None:
            found.insert(0, own)
        return min(found, key=_urgency)

    def _inherited(self, cycle: Cycle, came_at: Instant, one: Inherited) -> Clock:
        """Measure a clock that began on another ticket, by the terms it brought along."""
        calendar = self._calendars.get(one.calendar or "")
        run = _Run(hours_of(calendar), budget_ms(calendar, one.started_at, one.target), one.pause_in)
        span = Cycle(cycle.metric, cycle.number, one.started_at)
        span.stopped_at, span.without_reply = cycle.stopped_at, cycle.without_reply
        run.go([*one.statuses, *self._timeline.statuses_from(came_at)], span, self._now)
        clock = run.clock(span, one.target, one.priority, one.soon)
        return msgspec.structs.replace(clock, inherited=True, calendar=one.calendar)

    def _own(self, cycle: Cycle) -> Clock:
        """Measure one cycle by the terms that hold for it."""
        terms, priority = self._terms, self._timeline.priority
        if cycle.stopped_at is not None:
            terms, priority = self._earlier.get(cycle.policy, terms), cycle.priority
        target = _target(terms.policy, priority, cycle.metric)
        if target is None or terms.policy is None:
            return Clock(metric=cycle.metric, state="no_target", cycle=cycle.number, priority=priority)
        calendar = None if target.round_the_clock else terms.calendar
        budget = budget_ms(calendar, cycle.started_at, target)
        pause_in = terms.policy.pause_in.get(cycle.metric, ())
        run = _Run(hours_of(calendar), budget, pause_in)
        run.go(self._timeline.statuses, cycle, self._now)
        return run.clock(cycle, target, priority, terms.policy.soon)


_STATES: Mapping[ClockState, int] = {"running": 0, "paused": 1, "met": 2}


def _urgency(clock: Clock) -> tuple[int, int]:
    """What makes one of two clocks of a metric the one that counts: it runs, and its deadline comes first."""
    state = _STATES.get(clock.state, 3)
    return state, clock.remaining_s if clock.state == "paused" or clock.due_at is None else clock.due_at


def _target(policy: Policy | None, priority: str, metric: Metric) -> Target | None:
    if policy is None:
        return None
    targets = policy.targets.get(priority)
    return targets.get(metric) if targets else None


class _Run:
    """Walks one cycle through the statuses of its ticket, all in milliseconds."""

    __slots__ = (
        "_begin_at", "_begin_elapsed", "_budget", "_hours", "_pause_in",
        "breached", "counting", "due_at", "elapsed", "left_out", "spans",
    )  # fmt: skip

    def __init__(self, hours: Hours, budget: int, pause_in: tuple[str, ...]) -> None:
        self._hours = hours
        self._budget = budget
        self._pause_in = pause_in
        self._begin_at: Instant = 0
        self._begin_elapsed = 0
        self.elapsed = 0
        self.left_out = 0
        self.due_at: Instant | None = None
        self.breached = False
        self.counting = False
        self.spans: list[Span] = []

    def go(self, statuses: list[tuple[Instant, str]], cycle: Cycle, now: Instant) -> None:
        """Pass through every stretch of status between the cycle's start and its stop, or now."""
        end = now if cycle.stopped_at is None else cycle.stopped_at
        last = len(statuses) - 1
        for index, (at, status) in enumerate(statuses):
            from_at = at if at > cycle.started_at else cycle.started_at
            to_at = end if index == last else min(statuses[index + 1][0], end)
            # Where a clock still runs, the present status says how, even if it has only just begun.
            if from_at < to_at or (index == last and from_at == to_at and cycle.stopped_at is None):
                self._pass(from_at, to_at, status)
        if not self.spans and cycle.stopped_at is not None:
            self.spans.append((end, end, ""))
            self.due_at = self._hours.instant(self._hours.position(end) + self._budget)

    def _pass(self, from_at: Instant, to_at: Instant, status: str) -> None:
        begin = self._hours.position(from_at)
        open_ms = self._hours.position(to_at) - begin
        self.counting = not (status in self._pause_in or status in SOLVED)
        self.spans.append((from_at, to_at, "" if self.counting else status))
        if not self.counting:
            self.left_out += open_ms
            if not self.breached:
                self.due_at = None
            return
        self._begin_at, self._begin_elapsed = from_at, self.elapsed
        if not self.breached:
            rest = self._budget - self.elapsed
            self.due_at = self._hours.instant(begin + rest) if rest > 0 else from_at
            self.breached = self.due_at < to_at
        self.elapsed += open_ms

    def clock(self, cycle: Cycle, target: Target, priority: str, soon: Soon) -> Clock:
        """The clock as it stands after the walk."""
        state: ClockState = "running" if self.counting else "paused"
        if cycle.stopped_at is not None:
            state = "met"
        left = self._budget - self.elapsed
        return Clock(
            metric=cycle.metric,
            state=state,
            cycle=cycle.number,
            priority=priority,
            target=target,
            budget_s=self._budget // 1000,
            started_at=cycle.started_at,
            stopped_at=cycle.stopped_at,
            due_at=self.due_at,
            soon_at=self._soon_at(soon) if state == "running" else None,
            elapsed_s=self.elapsed // 1000,
            remaining_s=left // 1000 if left >= 0 else -(-left // 1000),
            late_by_s=max(0, -left) // 1000 if self.breached else 0,
            paused_business_s=self.left_out // 1000,
            breached=self.breached,
            without_reply=cycle.without_reply,
            spans=tuple(self.spans),
        )

    def _soon_at(self, soon: Soon) -> Instant:
        threshold = max(self._budget * soon.percent // 100, soon.left_s * 1000)
        wait = self._budget - threshold - self._begin_elapsed
        if wait <= 0:
            return self._begin_at
        return self._hours.instant(self._hours.position(self._begin_at) + wait)
