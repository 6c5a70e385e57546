"""Deciding who holds a ticket, who follows it, and where it goes (RULES §7, §8)."""

from typing import Any

import msgspec

from domain.entities.ticket import Changes, Conflict, Ticket
from domain.rules.decide_create import check_tags
from domain.rules.decide_text import touched
from domain.rules.facts import Facts, Refusal, Rows, held, require
from domain.rules.merge import merge_members, merge_value
from domain.wire.commands import ApplyRouting, AssignTicket, ChangeMembers, Command, TransferTicket
from domain.wire.intent import Intent


def _open(facts: Facts) -> Ticket:
    """The ticket, refused where it is resolved or closed (a replay shows own writes all the same)."""
    ticket = held(facts)
    if ticket.status in ("resolved", "closed") and not facts.optimistic:
        raise Refusal("ticket_" + ticket.status, number=ticket.number or ticket.provisional or "")
    return ticket


def change_cc(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Add and remove people who follow the ticket."""
    assert isinstance(intent, ChangeMembers)
    require(facts, facts.people, "person", *intent.add)
    return _members(facts, command, intent, "cc")


def change_tags(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Add and remove tags."""
    assert isinstance(intent, ChangeMembers)
    check_tags(intent.add)
    return _members(facts, command, intent, "tags")


def _members(facts: Facts, command: Command, intent: ChangeMembers, column: str) -> Changes:
    ticket = held(facts)
    current: tuple[str, ...] = getattr(ticket, column)
    after = merge_members(current, intent.add, intent.remove)
    if after == current:
        return Changes(ticket=ticket)
    rows = Rows(facts, command)
    added, removed = sorted(set(after) - set(current)), sorted(set(current) - set(after))
    rows.add(column, detail={"added": added, "removed": removed})
    ticket = msgspec.structs.replace(touched(ticket, facts), **{column: after})
    return Changes(ticket=ticket, entries=tuple(rows.entries))


def take(facts: Facts, command: Command, intent: Intent) -> Changes:
    """The actor becomes the assignee; who took it first keeps it."""
    ticket = _open(facts)
    me = facts.actor.person
    if me is None:
        raise Refusal("not_allowed", kind="take")
    outcome = merge_value(ticket.assignee, command.base.get("assignee"), me)
    if outcome == "conflict" and not facts.optimistic:
        return Changes(ticket=ticket, conflicts={"assignee": Conflict(theirs=ticket.assignee, mine=me)})
    if outcome == "same" and ticket.taken_at is not None:
        return Changes(ticket=ticket)
    rows = Rows(facts, command)
    rows.add("taken", detail={"from": ticket.assignee})
    if ticket.status == "new":
        rows.add("status", detail={"from": "new", "to": "open", "why": "taken"})
    after = msgspec.structs.replace(
        touched(ticket, facts),
        assignee=me,
        taken_at=facts.at,
        status="open" if ticket.status == "new" else ticket.status,
    )
    return Changes(ticket=after, entries=tuple(rows.entries))


def assign(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Hand the ticket to a person, or back to a team's queue."""
    assert isinstance(intent, AssignTicket)
    ticket = _open(facts)
    require(facts, facts.people, "person", intent.assignee)
    require(facts, facts.teams, "team", intent.team)
    if intent.assignee is None and intent.team is None:
        raise Refusal("assignee_missing")
    wanted: dict[str, Any] = {"assignee": intent.assignee}
    if intent.team is not None:
        wanted["team"] = intent.team
    return _hand_over(facts, command, ticket, wanted, kind="assigned", note=intent.note)


def transfer(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Pass the ticket on; a note is required where it leaves its unit or line, and scope moves with it."""
    assert isinstance(intent, TransferTicket)
    ticket = _open(facts)
    require(facts, facts.units, "unit", intent.org)
    require(facts, facts.people, "person", intent.assignee)
    require(facts, facts.teams, "team", intent.team)
    org, line = intent.org or ticket.org, intent.line if intent.line is not None else ticket.line
    leaves = (org, line) != (ticket.org, ticket.line)
    if leaves and not intent.note.strip():
        raise Refusal("transfer_note_missing")
    if not leaves and intent.team is None and intent.assignee is None and not facts.optimistic:
        raise Refusal("transfer_target_missing")
    wanted = {"org": org, "line": line, "team": intent.team, "assignee": intent.assignee}
    return _hand_over(facts, command, ticket, wanted, kind="transferred", note=intent.note)


def _hand_over(
    facts: Facts, command: Command, ticket: Ticket, wanted: dict[str, Any], *, kind: str, note: str
) -> Changes:
    """Set who and where, as one value: if anybody else moved the ticket meanwhile, theirs stands."""
    current = {key: getattr(ticket, key) for key in wanted}
    base = {key: command.base.get(key, current[key]) for key in wanted}
    rows = Rows(facts, command)
    outcome = merge_value(current, base, wanted)
    conflicts: dict[str, Conflict] = {}
    after = ticket
    if outcome == "conflict" and not facts.optimistic:
        conflicts = {
            key: Conflict(theirs=current[key], mine=wanted[key])
            for key in wanted
            if current[key] != wanted[key]
        }
    elif outcome != "same":
        rows.add(kind, detail={"from": current, "to": wanted})
        sent = {"sent_at": facts.at, "taken_at": None}
        after = msgspec.structs.replace(touched(ticket, facts), **wanted, **sent)
    if note.strip():
        # What was written is never lost, even where the hand-over itself met a conflict.
        rows.add("note", body=note, field_class="internal")
        after = touched(after, facts)
    return Changes(ticket=after, entries=tuple(rows.entries), conflicts=conflicts)


def route(facts: Facts, command: Command, intent: Intent) -> Changes:
    """What a routing rule decided; written as a row of the timeline that names the rule."""
    assert isinstance(intent, ApplyRouting)
    ticket = held(facts)
    rows = Rows(facts, command)
    after = {
        "org": intent.org or ticket.org,
        "team": intent.team or ticket.team,
        "assignee": intent.assignee or ticket.assignee,
        "priority": intent.priority or ticket.priority,
        "cc": merge_members(ticket.cc, intent.cc, ()),
        "tags": merge_members(ticket.tags, intent.tags, ()),
    }
    before = {key: getattr(ticket, key) for key in after}
    told = {key: {"from": before[key], "to": after[key]} for key in after if before[key] != after[key]}
    if not told and not intent.lead:
        return Changes(ticket=ticket)
    why = {"reason": intent.reason} if intent.reason else {}
    rows.add("routed", detail={"rule": intent.rule, **why, **_lead(intent), **told})
    if "priority" in told:
        rows.add("priority", detail=told["priority"])
    sent_at = facts.at if "team" in told or "assignee" in told else ticket.sent_at
    ticket = msgspec.structs.replace(touched(ticket, facts), **after, sent_at=sent_at)
    return Changes(ticket=ticket, entries=tuple(rows.entries))


def _lead(intent: ApplyRouting) -> dict[str, Any]:
    """Who is told that the ticket waits in its team's queue, since nobody was there for it."""
    return {"lead": intent.lead} if intent.lead else {}
