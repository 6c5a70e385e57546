"""Deciding that a ticket goes back to whom it came from: the wrong store, the wrong person (RULES §7, §8)."""

from collections.abc import Iterable
from typing import Any

import msgspec

from domain.entities.ticket import Changes, Conflict, Entry, Ticket
from domain.rules.decide_text import touched
from domain.rules.facts import Facts, Refusal, Rows, Unsure, held
from domain.wire.commands import Command
from domain.wire.intent import Intent
from domain.wire.together_commands import HandBack

_PLACES = ("org", "line", "team", "assignee")
_SENDS = frozenset({"assigned", "transferred"})


def hand_back(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Return the ticket to whom it was sent by, and to where they had it; the reason is required."""
    assert isinstance(intent, HandBack)
    ticket = held(facts)
    if ticket.status in ("resolved", "closed") and not facts.optimistic:
        raise Refusal("ticket_" + ticket.status, number=ticket.number or ticket.provisional or "")
    if not intent.reason.strip():
        raise Refusal("reason_missing")
    if not facts.complete and not facts.timeline:
        raise Unsure(f"timeline:{ticket.id}")
    wanted = came_from(ticket, facts.timeline)
    if wanted is None:
        raise Refusal("hand_back_nowhere")
    current = {key: getattr(ticket, key) for key in _PLACES}
    base = {key: command.base.get(key, current[key]) for key in _PLACES}
    if base != current and not facts.optimistic:
        # Somebody else moved it meanwhile: theirs stands, the words are kept.
        conflict = {key: Conflict(theirs=current[key], mine=wanted[key]) for key in _PLACES}
        rows = Rows(facts, command)
        rows.add("note", body=intent.reason, field_class="internal")
        moved = {key: one for key, one in conflict.items() if one.theirs != one.mine}
        return Changes(ticket=touched(ticket, facts), entries=tuple(rows.entries), conflicts=moved)
    rows = Rows(facts, command)
    rows.add("returned", detail={"from": current, "to": wanted})
    rows.add("note", body=intent.reason, field_class="internal")
    after = msgspec.structs.replace(touched(ticket, facts), **wanted, sent_at=facts.at, taken_at=None)
    return Changes(ticket=after, entries=tuple(rows.entries))


def came_from(ticket: Ticket, timeline: Iterable[Entry]) -> dict[str, Any] | None:
    """Where the ticket was before it was last sent to where it is; None where nobody sent it there."""
    for row in sorted(timeline, key=lambda one: one.at, reverse=True):
        if row.kind == "returned":
            return None
        if row.kind in _SENDS and _led_here(ticket, row):
            before = row.detail.get("from", {})
            where = {key: before.get(key, getattr(ticket, key)) for key in _PLACES}
            if where["assignee"] is None and where["team"] is None:
                where["assignee"] = row.person
            same = all(where[key] == getattr(ticket, key) for key in _PLACES)
            return None if same else where
    return None


def _led_here(ticket: Ticket, row: Entry) -> bool:
    """Whether the row sent the ticket to where it stands now: to its assignee, or to the team that took it from."""
    to = row.detail.get("to", {})
    if "assignee" in to and to["assignee"] is not None:
        return bool(to["assignee"] == ticket.assignee)
    return all(to.get(key, getattr(ticket, key)) == getattr(ticket, key) for key in ("org", "line", "team"))
