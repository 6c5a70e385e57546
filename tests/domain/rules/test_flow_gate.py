"""Gates: a department is left only once that is approved (RULES §6, D13)."""

from typing import Any

from msgspec.structs import replace

from domain.entities.configuration import Configuration
from domain.entities.flow import (
    GATE,
    Approval,
    Gate,
)
from domain.entities.people import SEE
from domain.entities.ticket import Changes
from domain.rules.flow_clocks import history
from domain.wire.commands import (
    TransferTicket,
)
from domain.wire.flow_commands import (
    ApproveNode,
    AskToLeave,
    SettleNode,
)
from tests.domain.rules.flows import (
    BOSS,
    CLAIM,
    WORKER,
    Desk,
)


def _gated(**values: object) -> Desk:
    """A ticket without a flow in a unit that may only be left with the boss's consent."""
    desk = Desk(CLAIM, **values)  # type: ignore[arg-type]
    desk.template = replace(desk.template, flow=None)
    assert desk.ticket is not None
    desk.ticket = replace(desk.ticket, flow=None, node="")
    return desk


GATES = Configuration(
    gates=(Gate(id="g", name="Leaving", departments=("d1",), approval=Approval(approvers=())),)
)
AWAY: dict[str, Any] = {
    "configuration": GATES,
    "org_path": ("hq", "d1", "s1"),
    "to_path": ("hq", "d2"),
    "units": frozenset({"s1", "d2", "s2"}),
}


def test_a_department_is_left_only_once_that_is_approved() -> None:
    """A transfer out of it is refused with what to do; asked for and approved, the ticket goes by itself."""
    desk = _gated()
    out = TransferTicket(org="d2", note="theirs")
    assert desk.refused(WORKER, "transfer", out, **AWAY) == "transfer_needs_approval"
    inside = {**AWAY, "to_path": ("hq", "d1", "s2")}
    assert isinstance(desk.ask(WORKER, "transfer", TransferTicket(org="s2", note="near"), **inside), Changes)
    asked = AskToLeave(org="d2", note="theirs")
    desk.do(WORKER, "ask_to_leave", asked, **AWAY)
    assert desk.refused(WORKER, "ask_to_leave", asked, **AWAY) == "gate_asked_already"
    desk.do("", "node", SettleNode(node=GATE, act="settle", approvers=(BOSS,)), **AWAY)
    yes = ApproveNode(node=GATE, approved=True)
    assert desk.refused(WORKER, "approve", yes, **AWAY) == "flow_own_approval"
    after = desk.do(BOSS, "approve", yes, level=SEE, **AWAY).ticket
    assert (after.org, desk.nodes, after.node) == ("d2", [], "")
    assert len(desk.rows("transferred")) == 1


def test_a_late_answer_is_none_to_the_next_asking() -> None:
    """Who says yes to the first asking once it was refused has not said so of the second, to another place."""
    desk = _gated()
    settle = SettleNode(node=GATE, act="settle", approvers=(BOSS,))
    desk.do(WORKER, "ask_to_leave", AskToLeave(org="d2", note="theirs"), **AWAY)
    desk.do("", "node", settle, **AWAY)
    desk.do(BOSS, "approve", ApproveNode(node=GATE, approved=False, note="ours"), level=SEE, **AWAY)
    desk.do(WORKER, "ask_to_leave", AskToLeave(org="d2", note="now it is"), **AWAY)
    desk.do("", "node", replace(settle, visit=2), **AWAY)
    late = ApproveNode(node=GATE, visit=1, approved=True)
    assert desk.refused(BOSS, "approve", late, level=SEE, **AWAY) == "flow_node_passed"
    desk.do(BOSS, "approve", ApproveNode(node=GATE, visit=2, approved=True), level=SEE, **AWAY)
    stays = [one for one in history(desk.entries) if one.node == GATE]
    assert [(one.visit, one.left_at is not None) for one in stays] == [(1, True), (2, True)]


def test_what_can_not_go_any_more_stays_and_says_so() -> None:
    """The unit was closed meanwhile: the yes counts, the gate is passed, and the timeline says that it stayed."""
    desk = _gated()
    desk.do(WORKER, "ask_to_leave", AskToLeave(org="d2", note="theirs"), **AWAY)
    desk.do("", "node", SettleNode(node=GATE, act="settle", approvers=(BOSS,)), **AWAY)
    desk.both_ends = False  # a desktop that does not know the unit leaves it to the server
    closed = {**AWAY, "units": frozenset({"s1"})}
    after = desk.do(BOSS, "approve", ApproveNode(node=GATE, approved=True), level=SEE, **closed).ticket
    assert (after.org, desk.nodes) == ("s1", [])
    assert [detail["why"] for detail in desk.rows("flow_stopped")] == ["stays"]


def test_what_may_not_leave_stays_where_it_is() -> None:
    """A no takes the asking away and nothing else; without a gate there is nothing to ask for."""
    desk = _gated()
    assert desk.refused(WORKER, "ask_to_leave", AskToLeave(org="d2", note="x")) == "gate_not_needed"
    desk.do(WORKER, "ask_to_leave", AskToLeave(org="d2", note="theirs"), **AWAY)
    desk.do("", "node", SettleNode(node=GATE, act="settle", approvers=(BOSS,)), **AWAY)
    after = desk.do(BOSS, "approve", ApproveNode(node=GATE, approved=False, note="ours"), **AWAY).ticket
    assert (after.org, desk.nodes) == ("s1", [])
    assert desk.rows("transferred") == []
