"""Deciding what people do at a flow's nodes: complete, return, approve, delegate, claim (RULES §6)."""

from typing import Any

from msgspec.structs import replace

from domain.entities.flow import GATE, INITIATOR, Approval, Edge, Flow, Node, Token, Vote
from domain.entities.ticket import Changes, Ticket
from domain.rules import decide_text
from domain.rules.facts import Facts, Refusal, Rows, held, require
from domain.rules.flow import Walk, main_token, node_at, returnable, token_of
from domain.rules.flow_approvals import hash_of, may_approve, snapshot, valid_votes, verdict
from domain.rules.flow_following import walk_of, walked
from domain.rules.flow_gate import gate_node, passed_gate
from domain.rules.flow_rights import (
    check_holder,
    check_outputs,
    check_values,
    flow_of,
    here,
    leads,
    name_of,
)
from domain.rules.forms import field_of, is_personal
from domain.wire.commands import Command, EditTicket
from domain.wire.flow_commands import (
    ApproveNode,
    ClaimNode,
    CompleteNode,
    DelegateApproval,
    NodeIntent,
    ReturnNode,
)
from domain.wire.intent import Intent


def _replayed_late(facts: Facts, intent: NodeIntent) -> bool:
    """Whether an own unsent gesture is replayed over a ticket that has gone on: the verdict will tell."""
    return facts.optimistic and token_of(held(facts).flow, intent.node, intent.visit) is None


def _begun(facts: Facts, intent: NodeIntent) -> tuple[Ticket, Flow, Token]:
    ticket = held(facts)
    if ticket.status in ("resolved", "closed") and not facts.optimistic:
        raise Refusal("ticket_" + ticket.status, number=ticket.number or ticket.provisional or "")
    return ticket, flow_of(facts), here(facts, intent)


