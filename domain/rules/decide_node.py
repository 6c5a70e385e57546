"""Deciding what the server does at a flow's nodes: names handlers, fires timers and time-outs (RULES §6)."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from domain.entities.flow import GATE, Flow, Token
from domain.entities.ticket import Changes, Ticket
from domain.rules.decide_flow import pass_on
from domain.rules.facts import Facts, Refusal, Rows, held
from domain.rules.flow import Walk, main_token, node_at, token_of
from domain.rules.flow_clocks import due_at_nodes
from domain.rules.flow_following import handed, walk_of, walked
from domain.rules.flow_gate import gate_node, passed_gate
from domain.rules.flow_rights import flow_of
from domain.wire.commands import Command
from domain.wire.flow_commands import SettleNode
from domain.wire.intent import Intent

Act = Callable[[Facts, Command, SettleNode, Token], Changes]


def at_node(facts: Facts, command: Command, intent: Intent) -> Changes:
    """One act of the server; none where the ticket has gone on, so that each happens once."""
    assert isinstance(intent, SettleNode)
    if not facts.actor.system:
        raise Refusal("not_allowed", kind="node")
    ticket = held(facts)
    token = token_of(ticket.flow, intent.node, intent.visit)
    if token is None or ticket.status in ("resolved", "closed"):
        return Changes(ticket=ticket)
    if intent.act in _TIMED and not _is_due(facts, intent, token):
        return Changes(ticket=ticket)
    return _ACTS[intent.act](facts, command, intent, token)


_TIMED = frozenset({"late", "time_out", "fire"})


def _is_due(facts: Facts, intent: SettleNode, token: Token) -> bool:
    """Whether the time has come still: the ticket may have been put on hold since somebody saw that it had."""
    ticket, flow = held(facts), flow_of(facts)
    if token.children:
        return True
    configuration = facts.configuration
    due = due_at_nodes(
        ticket, facts.timeline, flow, configuration.calendars, facts.at, gates=configuration.gates
    )
    wanted = (token.node, token.visit, intent.act)
    return any((one.node, one.visit, one.act) == wanted and one.at <= facts.at for one in due)


def _walk(facts: Facts) -> tuple[Ticket, Flow, Walk]:
    ticket, flow = held(facts), flow_of(facts)
    return ticket, flow, walk_of(facts, ticket, flow)


def _settle(facts: Facts, command: Command, intent: SettleNode, token: Token) -> Changes:
    """Name who a node is for; who has a branch or an approval follows the ticket from then on."""
    ticket, flow, walk = _walk(facts)
    rows = Rows(facts, command)
    named = replace(
        token,
        assignee=intent.assignee or token.assignee,
        team=intent.team or token.team,
        approvers=_approvers(rows, intent, token),
        settled=True,
    )
    walk.put(token, named)
    after = replace(ticket, flow=walk.state)
    if main_token(flow, walk.tokens) is named:
        after = handed(facts, rows, after, named)
    elif named.assignee is not None and named.assignee != token.assignee:
        detail = {"node": token.node, "assignee": {"from": None, "to": named.assignee}}
        rows.add("branch", detail=detail)
    followers = {*ticket.cc, *intent.cc}
    if followers != set(ticket.cc):
        rows.add("cc", detail={"added": sorted(followers - set(ticket.cc)), "removed": []})
    return Changes(ticket=replace(after, cc=tuple(sorted(followers))), entries=tuple(rows.entries))


def _approvers(rows: Rows, intent: SettleNode, token: Token) -> tuple[str, ...]:
    """Whose approval it takes now: after a time-out others stand in for those who said nothing."""
    if not intent.approvers:
        return token.approvers
    detail: dict[str, Any] = {"node": token.node, "visit": token.visit}
    if not token.timed_out:
        rows.add("asked", detail={**detail, "approvers": list(intent.approvers)})
        return intent.approvers
    voted = {vote.person for vote in token.votes}
    silent = [one for one in token.approvers if one not in voted]
    rows.add("delegated", detail={**detail, "why": "time_out", "from": silent, "to": list(intent.approvers)})
    kept = tuple(one for one in token.approvers if one in voted)
    return (*kept, *(one for one in intent.approvers if one not in kept))


def _late(facts: Facts, command: Command, intent: SettleNode, token: Token) -> Changes:
    """Tell once that a node has taken longer than it may."""
    ticket, _, walk = _walk(facts)
    if token.late:
        return Changes(ticket=ticket)
    rows = Rows(facts, command)
    rows.add("node_late", detail={"node": token.node, "visit": token.visit})
    walk.put(token, replace(token, late=True))
    return Changes(ticket=replace(ticket, flow=walk.state), entries=tuple(rows.entries))


def _fire(facts: Facts, command: Command, intent: SettleNode, token: Token) -> Changes:
    """A timer has run down, or the last ticket of a fan-out is solved: go on."""
    ticket, flow, walk = _walk(facts)
    node = node_at(flow, token)
    if node is None or node.kind not in ("timer", "fan_out"):
        return Changes(ticket=ticket)
    walk.leave(token, node.edges[0])
    return walked(facts, command, Changes(ticket=ticket), walk, flow)


def _time_out(facts: Facts, command: Command, intent: SettleNode, token: Token) -> Changes:
    """What the approval, or the gate, says about not being given in time."""
    ticket, flow, walk = _walk(facts)
    node = node_at(flow, token) or gate_node(facts, token)
    late = node.approval.time_out if node is not None and node.approval is not None else None
    if node is None or late is None or token.timed_out:
        return Changes(ticket=ticket)
    if late.then != "delegate":
        rows = Rows(facts, command)
        said = {"node": token.node, "visit": token.visit, "approved": late.then == "approve"}
        rows.add("approval", detail={**said, "why": "time_out"})
        changes = Changes(ticket=ticket, entries=tuple(rows.entries))
        if token.node == GATE:
            return passed_gate(facts, command, changes, approved=late.then == "approve")
        pass_on(walk, flow, node, token, ticket, late.then == "approve")
        return walked(facts, command, changes, walk, flow)
    # Who it is for now the server names next, as for a node that has just been entered.
    walk.put(token, replace(token, timed_out=True, settled=False))
    return Changes(ticket=replace(ticket, flow=walk.state))


def _children(facts: Facts, command: Command, intent: SettleNode, token: Token) -> Changes:
    """Remember the tickets that a fan-out has made; without any it goes on."""
    ticket, _, walk = _walk(facts)
    if token.children:
        return Changes(ticket=ticket)
    if not intent.children:
        return _fire(facts, command, intent, token)
    rows = Rows(facts, command)
    rows.add("children", detail={"node": token.node, "tickets": list(intent.children)})
    walk.put(token, replace(token, children=intent.children, settled=True))
    return Changes(ticket=replace(ticket, flow=walk.state), entries=tuple(rows.entries))


_ACTS: dict[str, Act] = {
    "settle": _settle,
    "late": _late,
    "fire": _fire,
    "time_out": _time_out,
    "children": _children,
}
