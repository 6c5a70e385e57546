"""What a ticket's flow does to its other columns, and what other commands do to its flow (RULES §6)."""

from typing import Any

from msgspec.structs import replace

from domain.entities.base import Instant
from domain.entities.flow import NO_FLOW, Flow, FlowState, Token
from domain.entities.ticket import Changes, Ticket
from domain.rules.conditions import Values
from domain.rules.facts import Facts, Refusal, Rows
from domain.rules.flow import Walk, main_token
from domain.rules.flow_clocks import date_at
from domain.rules.forms import check_form
from domain.rules.ticket_values import ticket_values
from domain.wire.commands import Command

_SOLVED = frozenset({"resolved", "closed"})
_HANDLED = frozenset({"complete", "approve", "return"})


def flow_values(facts: Facts, ticket: Ticket) -> Values:
    """What a flow's conditions look at."""
    path = facts.configuration.category_path(ticket.category)
    return ticket_values(ticket, org_path=facts.org_path, category_path=path)


def walk_of(facts: Facts, ticket: Ticket, flow: Flow) -> Walk:
    """A walk over the ticket as it now is."""
    return Walk(
        flow,
        ticket.flow or FlowState(),
        at=facts.at,
        values=flow_values(facts, ticket),
        person=facts.actor.person,
        creator=ticket.creator,
        dates=_dates(facts, ticket, flow),
    )


def _dates(facts: Facts, ticket: Ticket, flow: Flow) -> dict[str, Instant]:
    """When the days begin that timers wait for, as the form holds them now."""
    found = {}
    for node in flow.nodes:
        if node.timer is not None and node.timer.field:
            calendar = facts.configuration.calendars.get(node.timer.calendar or "")
            found[node.timer.field] = date_at(ticket.fields, node.timer.field, calendar, facts.at)
    return found


def started(facts: Facts, command: Command, changes: Changes) -> Changes:
    """The new ticket at the first nodes of its flow; whom its creator chose has the first task."""
    flow = facts.template.flow if facts.template is not None else None
    if flow is None:
        return changes
    walk = walk_of(facts, changes.ticket, flow)
    walk.start()
    first = main_token(flow, walk.tokens)
    if first is not None and (changes.ticket.assignee or changes.ticket.team):
        chosen = replace(first, assignee=changes.ticket.assignee, team=changes.ticket.team)
        walk.put(first, chosen)
    return walked(facts, command, changes, walk, flow)


def walked(facts: Facts, command: Command, changes: Changes, walk: Walk, flow: Flow) -> Changes:
    """The changes with what a walk did: rows, where the ticket stands, who holds it, its status at an end."""
    rows = Rows(facts, command)
    rows.entries = list(changes.entries)
    for one in walk.told:
        rows.add(one.kind, body=one.body or None, detail=one.detail)
    ticket = changes.ticket
    before = ticket.flow
    after = replace(ticket, flow=walk.state, updated_at=max(ticket.updated_at, facts.at))
    after = _held(facts, rows, after, flow, before)
    if command.kind in _HANDLED and after.status == "new" and walk.tokens:
        rows.add("status", detail={"from": "new", "to": "open", "why": "flow"})
        after = replace(after, status="open")
    if walk.ended and (before is None or not before.ended):
        after = _ended(facts, rows, after, flow, walk.ended)
    return replace(changes, ticket=replace(after, node=_first(after.flow)), entries=tuple(rows.entries))


def _first(state: FlowState | None) -> str:
    return state.tokens[0].node if state is not None and state.tokens else ""


def _held(facts: Facts, rows: Rows, ticket: Ticket, flow: Flow, before: FlowState | None) -> Ticket:
    """Whoever the first task is for holds the ticket; at approvals and timers it stays with whom it was."""
    main = main_token(flow, ticket.flow.tokens if ticket.flow is not None else ())
    known = main_token(flow, before.tokens if before is not None else ())
    if main is None or (known is not None and _same(known, main)):
        return ticket
    return handed(facts, rows, ticket, main)


