"""Flows: tokens walk the graph, people may do what their node lets them, every hop is told (RULES §6)."""

from typing import Literal

import pytest

from domain.entities.conditions import FieldKind
from domain.entities.flow import (
    INITIATOR,
    Flow,
    Handler,
    Output,
    TimeOut,
    Timer,
)
from domain.entities.people import SEE
from domain.entities.sla import Target
from domain.entities.ticket import Changes
from domain.rules.flow import held_up, returnable, waits_for
from domain.rules.flow_graph import flow_problems
from domain.rules.ticket_values import FIELD_KINDS
from domain.wire.commands import (
    AssignTicket,
    ChangeStatus,
    EditTicket,
    ReceiveMessage,
    TakeTicket,
)
from domain.wire.flow_commands import (
    ApproveNode,
    ClaimNode,
    CompleteNode,
    DelegateApproval,
    ReturnNode,
    SettleNode,
)
from tests.domain.rules.flows import (
    BOSS,
    CHIEF,
    CLAIM,
    CREATOR,
    ELSE,
    END,
    WORKER,
    Desk,
    approval,
    plain,
    task,
)

FORM = frozenset({"amount"})
FIELDS: dict[str, FieldKind] = {**FIELD_KINDS, "fields.amount": "number"}


def _surveyed(amount: int, **values: object) -> Desk:
    desk = Desk(CLAIM, **values)  # type: ignore[arg-type]
    desk.do(WORKER, "complete", CompleteNode(node="survey", values={"amount": amount}))
    return desk


def _asked(desk: Desk, node: str = "approve", *approvers: str) -> None:
    intent = SettleNode(node=node, act="settle", approvers=approvers or (BOSS,), cc=approvers or (BOSS,))
    desk.do("", "node", intent)


def test_a_new_ticket_stands_at_the_start_with_its_handler() -> None:
    """Creation enters the first node, and whom that names holds the ticket, at both ends."""
    desk = Desk(CLAIM)
    assert desk.ticket is not None
    assert (desk.nodes, desk.ticket.node, desk.ticket.assignee) == (["survey"], "survey", WORKER)
    assert [(one["node"], one["from"]) for one in desk.rows("hop")] == [("survey", "")]


def test_conditions_decide_the_way_and_the_join_waits_for_every_branch() -> None:
    """A small amount needs no approval; both branches have to be done before the end; the end resolves."""
    desk = _surveyed(100)
    assert desk.nodes == ["pay"]
    desk.do(WORKER, "complete", CompleteNode(node="pay", edge="both"))
    assert desk.nodes == ["visit", "book"]
    desk.do(WORKER, "complete", CompleteNode(node="visit"))
    assert desk.nodes == ["book", "met"]
    desk.do(WORKER, "complete", CompleteNode(node="book"))
    assert desk.ticket is not None
    assert (desk.nodes, desk.ticket.status, desk.ticket.node) == ([], "resolved", "")
    assert desk.ticket.flow is not None
    assert desk.ticket.flow.ended == "end"
    assert [one["node"] for one in desk.rows("hop")] == [
        "survey", "size", "pay", "both", "visit", "book", "met", "met", "end"
    ]  # fmt: skip


def test_required_outputs_are_enforced_and_read_only_ones_refused() -> None:
    """A node is not left before its required fields are filled in; a read-only one can't be changed there."""
    desk = Desk(CLAIM)
    assert desk.refused(WORKER, "complete", CompleteNode(node="survey")) == "form_invalid"
    assert (
        desk.refused(WORKER, "complete", CompleteNode(node="survey", values={"amount": "x"}))
        == "form_invalid"
    )
    assert (
        desk.refused(WORKER, "complete", CompleteNode(node="survey", values={"other": 1}))
        == "field_read_only"
    )
    desk.do(WORKER, "complete", CompleteNode(node="survey", values={"amount": 7}))
    done = CompleteNode(node="pay", edge="both", values={"amount": 8})
    assert desk.refused(WORKER, "complete", done) == "field_read_only"
    assert desk.refused(WORKER, "edit", EditTicket(values={"fields.amount": 9})) == "field_read_only"


def test_who_made_the_ticket_may_always_mend_its_category() -> None:
    """What a node fixes stays fixed for all but the creator, who may mend the category (B12)."""
    desk = _surveyed(7)
    mended = EditTicket(values={"category": "c1"})
    assert desk.refused(WORKER, "edit", mended) == "field_read_only"
    assert desk.do(CREATOR, "edit", mended).ticket.category == "c1"


