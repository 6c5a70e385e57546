"""What a person does at a node of a ticket's flow: go on, return, approve, hand on, claim; asking to leave."""

from collections.abc import Sequence
from typing import Any

from desktop.commands.runner import Gesture, Runner
from desktop.replica.changed import Changed
from domain.wire.commands import TransferTicket
from domain.wire.flow_commands import (
    ApproveNode,
    AskToLeave,
    ClaimNode,
    CompleteNode,
    DelegateApproval,
    ReturnNode,
)


def complete(
    runner: Runner, ticket: str, *, node: str, visit: int, edge: str = "", values: dict[str, Any]
) -> Changed:
    """Do a task and go on along an edge; refused while a required output is empty."""
    intent = CompleteNode(node=node, visit=visit, edge=edge, values=values)
    return runner.run([Gesture(ticket=ticket, kind="complete", intent=intent)])


def send_back(runner: Runner, ticket: str, *, node: str, visit: int, to: str = "", reason: str) -> Changed:
    """Return to an earlier node or the initiator, with the reason."""
    intent = ReturnNode(node=node, visit=visit, to=to, reason=reason)
    return runner.run([Gesture(ticket=ticket, kind="return", intent=intent)])


def approve(runner: Runner, ticket: str, *, node: str, visit: int, approved: bool, note: str = "") -> Changed:
    """Say yes or no at an approval; a no says why."""
    intent = ApproveNode(node=node, visit=visit, approved=approved, note=note)
    return runner.run([Gesture(ticket=ticket, kind="approve", intent=intent)])


def delegate(runner: Runner, ticket: str, *, node: str, visit: int, assignee: str, note: str = "") -> Changed:
    """Hand one's part in an approval to somebody else."""
    intent = DelegateApproval(node=node, visit=visit, assignee=assignee, note=note)
    return runner.run([Gesture(ticket=ticket, kind="delegate", intent=intent)])


def claim(runner: Runner, ticket: str, *, node: str, visit: int) -> Changed:
    """Make a branch's task one's own."""
    return runner.run([Gesture(ticket=ticket, kind="claim", intent=ClaimNode(node=node, visit=visit))])


def ask_to_leave(runner: Runner, tickets: Sequence[str], *, to: TransferTicket) -> Changed:
    """Ask for the approval that a transfer takes; once it is given, the tickets go there by themselves."""
    intent = AskToLeave(org=to.org, line=to.line, team=to.team, assignee=to.assignee, note=to.note)
    return runner.run([Gesture(ticket=ticket, kind="ask_to_leave", intent=intent) for ticket in tickets])