def _same(one: Token, other: Token) -> bool:
    return (one.node, one.visit, one.assignee, one.team) == (
        other.node,
        other.visit,
        other.assignee,
        other.team,
    )


def handed(facts: Facts, rows: Rows, ticket: Ticket, token: Token) -> Ticket:
    """The ticket in the hands of a token's handler, told as a routing by that node."""
    wanted: dict[str, Any] = {"assignee": token.assignee, "team": token.team}
    if token.assignee is not None and token.team is None:
        wanted["team"] = ticket.team
    told = {
        key: {"from": getattr(ticket, key), "to": value}
        for key, value in wanted.items()
        if getattr(ticket, key) != value
    }
    if not told:
        return ticket
    if token.assignee is not None or token.team is not None:
        rows.add("routed", detail={"rule": "", "node": token.node, **told})
    return replace(ticket, **wanted, sent_at=facts.at, taken_at=None)


def _ended(facts: Facts, rows: Rows, ticket: Ticket, flow: Flow, key: str) -> Ticket:
    """The status an end leads to; the form has to be filled as for resolving by hand."""
    end = flow.node(key)
    wanted = end.status if end is not None else ""
    if wanted not in _SOLVED or ticket.status in _SOLVED:
        return ticket
    if facts.template is not None and not facts.actor.system and not facts.optimistic:
        personal = {key: row.value for key, row in facts.personal.items() if row.value is not None}
        check_form(facts.template, {**personal, **ticket.fields}, at="resolve")
        if facts.template.category_required_at in ("create", "resolve") and not ticket.category:
            raise Refusal("category_missing")
    rows.add("status", detail={"from": ticket.status, "to": "resolved", "why": "flow"})
    columns: dict[str, Any] = {"status": "resolved", "resolved_at": facts.at}
    if wanted == "closed":
        rows.add("status", detail={"from": "resolved", "to": "closed", "why": "flow"})
        columns |= {"status": "closed", "closed_at": facts.at}
    return replace(ticket, **columns, hold_reason=None, hold_until=None)


def followed(facts: Facts, command: Command, changes: Changes) -> Changes:
    """The changes of any other command with what they mean for the flow: handed over, given up, entered anew."""
    before, after = facts.ticket, changes.ticket
    flow = facts.template.flow or NO_FLOW if facts.template is not None else None
    if before is None or after.flow is None or flow is None or after.flow != before.flow:
        return changes
    if after.flow.tokens and (after.status in _SOLVED or after.merged_into):
        return _stopped(facts, command, changes, flow)
    reopened = before.status in _SOLVED and after.status not in _SOLVED
    if reopened and flow.reopen_at and not after.flow.tokens:
        walk = walk_of(facts, after, flow)
        walk.start(flow.reopen_at)
        return walked(facts, command, changes, walk, flow)
    main = main_token(flow, after.flow.tokens)
    if main is None or (before.assignee, before.team) == (after.assignee, after.team):
        return changes
    moved = replace(main, assignee=after.assignee, team=after.team)
    tokens = tuple(moved if one is main else one for one in after.flow.tokens)
    return replace(changes, ticket=replace(after, flow=replace(after.flow, tokens=tokens)))


def _stopped(facts: Facts, command: Command, changes: Changes, flow: Flow) -> Changes:
    by_hand = not (changes.ticket.merged_into or facts.actor.system or facts.optimistic)
    if by_hand and flow.on_resolve == "refuse":
        node = flow.node(changes.ticket.node)
        raise Refusal("flow_open", node=node.name or node.key if node is not None else changes.ticket.node)
    walk = walk_of(facts, changes.ticket, flow)
    walk.stop("merged" if changes.ticket.merged_into else changes.ticket.status)
    return walked(facts, command, changes, walk, flow)