def test_whoever_asked_can_not_approve_and_the_snapshot_stands() -> None:
    """The person who brought it there and the creator are refused; what was approved is kept with its hash."""
    desk = _surveyed(900)
    _asked(desk)
    for person in (WORKER, CREATOR):
        code = desk.refused(person, "approve", ApproveNode(node="approve", approved=True))
        assert code == "flow_own_approval"
    assert desk.refused(ELSE, "approve", ApproveNode(node="approve", approved=True)) == "flow_not_yours"
    desk.do(BOSS, "approve", ApproveNode(node="approve", approved=True), level=SEE)
    assert desk.nodes == ["pay"]
    (kept,), (said,) = desk.rows("snapshot"), desk.rows("approval")
    assert (kept["values"]["amount"], kept["hash"], said["approved"]) == (900, said["hash"], True)


def test_a_rejection_needs_a_reason_and_goes_back() -> None:
    """No without a word is refused; with one the ticket is with whoever surveyed it, in a second visit."""
    desk = _surveyed(900)
    _asked(desk)
    assert desk.refused(BOSS, "approve", ApproveNode(node="approve", approved=False)) == "reason_missing"
    desk.do(BOSS, "approve", ApproveNode(node="approve", approved=False, note="too much"))
    assert [(one.node, one.visit, one.assignee) for one in desk.tokens] == [("survey", 2, WORKER)]


def test_a_vote_holds_for_the_values_it_was_given_for() -> None:
    """Where the amount changes between two votes, the first approver has to look again."""
    flow = Flow(start="a", nodes=(task("a", "ask"), approval("ask", "end", mode="all"), END))
    desk = Desk(flow)
    desk.do(WORKER, "complete", CompleteNode(node="a"))
    _asked(desk, "ask", BOSS, CHIEF)
    desk.do(BOSS, "approve", ApproveNode(node="ask", approved=True))
    desk.do(WORKER, "edit", EditTicket(values={"fields.amount": 50}))
    desk.do(CHIEF, "approve", ApproveNode(node="ask", approved=True))
    assert desk.nodes == ["ask"]
    desk.do(BOSS, "approve", ApproveNode(node="ask", approved=True))
    assert desk.nodes == []


@pytest.mark.parametrize(
    ("mode", "votes", "outcome"),
    [
        ("any", [(CHIEF, True)], "end"),
        ("any", [(CHIEF, False)], "a"),
        ("all", [(BOSS, True), (CHIEF, True)], "ask"),
        ("all", [(BOSS, True), (CHIEF, True), (ELSE, True)], "end"),
        ("all", [(BOSS, True), (CHIEF, False)], "a"),
        ("n_of_m", [(ELSE, True)], "ask"),
        ("n_of_m", [(ELSE, True), (BOSS, True)], "end"),
        ("n_of_m", [(ELSE, False), (BOSS, True)], "ask"),
        ("n_of_m", [(ELSE, False), (BOSS, False)], "a"),
        ("in_turn", [(BOSS, True), (CHIEF, True)], "ask"),
        ("in_turn", [(BOSS, True), (CHIEF, True), (ELSE, True)], "end"),
        ("in_turn", [(BOSS, False)], "a"),
    ],
)
def test_modes_of_approval(mode: str, votes: list[tuple[str, bool]], outcome: str) -> None:
    """Any one decides; all have to agree; n suffice, and it fails once they can't be had; or one after the other."""
    people = tuple(Handler(kind="person", person=one) for one in (BOSS, CHIEF, ELSE))
    flow = Flow(
        start="a", nodes=(task("a", "ask"), approval("ask", "end", mode=mode, n=2, approvers=people), END)
    )
    desk = Desk(flow)
    desk.do(WORKER, "complete", CompleteNode(node="a"))
    _asked(desk, "ask", BOSS, CHIEF, ELSE)
    for person, approved in votes:
        desk.do(person, "approve", ApproveNode(node="ask", approved=approved, note="so"))
    assert (desk.nodes or ["end"]) == [outcome]
    if mode == "in_turn":
        other = Desk(flow)
        other.do(WORKER, "complete", CompleteNode(node="a"))
        _asked(other, "ask", BOSS, CHIEF, ELSE)
        assert other.refused(CHIEF, "approve", ApproveNode(node="ask", approved=True)) == "flow_not_yours"