def complete(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Fill in a task's outputs and go on; where somebody changed one of them meanwhile, the task stays."""
    assert isinstance(intent, CompleteNode)
    if _replayed_late(facts, intent):
        return Changes(ticket=held(facts))
    ticket, flow, token = _begun(facts, intent)
    check_holder(facts, token)
    node = node_at(flow, token)
    if token.node != INITIATOR and (node is None or node.kind != "task"):
        raise Refusal("flow_not_a_task", node=name_of(facts, token))
    changes = Changes(ticket=ticket)
    if node is not None and intent.values:
        check_values(node, intent.values)
        changes = decide_text.edit(facts, command, EditTicket(values=_keys(facts, intent.values)))
        if changes.conflicts:
            return changes
    walk = walk_of(facts, changes.ticket, flow)
    if node is None:
        walk.resubmit(token)
        return walked(facts, command, changes, walk, flow)
    check_outputs(facts, node, changes.ticket, _personal(facts, changes))
    walk.leave(token, _edge(walk, node, intent.edge))
    return walked(facts, command, changes, walk, flow)


def _keys(facts: Facts, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a node's outputs by the keys that edits use."""
    found = {}
    for key, value in values.items():
        field = field_of(facts.template, f"fields.{key}")
        room = "personal" if field is not None and is_personal(field) else "fields"
        found[key if key == "category" else f"{room}.{key}"] = value
    return found


def _personal(facts: Facts, changes: Changes) -> dict[str, Any]:
    rows = {**facts.personal, **{row.key: row for row in changes.personal}}
    return {key: row.value for key, row in rows.items() if row.value is not None or row.masked}


def _edge(walk: Walk, node: Node, key: str) -> Edge:
    ways = walk.open_edges(node)
    if not key and len(ways) == 1:
        return ways[0]
    found = next((edge for edge in ways if edge.key == key), None)
    if found is None:
        known = ", ".join(edge.name or edge.key for edge in ways)
        raise Refusal("flow_edge", node=node.name or node.key, edge=key, known=known)
    return found


def send_back(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Return to an earlier node or the initiator; whoever has it at the wrong place may always do so."""
    assert isinstance(intent, ReturnNode)
    if _replayed_late(facts, intent):
        return Changes(ticket=held(facts))
    ticket, flow, token = _begun(facts, intent)
    node = node_at(flow, token)
    if facts.actor.person not in token.approvers:
        check_holder(facts, token)
    if not intent.reason.strip():
        raise Refusal("reason_missing")
    if node is None or node.kind not in ("task", "approval"):
        raise Refusal("flow_not_a_task", node=name_of(facts, token))
    earlier = returnable(flow, ticket.flow, token) if ticket.flow is not None else ()
    to = intent.to or (earlier[0] if earlier else INITIATOR)
    if to == INITIATOR and ticket.creator is None:
        raise Refusal("flow_no_initiator")
    if to != INITIATOR and to not in earlier:
        raise Refusal("flow_return", node=name_of(facts, token), to=to)
    walk = walk_of(facts, ticket, flow)
    walk.send_back(token, to, intent.reason.strip())
    return walked(facts, command, Changes(ticket=ticket), walk, flow)


def approve(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Say yes or no; what exactly was judged stands in the timeline."""
    assert isinstance(intent, ApproveNode)
    if _replayed_late(facts, intent):
        return Changes(ticket=held(facts))
    ticket, flow, token = _begun(facts, intent)
    node, approval = _approval(facts, flow, token)
    values = snapshot(ticket, node)
    hash, me = hash_of(values), facts.actor.person
    votes = valid_votes(token, hash)
    if me is not None and not token.approvers and leads(facts):
        token = replace(token, approvers=(me,))
    allowed = may_approve(approval, token, me, ticket.creator, votes)
    if me is None or (not allowed and not facts.optimistic):
        asked = me in (token.asker, ticket.creator)
        raise Refusal("flow_own_approval" if asked else "flow_not_yours", node=name_of(facts, token))
    if not intent.approved and not intent.note.strip():
        raise Refusal("reason_missing")
    votes = (*votes, Vote(person=me, approved=intent.approved, at=facts.at, hash=hash))
    rows = Rows(facts, command)
    detail = {"node": token.node, "visit": token.visit, "approved": intent.approved, "hash": hash}
    rows.add("approval", body=intent.note.strip() or None, detail=detail)
    rows.add("snapshot", detail={"node": token.node, "visit": token.visit, "hash": hash, "values": values},
             field_class="internal")  # fmt: skip
    changes = Changes(ticket=ticket, entries=tuple(rows.entries))
    return judged(facts, command, changes, token, votes)


def judged(
    facts: Facts, command: Command, changes: Changes, token: Token, votes: tuple[Vote, ...]
) -> Changes:
    """Go on along `approved` or `rejected` once the votes have come to that; a rejection without edge returns."""
    flow = flow_of(facts)
    node, approval = _approval(facts, flow, token)
    walk = walk_of(facts, changes.ticket, flow)
    standing = next(one for one in walk.tokens if (one.node, one.visit) == (token.node, token.visit))
    voted = replace(token, votes=votes)
    walk.put(standing, voted)
    outcome = verdict(approval, token.approvers, votes)
    if outcome != "open" and token.node == GATE:
        return passed_gate(facts, command, changes, approved=outcome == "approved")
    if outcome != "open":
        pass_on(walk, flow, node, voted, changes.ticket, outcome == "approved")
    return walked(facts, command, changes, walk, flow)


def pass_on(walk: Walk, flow: Flow, node: Node, token: Token, ticket: Ticket, approved: bool) -> None:
    """Leave an approval; a rejection that has no edge of its own goes back to whoever asked."""
    edge = node.edge("approved" if approved else "rejected")
    if edge is not None:
        walk.leave(token, edge)
        return
    earlier = returnable(flow, walk.state, token)
    if not earlier and ticket.creator is None:
        walk.stop("rejected")  # nobody to go back to
        return
    walk.send_back(token, earlier[0] if earlier else INITIATOR, "")


def _approval(facts: Facts, flow: Flow, token: Token) -> tuple[Node, Approval]:
    node = node_at(flow, token) or gate_node(facts, token)
    if node is None or node.approval is None:
        raise Refusal("flow_not_an_approval", node=name_of(facts, token))
    return node, node.approval


def delegate(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Let somebody else give one's approval; never whoever asked for it."""
    assert isinstance(intent, DelegateApproval)
    if _replayed_late(facts, intent):
        return Changes(ticket=held(facts))
    ticket, flow, token = _begun(facts, intent)
    _, approval = _approval(facts, flow, token)
    require(facts, facts.people, "person", intent.assignee)
    me = facts.actor.person
    if not approval.delegate:
        raise Refusal("flow_no_delegating", node=name_of(facts, token))
    if me is None or me not in token.approvers or any(vote.person == me for vote in token.votes):
        raise Refusal("flow_not_yours", node=name_of(facts, token))
    if intent.assignee in (token.asker, ticket.creator):
        raise Refusal("flow_own_approval", node=name_of(facts, token))
    if intent.assignee in token.approvers:
        raise Refusal("flow_approves_already", node=name_of(facts, token))
    approvers = tuple(intent.assignee if one == me else one for one in token.approvers)
    rows = Rows(facts, command)
    detail = {"node": token.node, "visit": token.visit, "from": me, "to": intent.assignee}
    rows.add("delegated", body=intent.note.strip() or None, detail=detail)
    walk = walk_of(facts, ticket, flow)
    walk.put(token, replace(token, approvers=approvers))
    after = replace(ticket, cc=tuple(sorted({*ticket.cc, intent.assignee})))
    return walked(facts, command, Changes(ticket=after, entries=tuple(rows.entries)), walk, flow)


def claim(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Make a branch's task one's own; who claimed it first keeps it."""
    assert isinstance(intent, ClaimNode)
    if _replayed_late(facts, intent):
        return Changes(ticket=held(facts))
    ticket, flow, token = _begun(facts, intent)
    me = facts.actor.person
    check_holder(facts, token)
    if me is None or (token.assignee not in (None, me) and not facts.optimistic):
        raise Refusal("flow_claimed", node=name_of(facts, token))
    if token.assignee == me:
        return Changes(ticket=ticket)
    rows = Rows(facts, command)
    rows.add("taken", detail={"from": None, "node": token.node})
    walk = walk_of(facts, ticket, flow)
    claimed = replace(token, assignee=me)
    walk.put(token, claimed)
    columns: dict[str, Any] = {"cc": tuple(sorted({*ticket.cc, me}))}
    if main_token(flow, walk.tokens) is claimed:
        columns = {"assignee": me, "taken_at": facts.at}
        if ticket.status == "new":
            rows.add("status", detail={"from": "new", "to": "open", "why": "taken"})
            columns["status"] = "open"
    state = walk.state
    after = replace(ticket, flow=state, updated_at=max(ticket.updated_at, facts.at), **columns)
    return Changes(ticket=after, entries=tuple(rows.entries))
