"""Which trigger acts next on a change, until none does (RULES §4).

Triggers are looked at in order; one that acted is not looked at again in its chain, and after each the first is
looked at first. What acts on what others did is one deeper than they were; at `DEEPEST` the chain ends.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from domain.entities.base import Entity, Instant
from domain.entities.rules import FIELD_CHANGED, Trigger
from domain.entities.sla import BREACH_STEP
from domain.entities.ticket import Entry, Ticket
from domain.rules.conditions import holds
from domain.rules.rule_values import changed_fields

DEEPEST = 10
_EVENTS: Mapping[str, str] = {
    "created": "created",
    "message": "message",
    "reply": "reply",
    "note": "note",
    "assigned": "assigned",
    "routed": "assigned",
    "taken": "taken",
    "transferred": "transferred",
    "returned": "returned",
    "node_returned": "returned",  # within a flow; the row before is a hand-back
    "urged": "urged",
    "merged": "merged",
    "merged_into": "merged",
    "received_merge": "merged",
    "merged_from": "merged",
    "survey": "survey_answered",
}
_SILENT = frozenset({"rule", "policy", "snapshot"})
"""Rows of the server's own accounts: derived, they raise no events."""
OVERDUE = f"sla:{BREACH_STEP}"
"""What the row of a step is called that is the deadline itself."""


class State(Entity):
    """A ticket at one moment of a chain: its values, what happened by then, and how deep that was."""

    values: Mapping[str, Any]
    entries: tuple[Entry, ...]
    changed: tuple[str, ...] = ()
    depth: int = 0


class Next(Entity):
    """The trigger that acts, the event it acts on, and how deep it is."""

    trigger: Trigger
    event: str
    depth: int


def state(
    before: Ticket, after: Ticket, entries: Iterable[Entry], values: Mapping[str, Any], depth: int
) -> State:
    """The state of a ticket between the rules of a chain."""
    return State(values=values, entries=tuple(entries), changed=changed_fields(before, after), depth=depth)


def next_trigger(
    triggers: Iterable[Trigger], states: Sequence[State], *, fired: Collection[str], now: Instant
) -> Next | None:
    """The first trigger that holds now and has not acted yet; none once the chain is at rest or too deep.

    A trigger that held before others acted is no deeper for it.
    """
    present = states[-1]
    for one in sorted(triggers, key=lambda one: (one.position, one.id)):
        event = event_for(one, present, now) if one.active and one.id not in fired else None
        if event is None or not holds(one.conditions, present.values):
            continue
        depth = 1 + min(past.depth for past in states if _held(one, past, now))
        if depth <= DEEPEST:
            return Next(trigger=one, event=event, depth=depth)
    return None


def _held(trigger: Trigger, past: State, now: Instant) -> bool:
    return event_for(trigger, past, now) is not None and holds(trigger.conditions, past.values)


def event_for(trigger: Trigger, of: State, now: Instant) -> str | None:
    """Which of its events a trigger finds in what happened; causes older than it minds are none."""
    fresh = [one for one in of.entries if now - one.at <= trigger.oldest_s * 1000]
    found = events_of(fresh, of.changed)
    return next((event for event in trigger.events if event in found), None)


def events_of(entries: Iterable[Entry], changed: Iterable[str] = ()) -> frozenset[str]:
    """The events in timeline rows; what machines wrote to us, and derived rows, raise none."""
    entries = list(entries)
    found: set[str] = set()
    if any(one.kind == "rule" and one.detail.get("rule") == OVERDUE for one in entries):
        found.add("overdue")
    heard = [one for one in spoken(entries) if one.kind not in _SILENT]
    for entry in heard:
        if event := _EVENTS.get(entry.kind):
            found.add(event)
        elif entry.kind == "status":
            found |= _of_status(entry)
    if heard:
        found.add("updated")
        found |= {FIELD_CHANGED + name for name in changed}
    # What is made or merged is not merely updated.
    return frozenset(found - ({"updated"} if found & {"created", "merged"} else set()))


def _of_status(entry: Entry) -> set[str]:
    to, was, why = (entry.detail.get(name) for name in ("to", "from", "why"))
    if why in ("merged", "unmerged"):
        return {"merged"} if why == "merged" else set()
    found = {"status"}
    if to in ("resolved", "closed"):
        found.add(str(to))
    elif was in ("resolved", "closed"):
        found.add("reopened")
    return found


def spoken(entries: Iterable[Entry]) -> list[Entry]:
    """The rows without automatic mail and what came of it: it must never start a rule (RFC 3834)."""
    entries = list(entries)
    automatic = {one.id for one in entries if one.detail.get("automatic")}
    return [one for one in entries if one.id not in automatic and one.id.rpartition(".")[0] not in automatic]
