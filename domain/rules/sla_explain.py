"""Why this deadline: policy, calendar, start, target, pauses, sum, as keys of the word lists (RULES §3)."""

from collections.abc import Iterator
from typing import Any

from domain.entities.calendars import Calendar
from domain.entities.sla import SOLVED, Clock, Policy, Reason
from domain.rules.business_time import working_ms


def explain(clock: Clock, policy: Policy | None, calendar: Calendar | None) -> tuple[Reason, ...]:
    """The reasons of one clock's deadline in the order to read them; keys begin with `sla.why.`."""
    return tuple(_reasons(clock, policy, calendar))


def _why(key: str, **args: Any) -> Reason:
    return Reason(key=f"sla.why.{key}", args=args)


def _reasons(clock: Clock, policy: Policy | None, calendar: Calendar | None) -> Iterator[Reason]:
    if policy is None:
        yield _why("no_policy")
        return
    yield _why("policy", policy=policy.id, name=policy.name, version=policy.version)
    if clock.target is None:
        yield _why("no_target", metric=clock.metric, priority=clock.priority)
        return
    if calendar is None or clock.target.round_the_clock:
        calendar = None
        yield _why("round_the_clock")
    else:
        yield _why(
            "calendar", calendar=calendar.id, name=calendar.name, version=calendar.version, zone=calendar.zone
        )
    target = clock.target
    yield _why("target", metric=clock.metric, priority=clock.priority, n=target.n, unit=target.unit)
    if clock.started_at is None:
        yield _why("not_started", metric=clock.metric)
        return
    yield _why("started", metric=clock.metric, cycle=clock.cycle, started_at=clock.started_at)
    yield _why("budget", budget_s=clock.budget_s)
    yield from _left_out(clock, calendar)
    yield from _sum(clock)


def _left_out(clock: Clock, calendar: Calendar | None) -> Iterator[Reason]:
    for from_at, to_at, status in clock.spans:
        if status:
            key = "solved" if status in SOLVED else "paused"
            left_out_s = working_ms(calendar, from_at, to_at) // 1000
            yield _why(key, status=status, from_at=from_at, to_at=to_at, left_out_s=left_out_s)


def _sum(clock: Clock) -> Iterator[Reason]:
    yield _why(
        "sum", budget_s=clock.budget_s, elapsed_s=clock.elapsed_s, paused_s=clock.paused_business_s,
        remaining_s=clock.remaining_s,
    )  # fmt: skip
    if clock.due_at is not None:
        yield _why("due", due_at=clock.due_at)
    if clock.state == "met":
        key = "stopped_without_reply" if clock.without_reply else "stopped"
        yield _why(key, stopped_at=clock.stopped_at, elapsed_s=clock.elapsed_s)
    elif clock.state == "paused":
        yield _why("frozen", remaining_s=clock.remaining_s)
    if clock.breached:
        yield _why("late", late_by_s=clock.late_by_s)
