"""Approvals: who may give one, what their votes come to, what exactly was approved (RULES §6)."""

import hashlib
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from domain.entities.flow import Approval, Node, Token, Vote
from domain.entities.ticket import Ticket

Verdict = Literal["open", "approved", "rejected"]
_canonical = msgspec.json.Encoder(order="sorted").encode


def snapshot(ticket: Ticket, node: Node | None) -> dict[str, Any]:
    """The values an approval is about: what the node shows, else everything of the ticket's form."""
    shown = node.inputs if node is not None and node.inputs else tuple(sorted(ticket.fields))
    values = {key: ticket.fields[key] for key in shown if key in ticket.fields}
    return {"subject": ticket.subject, "category": ticket.category, "priority": ticket.priority, **values}


def hash_of(values: dict[str, Any]) -> str:
    """SHA-256 over the values in one order."""
    return hashlib.sha256(_canonical(values)).hexdigest()


def verdict(approval: Approval, approvers: Sequence[str], votes: Sequence[Vote]) -> Verdict:
    """What the votes come to; `votes` are of the same values, one a person."""
    yes = sum(1 for vote in votes if vote.approved)
    no = len(votes) - yes
    if approval.mode == "any":
        return "approved" if yes else "rejected" if no else "open"
    needed = len(approvers)
    if approval.mode == "n_of_m":
        needed = min(approval.n, len(approvers))
    if yes and yes >= needed:
        return "approved"
    return "rejected" if no > len(approvers) - needed else "open"


def may_approve(
    approval: Approval, token: Token, person: str | None, creator: str | None, votes: Sequence[Vote]
) -> bool:
    """Whether it is this person's turn; whoever asked never may, nor who made the ticket."""
    if person is None or person in (token.asker, creator) or any(vote.person == person for vote in votes):
        return False
    if person not in token.approvers:
        return False
    if approval.mode != "in_turn":
        return True
    voted = {vote.person for vote in votes}
    return next((one for one in token.approvers if one not in voted), None) == person


def valid_votes(token: Token, hash: str) -> tuple[Vote, ...]:
    """The votes that are of the values as they are now: who approved others has to look again."""
    return tuple(vote for vote in token.votes if vote.hash == hash)
