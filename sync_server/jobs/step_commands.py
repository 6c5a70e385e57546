"""What a step around a deadline comes to: messages, and commands of the server's own (RULES §3)."""

from collections.abc import Mapping
from hashlib import blake2b

from domain.entities.base import Entity, Instant
from domain.entities.configuration import Configuration
from domain.entities.rules import MESSAGES, Plan, RuleAction, RuleMessage, Skipped
from domain.entities.sla import BREACH_STEP, Step
from domain.entities.ticket import Ticket
from domain.rules.actions import RULE_NOTICE, Context, people_in, plan
from domain.wire.commands import Command, payload
from domain.wire.rule_commands import ApplyRule
from sync_server.store.deliveries import APP, Outgoing
from sync_server.store.due_steps import ClaimedStep

DEFAULT = ("assignee", "team")
"""Told of a deadline itself, for which a policy names nobody."""


class Around(Entity):
    """What all steps of a slice are worked out with."""

    configuration: Configuration
    superiors: Mapping[str, str]
    now: Instant


def kind_of(step: Step | None) -> str:
    """Whether a step warns of a deadline or tells that it has passed."""
    if step is None:
        return "late"
    before = step.offset_s < 0 if step.offset_s is not None else (step.percent or 0) < 100
    return "soon" if before else "late"


def tells_holder(step: Step | None) -> bool:
    """Whether a step, or the deadline itself, tells who holds its ticket in the program, and does nothing else.

    So most steps are; nothing but the holder is looked at for them. What leaves the program tells of the whole ticket.
    """
    return step is None or all(_tells_holder(one) for one in step.actions)


def _tells_holder(action: RuleAction) -> bool:
    given = action.arguments
    if action.kind != "notify" or given.get("people") or {*given.get("channels", (APP,))} != {APP}:
        return False
    return {*given.get("to", DEFAULT)} <= {*DEFAULT}


def plan_for_holder(claimed: ClaimedStep, step: Step | None, around: Around) -> Plan:
    """What such a step comes to, whatever else there is to say of the ticket."""
    held = Ticket(id="", template="", template_version=0, org="", line="", assignee=claimed.assignee)
    return plan_of(claimed, step, held, around)


def plan_of(claimed: ClaimedStep, step: Step | None, ticket: Ticket, around: Around) -> Plan:
    """What a step comes to for its ticket; the deadline itself is told to who holds it.

    A step that its policy lost since comes to nothing.
    """
    if step is None and claimed.step != BREACH_STEP:
        return Plan()
    if step is None and ticket.assignee:
        return Plan(messages=(RuleMessage(action="notify", to=ticket.assignee, template=RULE_NOTICE),))
    context = Context(
        rule=f"sla:{claimed.step}",
        at=around.now,
        teams=around.configuration.teams,
        superiors=around.superiors,
        macros=around.configuration.macros,
    )
    if step is not None:
        return plan(step.actions, ticket, context)
    people = people_in(DEFAULT, ticket, context)
    told = [RuleMessage(action="notify", to=one, template=RULE_NOTICE) for one in people]
    return Plan(messages=tuple(told))


def message_of(found: RuleMessage, claimed: ClaimedStep, kind: str, now: Instant) -> Outgoing:
    """A message as it is queued: with the deadline, and how late it became known."""
    args = {
        "number": claimed.number or "",
        "metric": claimed.metric,
        "due_at": claimed.deadline_at if kind == "soon" else claimed.due_at,
        "known_late_s": (now - claimed.due_at) // 1000,
        **found.args,
    }
    return Outgoing(
        ticket=claimed.ticket,
        rule=f"sla:{claimed.metric}:{claimed.cycle}:{claimed.step}",
        rev=claimed.rev,
        to_kind=found.to_kind,
        to=found.to,
        channel=found.channel,
        template=kind if found.template == RULE_NOTICE else found.template,
        args=args,
        urgent=found.urgent,
    )


def command_of(claimed: ClaimedStep, found: Plan, kind: str, now: Instant, *, heard: bool) -> Command | None:
    """What a step does to its ticket, with a row that says so; none for a step that only tells people.

    Where triggers have ears for it (`heard`), a deadline that passed leaves a row, too. The id is the step's: it
    counts once.
    """
    failed = tuple(one for one in found.skipped if one.action not in MESSAGES)
    overdue = heard and claimed.step == BREACH_STEP
    if not (found.steps or failed or overdue):
        return None
    if overdue and not found.messages:
        failed = (Skipped(action="notify", code="rule_nobody"),)
    intent = ApplyRule(
        rule=f"sla:{claimed.step}",
        messages=found.messages if overdue else (),
        event="overdue" if kind == "late" else kind,
        steps=found.steps,
        skipped=failed,
    )
    name = "\n".join((claimed.ticket, claimed.metric, str(claimed.cycle), claimed.step))
    id = f"{claimed.due_at:012x}7{blake2b(name.encode(), digest_size=10).hexdigest()[:19]}"
    return Command(id=id, ticket_id=claimed.ticket, kind="rule", set=payload(intent), at=now)