def test_an_approval_can_be_handed_on_but_not_to_whoever_asked() -> None:
    """The deputy approves in the approver's place; the creator and the asker can't be deputies."""
    desk = _surveyed(900)
    _asked(desk)
    for person in (WORKER, CREATOR):
        code = desk.refused(BOSS, "delegate", DelegateApproval(node="approve", assignee=person))
        assert code == "flow_own_approval"
    desk.do(BOSS, "delegate", DelegateApproval(node="approve", assignee=CHIEF))
    assert desk.ticket is not None
    assert CHIEF in desk.ticket.cc
    assert desk.refused(BOSS, "approve", ApproveNode(node="approve", approved=True)) == "flow_not_yours"
    desk.do(CHIEF, "approve", ApproveNode(node="approve", approved=True))
    assert desk.nodes == ["pay"]


def test_a_time_out_says_what_the_approval_says() -> None:
    """Delegating gives it to the others once; approving goes on in the server's name."""
    hour = Target(n=1, unit="hour")
    outcomes: tuple[tuple[Literal["approve", "reject"], list[str]], ...] = (
        ("approve", []),
        ("reject", ["a"]),
    )
    for then, nodes in outcomes:
        asked = approval("ask", "end", time_out=TimeOut(after=hour, then=then))
        desk = Desk(Flow(start="a", nodes=(task("a", "ask"), asked, END)))
        desk.do(WORKER, "complete", CompleteNode(node="a"))
        _asked(desk, "ask")
        desk.at += 3_600_000
        desk.do("", "node", SettleNode(node="ask", act="time_out"))
        assert desk.nodes == nodes
    to_chief = TimeOut(after=hour, to=(Handler(kind="person", person=CHIEF),))
    desk = Desk(Flow(start="a", nodes=(task("a", "ask"), approval("ask", "end", time_out=to_chief), END)))
    desk.do(WORKER, "complete", CompleteNode(node="a"))
    _asked(desk, "ask")
    desk.do("", "node", SettleNode(node="ask", act="time_out"))
    assert desk.tokens[0].settled  # an hour has not passed
    desk.at += 3_600_000
    for _ in range(2):
        desk.do("", "node", SettleNode(node="ask", act="time_out"))
    desk.do("", "node", SettleNode(node="ask", act="settle", approvers=(CHIEF,)))
    assert desk.tokens[0].approvers == (CHIEF,)
    assert len(desk.rows("delegated")) == 1


def test_a_wrong_store_can_always_send_it_back_to_the_initiator_and_gets_it_again() -> None:
    """At the first node nothing was passed: it goes to who made it, and from there back to where it came from."""
    desk = Desk(CLAIM)
    assert desk.refused(WORKER, "return", ReturnNode(node="survey")) == "reason_missing"
    desk.do(WORKER, "return", ReturnNode(node="survey", reason="not our store"))
    assert desk.ticket is not None
    assert (desk.nodes, desk.ticket.assignee) == ([INITIATOR], CREATOR)
    assert held_up(desk.ticket.flow)
    desk.do(CREATOR, "complete", CompleteNode(node=INITIATOR), level=SEE)
    assert [(one.node, one.visit) for one in desk.tokens] == [("survey", 2)]


def test_a_return_before_a_parallel_ends_its_branches() -> None:
    """Sent back from one branch to before the fork, the other branch has nothing to do any more."""
    desk = _surveyed(100)
    desk.do(WORKER, "complete", CompleteNode(node="pay", edge="both"))
    desk.do(WORKER, "return", ReturnNode(node="visit", to="survey", reason="wrong sum"))
    assert [(one.node, one.visit, one.assignee) for one in desk.tokens] == [("survey", 2, WORKER)]
    assert desk.refused(WORKER, "complete", CompleteNode(node="book")) == "flow_node_passed"


def test_a_return_only_goes_where_it_has_been() -> None:
    """A node not passed, or inside branches that have met, is no place to return to."""
    desk = _surveyed(100)
    code = desk.refused(WORKER, "return", ReturnNode(node="pay", to="visit", reason="x"))
    assert code == "flow_return"
    assert desk.ticket is not None
    assert desk.ticket.flow is not None
    assert returnable(CLAIM, desk.ticket.flow, desk.tokens[0]) == ("survey",)


def test_what_others_have_done_is_not_done_twice() -> None:
    """Two people complete the same node, or press twice: the second is told that it has gone on."""
    desk = _surveyed(100)
    again = CompleteNode(node="survey", visit=1, values={"amount": 5})
    assert desk.refused(ELSE, "complete", again) == "flow_node_passed"
    replayed = desk.ask(ELSE, "complete", again, optimistic=True)
    assert isinstance(replayed, Changes)
    assert replayed.ticket == desk.ticket


