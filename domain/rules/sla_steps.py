"""What is due of a ticket's clocks: next deadline, steps to fire, nearness, live countdown (RULES §3)."""

from collections.abc import Mapping

from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.sla import BREACH_STEP, Clock, DueStep, Metric, Policy, Standing, Step
from domain.errors import InvalidInputError
from domain.rules.business_time import budget_ms
from domain.rules.open_time import hours_of

Clocks = Mapping[Metric, Clock]


def next_due(clocks: Clocks) -> Clock | None:
    """The running clock whose deadline comes first, else the paused one with the least left, else none."""
    running = [clock for clock in clocks.values() if clock.state == "running" and clock.due_at is not None]
    if running:
        return min(running, key=lambda clock: clock.due_at or 0)
    paused = [clock for clock in clocks.values() if clock.state == "paused"]
    return min(paused, key=lambda clock: clock.remaining_s, default=None)


def standing(clocks: Clocks) -> Standing:
    """What a list keeps of the clocks: a cache for sorting, colouring and the sweep."""
    clock = next_due(clocks)
    if clock is None:
        return Standing(state="met" if any(clock.state == "met" for clock in clocks.values()) else "")
    paused = clock.state == "paused"
    return Standing(
        state="paused" if paused else "running",
        metric=clock.metric,
        due_at=clock.due_at,
        soon_at=clock.soon_at,
        remaining_s=clock.remaining_s if paused else None,
    )


def late(clock: Clock, now: Instant) -> bool:
    """Whether a running clock is past its deadline."""
    return clock.state == "running" and clock.due_at is not None and now > clock.due_at


def soon(clock: Clock, now: Instant) -> bool:
    """Whether a running clock is near its deadline, as its policy says, and not past it."""
    return clock.soon_at is not None and clock.soon_at <= now and not late(clock, now)


def remaining_s(clock: Clock, calendar: Calendar | None, now: Instant) -> int:
    """Working seconds left at an instant after the evaluation: negative when late, frozen while paused."""
    if clock.state != "running" or clock.due_at is None:
        return clock.remaining_s
    hours = hours_of(_calendar(clock, calendar))
    # Counted from what was left when it was evaluated, which pauses after a breach don't distort.
    evaluated_at = clock.spans[-1][1]
    return clock.remaining_s - (hours.position(now) - hours.position(evaluated_at)) // 1000


def step_at(
    clock: Clock, calendar: Calendar | None, *, offset_s: int | None = None, percent: int | None = None
) -> Instant | None:
    """When a step before or after the deadline is reached: when that much working time has counted.

    None where the clock is paused or stopped before that. It moves with the deadline.
    """
    if (offset_s is None) == (percent is None):
        raise InvalidInputError("step_needs_offset_or_percent", metric=clock.metric)
    if clock.target is None or clock.started_at is None:
        return None
    budget = budget_ms(_calendar(clock, calendar), clock.started_at, clock.target)
    point = budget + offset_s * 1000 if offset_s is not None else _share(budget, percent or 0)
    return _reached(clock, calendar, max(0, point))


def _share(budget: int, percent: int) -> int:
    """A share of a target in whole seconds (RULES §2); the whole of it ends where the target ends."""
    return budget // 1000 * percent // 100 * 1000 + budget % 1000


def _reached(clock: Clock, calendar: Calendar | None, point: int) -> Instant | None:
    hours = hours_of(_calendar(clock, calendar))
    counted = [(from_at, to_at) for from_at, to_at, why in clock.spans if not why]
    for index, (from_at, to_at) in enumerate(counted):
        begin = hours.position(from_at)
        length = hours.position(to_at) - begin
        onward = clock.state == "running" and index == len(counted) - 1
        if point <= length or onward:
            return hours.instant(begin + point) if point > 0 else from_at
        point -= length
    return None


def _calendar(clock: Clock, calendar: Calendar | None) -> Calendar | None:
    return None if clock.target is not None and clock.target.round_the_clock else calendar


def keyed(policy: Policy) -> dict[str, Step]:
    """A policy's steps by the names under which each fires once: by where they stand, not by their order.

    So a step keeps its name when others are put before it, and one that was moved is another.
    """
    found: dict[str, Step] = {}
    for step in policy.steps:
        place = f"{step.offset_s:+d}s" if step.offset_s is not None else f"{step.percent}%"
        key = f"{policy.id}:{step.metric}:{place}"
        number = sum(1 for known in found if known.partition("#")[0] == key)
        found[f"{key}#{number + 1}" if number else key] = step
    return found


def due_steps(
    clocks: Clocks,
    policy: Policy,
    calendar: Calendar | None,
    calendars: Mapping[str, Calendar] | None = None,
) -> tuple[DueStep, ...]:
    """Every step, and the deadline, that the clocks have ahead or have passed; a sweep fires each once.

    Of a paused clock only those it passed before; of a stopped one none: a met target drops them. A clock that came
    with a merged ticket counts by its own one of the `calendars`.
    """
    rows: list[DueStep] = []
    steps = keyed(policy)
    for clock in clocks.values():
        if clock.state not in ("running", "paused"):
            continue
        if clock.due_at is not None:
            rows.append(DueStep(metric=clock.metric, cycle=clock.cycle, step=BREACH_STEP, at=clock.due_at))
        counted = (calendars or {}).get(clock.calendar or "") if clock.inherited else calendar
        for key, step in steps.items():
            at = _at(step, clock, counted)
            if at is not None:
                rows.append(DueStep(metric=clock.metric, cycle=clock.cycle, step=key, at=at))
    return tuple(sorted(rows, key=lambda row: row.at))


def _at(step: Step, clock: Clock, calendar: Calendar | None) -> Instant | None:
    if step.metric != clock.metric:
        return None
    return step_at(clock, calendar, offset_s=step.offset_s, percent=step.percent)
