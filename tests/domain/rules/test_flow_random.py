"""Flows under chance: never stuck, tokens consistent, every hop told, times that add up, alike at both ends."""

import random
from collections import Counter

import pytest

from domain.entities.conditions import FieldKind
from domain.entities.flow import (
    INITIATOR,
    Edge,
    Flow,
    Token,
)
from domain.rules.flow import returnable
from domain.rules.flow_clocks import history, node_seconds
from domain.rules.flow_graph import flow_problems, regions
from domain.rules.ticket_values import FIELD_KINDS
from domain.wire.flow_commands import (
    ApproveNode,
    CompleteNode,
    ReturnNode,
    SettleNode,
)
from tests.domain.rules.flows import (
    CREATOR,
    END,
    WORKER,
    Desk,
    approval,
    random_flow,
    task,
)

FORM = frozenset({"amount"})
FIELDS: dict[str, FieldKind] = {**FIELD_KINDS, "fields.amount": "number"}


@pytest.mark.parametrize("seed", range(60))
def test_random_flows_are_never_stuck(seed: int) -> None:
    """Random graphs pass the check; random gestures, alike at both ends, keep tokens consistent; the end is reached."""
    chance = random.Random(seed)
    flow = random_flow(chance)
    assert flow_problems(flow, FORM, FIELDS) == ()
    desk = Desk(flow, fields={"amount": chance.choice([1, 1000])})
    for _ in range(25):
        if not desk.tokens:
            break
        _gesture(desk, chance)
        _consistent(desk)
    for _ in range(400):
        if not desk.tokens:
            break
        _forward(desk, desk.tokens[0])
        _consistent(desk)
    assert desk.nodes == []
    assert desk.ticket is not None
    assert desk.ticket.status == "resolved"
    _told(desk)


def _gesture(desk: Desk, chance: random.Random) -> None:
    token = chance.choice(desk.tokens)
    node = desk.flow.node(token.node)
    people = node is not None and node.kind in ("task", "approval")
    if people and chance.random() < 0.25:
        assert desk.ticket is not None
        assert desk.ticket.flow is not None
        where = (*returnable(desk.flow, desk.ticket.flow, token), INITIATOR)
        desk.do(WORKER, "return", ReturnNode(node=token.node, to=chance.choice(where), reason="no"))
        return
    _forward(desk, token, chance)


def _forward(desk: Desk, token: Token, chance: random.Random | None = None) -> None:
    """Do what the node asks for; without chance along the first edge."""
    node = desk.flow.node(token.node)
    if node is None:
        desk.do(CREATOR, "complete", CompleteNode(node=token.node, visit=token.visit))
    elif node.kind == "timer":
        desk.at += 3_600_000
        desk.do("", "node", SettleNode(node=node.key, visit=token.visit, act="fire"))
    elif node.kind == "approval":
        _vote(desk, token, chance)
    elif node.kind == "task":
        edge = chance.choice(node.edges) if chance is not None else node.edges[0]
        desk.do(WORKER, "complete", CompleteNode(node=node.key, visit=token.visit, edge=edge.key))
    else:
        others = [one for one in desk.tokens if not _joins(desk, one)]
        assert others, f"stuck at {token.node}"
        _forward(desk, others[0], chance)


def _vote(desk: Desk, token: Token, chance: random.Random | None) -> None:
    node = desk.flow.node(token.node)
    assert node is not None
    assert node.approval is not None
    if not token.approvers:
        people = tuple(one.person for one in node.approval.approvers)
        desk.do("", "node", SettleNode(node=node.key, visit=token.visit, act="settle", approvers=people))
        return
    voted = {vote.person for vote in token.votes}
    person = next(one for one in token.approvers if one not in voted)
    approved = chance.random() < 0.7 if chance is not None else True
    desk.do(person, "approve", ApproveNode(node=node.key, visit=token.visit, approved=approved, note="n"))


def _consistent(desk: Desk) -> None:
    """Tokens stand at nodes that wait, one a visit; where there are none the flow has ended; a lone join is let go."""
    found = regions(desk.flow)
    assert desk.ticket is not None
    for token in desk.tokens:
        node = desk.flow.node(token.node)
        assert node is None or node.kind in ("task", "approval", "timer", "join")
    working = [one for one in desk.tokens if not _joins(desk, one)]
    assert working or not desk.tokens
    assert bool(desk.tokens) != bool(desk.ticket.flow and desk.ticket.flow.ended)
    assert desk.ticket.node == (desk.tokens[0].node if desk.tokens else "")
    top = [one for one in working if not found.get(one.back or one.node, ())]
    assert len(top) <= 1
    assert not top or len(desk.tokens) == 1


def _joins(desk: Desk, token: Token) -> bool:
    node = desk.flow.node(token.node)
    return node is not None and node.kind == "join"


def _told(desk: Desk) -> None:
    """Every hop is a row: each enters from a node that was entered before, along an edge it has, or by a return."""
    entered: set[str] = {""}
    for row in desk.rows("hop"):
        assert row["from"] in entered
        came = desk.flow.node(row["from"])
        if came is not None and row["edge"]:
            edge = came.edge(row["edge"])
            assert isinstance(edge, Edge)
            assert edge.to == row["node"]
        entered.add(row["node"])


@pytest.mark.parametrize("seed", range(20))
def test_visits_add_up_to_the_time_the_flow_took(seed: int) -> None:
    """Every visit is left when the next is entered; where one thing is done at a time, stays add up to the whole."""
    chance = random.Random(seed)
    flow = Flow(
        start="a",
        nodes=(task("a", "ask"), approval("ask", "b"), task("b", "end", "a"), END),
    )
    desk = Desk(flow)
    while desk.tokens:
        desk.at += chance.randint(0, 9) * 60_000
        _gesture(desk, chance)
    visits = history(desk.entries)
    assert all(one.left_at is not None for one in visits if one.node != "end")
    spent = node_seconds(desk.entries, flow, {}, desk.at)
    assert desk.ticket is not None
    assert desk.ticket.resolved_at is not None
    assert sum(spent.values()) == (desk.ticket.resolved_at - desk.ticket.created_at) // 1000
    for key, count in Counter(one.node for one in visits).items():
        assert max(one.visit for one in visits if one.node == key) == count
