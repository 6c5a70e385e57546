"""Who is told of an SLA step: people by the part they play in the ticket."""

from collections.abc import Iterable, Mapping

from domain.entities.configuration import Configuration
from domain.entities.sla import BREACH_STEP, Policy, Step
from domain.entities.ticket import Ticket

DEFAULT = ("assignee", "team")
"""Told of a deadline itself, for which a policy names nobody."""


def step_of(policy: Policy | None, index: int) -> Step | None:
    """The policy's step; none for the deadline itself, or where the policy lost it since."""
    if policy is None or index == BREACH_STEP or index >= len(policy.steps):
        return None
    return policy.steps[index]


def kind_of(step: Step | None) -> str:
    """Whether a step warns of a deadline or tells that it has passed."""
    if step is None:
        return "late"
    before = step.offset_s < 0 if step.offset_s is not None else (step.percent or 0) < 100
    return "soon" if before else "late"


def roles_of(step: Step | None, index: int) -> tuple[str, ...]:
    """The parts whose players are told."""
    if step is None:
        return DEFAULT if index == BREACH_STEP else ()
    named: list[str] = []
    for action in step.actions:
        if action.kind == "notify":
            named.extend(str(role) for role in action.arguments.get("to", DEFAULT))
    return tuple(named)


def people_of(
    ticket: Ticket, roles: Iterable[str], configuration: Configuration, superiors: Mapping[str, str]
) -> frozenset[str]:
    """The people who play these parts now; a team is told only while nobody holds the ticket."""
    team = configuration.teams.get(ticket.team or "")
    found: set[str] = set()
    for role in roles:
        if role == "assignee" and ticket.assignee:
            found.add(ticket.assignee)
        elif role == "creator" and ticket.creator:
            found.add(ticket.creator)
        elif role == "cc":
            found.update(ticket.cc)
        elif role == "team" and team is not None and not ticket.assignee:
            found.update(team.members or ((team.lead,) if team.lead else ()))
        elif role == "lead" and team is not None and team.lead:
            found.add(team.lead)
        elif role == "superior" and ticket.assignee in superiors:
            found.add(superiors[ticket.assignee or ""])
    return frozenset(found)
