"""What a command does, decided from facts alone; the same function at both ends (SYNC §4).

`needs` names the facts, the caller loads them, `decide` answers Changes, Refused or Unknown.
"""

from collections.abc import Callable
from typing import Any

from domain.entities.base import Entity
from domain.entities.ticket import Changes
from domain.errors import InvalidInputError
from domain.rules import (
    decide_create,
    decide_hand_back,
    decide_history,
    decide_links,
    decide_people,
    decide_rule,
    decide_split,
    decide_status,
    decide_text,
    decide_together,
    decide_urging,
)
from domain.rules.decide_flows import FLOW_HANDLERS, flowing
from domain.rules.facts import Facts, Refusal, Refused, Unknown, Unsure
from domain.rules.flow_rights import takes_part
from domain.rules.permissions import may
from domain.wire.commands import Command, CreateTicket, EditTicket, TransferTicket, intent_of
from domain.wire.flow_commands import NodeIntent
from domain.wire.history_commands import ImportHistory
from domain.wire.intent import Intent
from domain.wire.rule_commands import ApplyMacro, ApplyRule
from domain.wire.together_commands import HandBack, LinkTicket, UnmergeTicket, Urge

Decision = Changes | Refused | Unknown


class Needs(Entity):
    """The facts a decision takes; the ticket, its personal values and its template always."""

    ticket: str
    template: tuple[str, int] | None = None
    units: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # further tickets
    history: bool = (
        False  # the timeline, the configuration and the superiors, which a replica reads only if needed
    )


def needs(command: Command) -> Needs:
    """Name the facts that deciding a command takes; raise InvalidInputError for a malformed one."""
    intent = intent_of(command)
    if isinstance(intent, ApplyRule | ApplyMacro):
        return _needs_of_steps(command, intent)
    made = intent if isinstance(intent, CreateTicket | ImportHistory) else None
    template = (made.template, made.template_version) if made else None
    category = getattr(intent, "category", None)
    if isinstance(intent, EditTicket):
        category = intent.values.get("category")
    return Needs(
        ticket=command.ticket_id,
        template=template,
        units=_named(getattr(intent, "org", None)),
        people=() if command.kind == "tag" else _people(intent),
        teams=_named(getattr(intent, "team", None)),
        categories=_named(category),
        others=others_of(intent),
        history=isinstance(intent, _READ_HISTORY),
    )


_READ_HISTORY = (HandBack, UnmergeTicket, Urge)
"""Commands that are decided by the timeline and the configuration as well."""


def others_of(intent: Intent) -> tuple[str, ...]:
    """The further tickets that a command names."""
    return tuple(
        id for name in ("into", "to", "source", "follows") for id in _named(_ticket_of(intent, name))
    )


def _ticket_of(intent: Intent, name: str) -> object:
    """What a field names, where it names a ticket: a status is called `to`, too."""
    return getattr(intent, name, None) if name != "to" or isinstance(intent, LinkTicket) else None


def _needs_of_steps(command: Command, intent: ApplyRule | ApplyMacro) -> Needs:
    """What all the steps of a rule or macro take; a step that is malformed is met when it is decided."""
    found: dict[str, Any] = {}
    names = ("units", "people", "teams", "categories", "others")
    history = False
    try:
        for step in decide_rule.step_commands(command, intent.steps):
            try:
                one = needs(step)
            except InvalidInputError:
                continue
            found = {name: (*found.get(name, ()), *getattr(one, name)) for name in names}
            history |= one.history
    except Refusal as refusal:
        raise InvalidInputError(refusal.code, **refusal.args_by_name) from None
    return Needs(ticket=command.ticket_id, history=history, **found)


def _named(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value else ()


def _people(intent: Intent) -> tuple[str, ...]:
    named = _named(getattr(intent, "assignee", None)) + tuple(getattr(intent, "cc", ()))
    return named + tuple(getattr(intent, "add", ()) if not hasattr(intent, "cc") else ())


Handler = Callable[[Facts, Command, Intent], Changes]

_HANDLERS: dict[str, Handler] = {
    "reply": decide_text.reply,
    "message": decide_text.message,
    "edit": decide_text.edit,
    "cc": decide_people.change_cc,
    "tag": decide_people.change_tags,
    "take": decide_people.take,
    "assign": decide_people.assign,
    "transfer": decide_people.transfer,
    "route": decide_people.route,
    "status": decide_status.change_status,
    "merge": decide_together.merge,
    "unmerge": decide_together.unmerge,
    "link": decide_links.link,
    "unlink": decide_links.unlink,
    "hand_back": decide_hand_back.hand_back,
    "urge": decide_urging.urge,
}
_HANDLERS = {kind: flowing(handler) for kind, handler in _HANDLERS.items()} | {**FLOW_HANDLERS}


def decide(facts: Facts, command: Command) -> Decision:
    """Return what the command does to the ticket of the facts, or why it may not.

    With `facts.optimistic` (a replica replaying what is unsent) own values win over newer ones and levels are
    not asked again: own writes stay visible until the server's verdict (SYNC §8, invariant 7).
    """
    try:
        intent = intent_of(command)
        if isinstance(intent, ApplyRule | ApplyMacro) and facts.ticket is not None:
            return _steps(facts, command, intent)
        if command.kind == "create":
            return _created(facts, command, intent)
        if command.kind == "history":
            return decide_history.import_history(facts, command, intent)
        if command.kind == "split":
            return decide_split.split(facts, command, intent)
        if facts.ticket is None:
            return _missing(facts, command)
        if not facts.optimistic and not may(command.kind, facts.access) and not _may_part(facts, intent):
            code = "out_of_scope" if not facts.access.visible else "not_allowed"
            return Refused(code=code, args={"kind": command.kind})
        if facts.ticket.merged_into and command.kind in _REDIRECTED and not facts.optimistic:
            return decide_together.redirected(facts, command, intent)
        return decide_urging.answered(facts.ticket, _HANDLERS[command.kind](facts, command, intent))
    except Refusal as refusal:
        return Refused(code=refusal.code, args=refusal.args_by_name)
    except Unsure as unsure:
        return Unknown(what=unsure.what)
    except InvalidInputError as error:
        return Refused(code=error.code, args={k: str(v) for k, v in error.args_by_name.items()})


def _steps(facts: Facts, command: Command, intent: Intent) -> Decision:
    """A rule of the server's, or a macro: each of its steps asks for the actor's level by itself."""
    if not facts.access.visible and not facts.optimistic:
        return Refused(code="out_of_scope", args={"kind": command.kind})
    handler = decide_rule.apply_rule if isinstance(intent, ApplyRule) else decide_rule.apply_macro
    return handler(facts, command, intent, decide)


_REDIRECTED = frozenset({"reply", "message"})
"""What a ticket that is only a pointer passes on."""


def _created(facts: Facts, command: Command, intent: Intent) -> Changes:
    made = decide_create.create(facts, command, intent)
    if isinstance(intent, CreateTicket) and intent.follows:
        return decide_links.followed(facts, command, intent, made)
    return made


def _missing(facts: Facts, command: Command) -> Decision:
    if facts.complete:
        return Refused(code="out_of_scope", args={"kind": command.kind})
    return Unknown(what=f"ticket:{command.ticket_id}")


def _may_part(facts: Facts, intent: Intent) -> bool:
    """Whoever holds a ticket may always hand back what was misdirected; nodes are for whom they name."""
    if isinstance(intent, NodeIntent):
        return takes_part(facts)
    if isinstance(intent, TransferTicket | HandBack):
        return facts.access.assignee
    return False
