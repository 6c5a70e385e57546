"""Commands about where a ticket stands in its flow (RULES §6)."""

from typing import Any, Literal

from domain.wire.intent import Intent


class NodeIntent(Intent):
    """About one node, in the visit that the person saw (0: whichever it is)."""

    node: str
    visit: int = 0


class CompleteNode(NodeIntent, frozen=True, kw_only=True):
    """Do a task: its outputs by form key (`category` among them), and the edge to go on along."""

    edge: str = ""
    values: dict[str, Any] = {}


class ReturnNode(NodeIntent, frozen=True, kw_only=True):
    """Send back to an earlier node, to the initiator (`@initiator`), or (empty) to the one before; with a reason."""

    to: str = ""
    reason: str = ""


class ApproveNode(NodeIntent, frozen=True, kw_only=True):
    """Say yes or no at an approval."""

    approved: bool
    note: str = ""


class DelegateApproval(NodeIntent, frozen=True, kw_only=True):
    """Hand one's part in an approval to somebody else."""

    assignee: str
    note: str = ""


class ClaimNode(NodeIntent, frozen=True, kw_only=True):
    """Make a branch's task one's own."""


class AskToLeave(Intent):
    """Ask for the approval without which the ticket may not leave its department."""

    org: str | None = None
    line: str | None = None
    team: str | None = None
    assignee: str | None = None
    note: str = ""


class SettleNode(Intent):
    """What the server does at a node: names who it is for, or says that a time has come."""

    node: str
    act: Literal["settle", "late", "fire", "time_out", "children"]
    visit: int = 0
    assignee: str | None = None
    team: str | None = None
    approvers: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
