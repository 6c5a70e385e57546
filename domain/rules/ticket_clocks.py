"""A ticket's clocks from its own timeline, and the columns that cache them (RULES §3).

Deadlines are a pure function of timeline, policy and calendar; the columns exist for lists and the sweep.
"""

from collections.abc import Iterable, Sequence

import msgspec

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.sla import Clock, ClockEvent, EventKind, Inherited, Metric, Policy
from domain.entities.ticket import Entry, Ticket
from domain.rules.conditions import first_match
from domain.rules.sla import evaluate_cycles
from domain.rules.sla_steps import standing
from domain.rules.ticket_values import description_of, ticket_values

_PLAIN: dict[str, EventKind] = {"message": "requester_message", "reply": "agent_reply", "taken": "taken"}
_SENT = frozenset({"assigned", "transferred", "routed", "returned"})


def clock_events(timeline: Iterable[Entry]) -> list[ClockEvent]:
    """What clocks look at in a timeline, in its order; internal notes are not among it."""
    events: list[ClockEvent] = []
    rows = sorted(timeline, key=lambda row: row.at)
    undone = {row.detail["merge"] for row in rows if row.kind in ("unmerged", "unmerged_from")}
    for entry in rows:
        detail = entry.detail
        if detail.get("merge") in undone:
            continue  # a merge that was undone never was
        if entry.kind == "created":
            events.append(
                ClockEvent(
                    at=entry.at,
                    kind="created",
                    status=detail.get("status", "new"),
                    priority=detail.get("priority", "normal"),
                    requester=detail.get("by") == "customer",
                )
            )
            if detail.get("sent"):
                events.append(ClockEvent(at=entry.at, kind="sent_to"))
        elif entry.kind == "status":
            events.append(ClockEvent(at=entry.at, kind="status", status=detail["to"]))
        elif entry.kind == "priority":
            events.append(ClockEvent(at=entry.at, kind="priority", priority=detail["to"]))
        elif (entry.kind == "reply" and not _answers(entry)) or (
            entry.kind == "routed" and not _sends(entry)
        ):
            continue
        elif entry.kind in _PLAIN:
            events.append(ClockEvent(at=entry.at, kind=_PLAIN[entry.kind]))
        elif entry.kind == "merged_from":
            carried = tuple(msgspec.convert(one, Inherited) for one in detail["clocks"])
            events.append(ClockEvent(at=entry.at, kind="merged", inherited=carried))
        elif entry.kind == "node_done" and "solution_proposed" in detail.get("stops", ()):
            events.append(ClockEvent(at=entry.at, kind="solution_proposed"))
        elif entry.kind in _SENT:
            events.append(ClockEvent(at=entry.at, kind="sent_to"))
    return events


def _answers(entry: Entry) -> bool:
    """Whether a reply answers the requester: what those who asked say to themselves does not, nor what a rule says."""
    return entry.detail.get("by") not in ("requester", "rule")


def _sends(entry: Entry) -> bool:
    """Whether routing sent the ticket to somebody: a rule may also set a priority or add people alone."""
    return "team" in entry.detail or "assignee" in entry.detail


def policy_for(
    ticket: Ticket, configuration: Configuration, org_path: Sequence[str], description: str = ""
) -> Policy | None:
    """The first policy whose conditions the ticket meets."""
    path = configuration.category_path(ticket.category)
    values = ticket_values(ticket, org_path=org_path, category_path=path, description=description)
    return first_match(configuration.policies, values)


def ticket_clocks(
    timeline: Iterable[Entry], policy: Policy | None, configuration: Configuration, now: Instant
) -> tuple[Clock, ...]:
    """Every cycle of every clock as of `now`."""
    calendar = configuration.calendars.get(policy.calendar) if policy and policy.calendar else None
    events = clock_events(timeline)
    return tuple(evaluate_cycles(events, policy, calendar, now, calendars=configuration.calendars))


def latest(clocks: Iterable[Clock]) -> dict[Metric, Clock]:
    """The newest cycle of each clock."""
    return {clock.metric: clock for clock in sorted(clocks, key=lambda one: one.cycle)}


def derived(ticket: Ticket, policy: Policy | None, clocks: Iterable[Clock]) -> Ticket:
    """The ticket with the columns that cache its clocks."""
    shown = standing(latest(clocks))
    return msgspec.structs.replace(
        ticket,
        policy=policy.id if policy else None,
        policy_version=policy.version if policy else 0,
        due_at=shown.due_at,
        due_metric=shown.metric,
        sla_state=shown.state,
        sla_remaining_s=shown.remaining_s,
        soon_at=shown.soon_at,
    )


def with_deadlines(
    ticket: Ticket,
    timeline: Sequence[Entry],
    configuration: Configuration,
    org_path: Sequence[str],
    now: Instant,
) -> tuple[Ticket, Policy | None, tuple[Clock, ...]]:
    """The ticket with its deadlines as of `now`, and what they came from; the same at both ends."""
    policy = policy_for(ticket, configuration, org_path, description_of(timeline))
    clocks = ticket_clocks(timeline, policy, configuration, now)
    return derived(ticket, policy, clocks), policy, clocks
