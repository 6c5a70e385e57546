"""Deciding links between tickets: related ones, a problem's incidents, children, follow-ups (RULES §1, §8)."""

import msgspec

from domain.entities.links import OTHER_END, Link
from domain.entities.ticket import Changes, Ticket
from domain.rules.decide_text import touched
from domain.rules.decide_together import with_link, without_link
from domain.rules.facts import Facts, Other, Refusal, Rows, held, other_rows, the_other
from domain.wire.commands import Command, CreateTicket
from domain.wire.intent import Intent
from domain.wire.together_commands import LinkTicket

BY_HAND = frozenset({"related", "incident_of", "problem_of", "child_of", "parent_of"})
"""Links that a person sets and takes away; the others come of merging, splitting and following up."""
MOST_LINKS = 200
_BELOW = {"incident_of", "child_of"}


def link(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Link two tickets at both ends; it is no error where they are linked so already."""
    assert isinstance(intent, LinkTicket)
    ticket, other = _two(facts, intent)
    if Link(relation=intent.relation, ticket=other.ticket.id) in ticket.links:
        return Changes(ticket=ticket)
    if intent.relation in OTHER_END and OTHER_END[intent.relation] in _BELOW:
        _check_below(facts, other.ticket, ticket, OTHER_END[intent.relation])
    elif intent.relation in _BELOW:
        _check_below(facts, ticket, other.ticket, intent.relation)
    if max(len(ticket.links), len(other.ticket.links)) >= MOST_LINKS and not facts.optimistic:
        raise Refusal("too_many_links", limit=MOST_LINKS)
    return _both_ends(facts, command, ticket, other.ticket, intent.relation, kind="linked")


def unlink(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Take a link away at both ends; it is no error where there is none."""
    assert isinstance(intent, LinkTicket)
    ticket, other = _two(facts, intent)
    if Link(relation=intent.relation, ticket=other.ticket.id) not in ticket.links:
        return Changes(ticket=ticket)
    return _both_ends(facts, command, ticket, other.ticket, intent.relation, kind="unlinked")


def followed(facts: Facts, command: Command, intent: CreateTicket, made: Changes) -> Changes:
    """A new ticket that takes up a closed one: linked to it, and of the same customer."""
    other = the_other(facts, intent.follows or "", kind="create").ticket
    if other.status != "closed" and not facts.optimistic:
        raise Refusal("follow_up_open", number=other.number or other.provisional or "")
    ticket = msgspec.structs.replace(
        made.ticket,
        customer=made.ticket.customer or other.customer,
        order_no=made.ticket.order_no or other.order_no,
        tier=made.ticket.tier or other.tier,
        links=with_link(made.ticket.links, "follows", other.id),
    )
    rows = other_rows(facts, command, other.id)
    rows.add("linked", detail={"relation": "followed_by", "ticket": ticket.id})
    after = msgspec.structs.replace(
        touched(other, facts), links=with_link(other.links, "followed_by", ticket.id)
    )
    there = Changes(ticket=after, entries=tuple(rows.entries))
    return msgspec.structs.replace(made, ticket=ticket, others=(*made.others, there))


def _two(facts: Facts, intent: LinkTicket) -> tuple[Ticket, Other]:
    if intent.relation not in BY_HAND:
        raise Refusal("unknown_relation", value=intent.relation)
    ticket = held(facts)
    if intent.to == ticket.id:
        raise Refusal("link_itself")
    return ticket, the_other(facts, intent.to, kind="link")


def _check_below(facts: Facts, lower: Ticket, upper: Ticket, relation: str) -> None:
    """One ticket stands below one other at most, not in a circle; incidents stand below a problem."""
    if facts.optimistic:
        return
    if upper.parent == lower.id:
        raise Refusal("link_circle")
    if lower.parent is not None and lower.parent != upper.id:
        raise Refusal("link_has_parent", number=lower.number or lower.provisional or "")
    if relation == "incident_of" and (upper.type != "problem" or lower.type == "problem"):
        raise Refusal("link_no_problem", number=upper.number or upper.provisional or "")


def _both_ends(
    facts: Facts, command: Command, ticket: Ticket, other: Ticket, relation: str, *, kind: str
) -> Changes:
    here = _one_end(facts, Rows(facts, command), ticket, other, relation, kind)
    there = _one_end(facts, other_rows(facts, command, other.id), other, ticket, OTHER_END[relation], kind)
    return msgspec.structs.replace(here, others=(there,))


def _one_end(facts: Facts, rows: Rows, ticket: Ticket, other: Ticket, relation: str, kind: str) -> Changes:
    """What the link, or its end, is on one of the two tickets."""
    change = with_link if kind == "linked" else without_link
    parent = ticket.parent
    if relation in _BELOW:
        parent = other.id if kind == "linked" else None if parent == other.id else parent
    rows.add(kind, detail={"relation": relation, "ticket": other.id})
    after = msgspec.structs.replace(
        touched(ticket, facts), links=change(ticket.links, relation, other.id), parent=parent
    )
    return Changes(ticket=after, entries=tuple(rows.entries))
