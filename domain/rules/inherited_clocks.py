"""The clocks that a merged ticket leaves to the one that goes on: their starts and their terms (RULES §8)."""

from collections.abc import Iterable

from domain.entities.configuration import Configuration
from domain.entities.sla import METRICS, Inherited, Policy
from domain.entities.ticket import Entry, Ticket
from domain.rules.sla_timeline import Cycle, Timeline
from domain.rules.ticket_clocks import clock_events


def inherited(
    ticket: Ticket, timeline: Iterable[Entry], configuration: Configuration
) -> tuple[Inherited, ...]:
    """Every clock of a ticket that is not met yet, as the policy in force now measures it."""
    read = Timeline(clock_events(timeline))
    policy = next((one for one in configuration.policies if one.id == ticket.policy), None)
    found: list[Inherited] = []
    for metric in METRICS:
        for cycle in read.cycles.get(metric, ())[-1:]:
            if cycle.stopped_at is None:
                found += _of_cycle(cycle, read, policy)
    return tuple(found)


def _of_cycle(cycle: Cycle, read: Timeline, policy: Policy | None) -> Iterable[Inherited]:
    """The cycle's own clock, and those it had inherited itself."""
    target = policy.targets.get(read.priority, {}).get(cycle.metric) if policy else None
    if cycle.own and policy is not None and target is not None:
        yield Inherited(
            metric=cycle.metric,
            started_at=cycle.started_at,
            priority=read.priority,
            policy=policy.id,
            policy_version=policy.version,
            target=target,
            calendar=None if target.round_the_clock else policy.calendar,
            pause_in=policy.pause_in.get(cycle.metric, ()),
            soon=policy.soon,
            statuses=tuple(read.statuses),
        )
    for came_at, one in cycle.inherited:
        yield one.going_on(read.statuses_from(came_at))
