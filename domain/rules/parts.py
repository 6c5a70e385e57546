"""What a replica keeps beside a ticket: a person's parts in it, and its place by deadline (RULES §6)."""

from collections.abc import Iterable

from domain.entities.flow import FlowState
from domain.entities.ticket import OPEN_STATUSES, Entry, Ticket
from domain.rules.flow import held_up, waits_for

CREATED, ASSIGNED, FOLLOWS, ACTED, PASSED, ASKED, HELD_UP = 1, 2, 4, 8, 16, 32, 64
"""Bits: the person created it, holds it, is in cc, has acted on it, has passed it on, its flow asks something of
them, an approval or a return keeps it from going on."""
TAKES_PART = CREATED | ASSIGNED | FOLLOWS

PAUSED_RANK, NO_RANK, SOLVED_RANK = 1 << 50, 1 << 51, 1 << 52

_PASSING = frozenset({"transferred", "assigned"})


def due_rank(ticket: Ticket) -> int:
    """Orders tickets by deadline: late first, then by time left, then paused, unmeasured, resolved."""
    return rank_of(ticket.status, ticket.sla_state, ticket.sla_remaining_s, ticket.due_at)


def rank_of(status: str, sla_state: str, remaining_s: int | None, due_at: int | None) -> int:
    """The same from the columns it depends on."""
    if status not in OPEN_STATUSES:
        return SOLVED_RANK
    if sla_state == "paused":
        return PAUSED_RANK + (remaining_s or 0)
    return NO_RANK if due_at is None else due_at


def parts(ticket: Ticket, person: str, entries: Iterable[Entry] = ()) -> int:
    """The person's parts in a ticket, as bits; from these entries alone for what they did."""
    my = 0
    if ticket.creator == person:
        my |= CREATED
    if ticket.assignee == person:
        my |= ASSIGNED
    if ticket.cc and person in ticket.cc:
        my |= FOLLOWS
    if ticket.flow is not None and ticket.flow.tokens:
        my |= ASKED if waits_for(ticket.flow, person) else 0
        my |= HELD_UP if my & ASSIGNED and held_up(ticket.flow) else 0
    for entry in entries:
        if entry.person == person:
            my |= acted(entry.kind)
    return my


def acted(kind: str) -> int:
    """What a timeline row of this kind makes of the person who wrote it."""
    if kind == "created":
        return 0
    return ACTED | PASSED if kind in _PASSING else ACTED


def asked_by(state: FlowState) -> set[str]:
    """Everybody whom a flow asks for something."""
    named = {person for token in state.tokens for person in (*token.approvers, token.assignee) if person}
    return {person for person in named if waits_for(state, person)}