def test_a_person_who_neither_holds_the_node_nor_handles_the_ticket_may_not_do_it() -> None:
    """Seeing a ticket is not enough; whom the node names needs no grant."""
    desk = Desk(CLAIM)
    done = CompleteNode(node="survey", values={"amount": 1})
    assert desk.refused(ELSE, "complete", done, level=SEE) == "not_allowed"
    assert desk.do(WORKER, "complete", done, level=SEE).ticket.node == "pay"


def test_a_branch_is_claimed_once() -> None:
    """The team's branch goes to who claims it first."""
    desk = _surveyed(100)
    desk.do(WORKER, "complete", CompleteNode(node="pay", edge="both"))
    desk.do(ELSE, "claim", ClaimNode(node="book"))
    assert [one.assignee for one in desk.tokens] == [WORKER, ELSE]
    assert desk.refused(CHIEF, "claim", ClaimNode(node="book")) == "flow_claimed"
    assert desk.ticket is not None
    assert waits_for(desk.ticket.flow, ELSE)


def test_taking_and_assigning_hand_over_the_node_as_well() -> None:
    """Whoever gets the ticket has its first task."""
    desk = Desk(CLAIM)
    desk.do(ELSE, "take", TakeTicket())
    assert desk.tokens[0].assignee == ELSE
    desk.do(ELSE, "assign", AssignTicket(assignee=CHIEF))
    assert desk.tokens[0].assignee == CHIEF


def test_resolving_by_hand_ends_the_flow_or_is_refused_as_the_template_says() -> None:
    """The tokens are given up with a row that says where; reopening enters where the template says."""
    desk = Desk(CLAIM)
    desk.do(WORKER, "status", ChangeStatus(to="resolved"))
    assert desk.nodes == []
    assert desk.rows("flow_stopped") == [{"nodes": ["survey"], "why": "resolved"}]
    desk.do("", "message", ReceiveMessage(body="still broken"))
    assert [(one.node, one.visit) for one in desk.tokens] == [("survey", 2)]
    strict = Flow(start="a", on_resolve="refuse", nodes=(task("a", "end"), END))
    refusing = Desk(strict)
    assert refusing.refused(WORKER, "status", ChangeStatus(to="resolved")) == "flow_open"


def test_proposing_a_solution_stops_its_clock() -> None:
    """Leaving the node that proposes a solution says so in the timeline, once a visit."""
    desk = _surveyed(100)
    desk.do(WORKER, "complete", CompleteNode(node="pay", edge="both"))
    assert desk.rows("node_done") == [{"node": "pay", "stops": ["solution_proposed"]}]


def test_timers_fire_once_and_the_server_alone_acts_at_nodes() -> None:
    """Firing twice moves the ticket once; a person can't send the server's command."""
    flow = Flow(
        start="wait",
        nodes=(
            plain("timer", "wait", "a", timer=Timer(after=Target(n=1, unit="hour"))),
            task("a", "end"),
            END,
        ),
    )
    desk = Desk(flow)
    desk.do("", "node", SettleNode(node="wait", visit=1, act="fire"))
    assert desk.nodes == ["wait"]
    desk.at += 3_600_000
    for _ in range(2):
        desk.do("", "node", SettleNode(node="wait", visit=1, act="fire"))
    assert desk.nodes == ["a"]
    assert desk.refused(WORKER, "node", SettleNode(node="a", act="late")) == "not_allowed"


def test_graphs_in_which_a_ticket_could_be_stuck_are_found() -> None:
    """Each kind of mistake has its code."""
    a = task("a", "end")
    cases = {
        "flow_no_end": Flow(start="a", nodes=(task("a", "a"),)),
        "flow_unreachable": Flow(start="a", nodes=(a, task("b", "end"), END)),
        "flow_dead_end": Flow(start="a", nodes=(task("a", "end", "b"), task("b", "b"), END)),
        "flow_no_node": Flow(start="a", nodes=(task("a", "nowhere"), END)),
        "flow_timer": Flow(start="b", nodes=(plain("timer", "b", "end", timer=Timer()), END)),
        "flow_part_for_kind": Flow(start="a", nodes=(task("a", "end", timer=Timer()), END)),
        "flow_no_field": Flow(start="a", nodes=(task("a", "end", outputs=(Output(key="x"),)), END)),
    }
    for code, flow in cases.items():
        assert code in {one.code for one in flow_problems(flow, FORM, FIELDS)}, code
