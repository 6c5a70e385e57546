"""What an action of a rule comes to for one ticket: commands, messages, or why it can't be done (RULES §4).

Triggers, automations, macros and the steps of SLA policies share these; the commands are decided like anybody's.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from domain.entities.base import Entity, Instant
from domain.entities.org import Team
from domain.entities.rules import Macro, Plan, RuleAction, RuleMessage, RuleStep, Skipped
from domain.entities.ticket import PRIORITIES, STATUSES, Ticket
from domain.errors import InvalidInputError
from domain.rules.notice_text import filled
from domain.wire.commands import (
    ApplyRouting,
    AssignTicket,
    ChangeMembers,
    ChangeStatus,
    EditTicket,
    Reply,
    TransferTicket,
    payload,
)

ROLES = ("assignee", "creator", "cc", "superior", "team", "lead", "actor")
"""Parts in a ticket; `actor` is who caused what the rule acts on."""
CUSTOMER = "customer"
RULE_NOTICE, SURVEY = "rule", "survey"
"""The templates of what rules tell and ask where they name none."""
DEFAULT_TOLD = ("assignee", "team")

Texts, Whole = "texts", "whole number"
ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "assign": {"assignee": "text", "to": "roles", "team": "text", "note": "text"},
    "reassign": {"assignee": "text", "to": "roles", "team": "text", "note": "text"},
    "route": {"team": "text", "assignee": "text", "priority": "priority", "cc": Texts, "tags": Texts},
    "transfer": {"org": "text", "line": "text", "team": "text", "assignee": "text", "note": "text"},
    "return": {"reason": "text"},
    "cc": {"people": Texts, "to": "roles", "remove": Texts},
    "set_field": {"field": "text", "value": "any"},
    "set_status": {"status": "status", "reason": "text", "hold_s": Whole, "fields": "object"},
    "set_priority": {"priority": "priority"},
    "raise_priority": {"to": "priority"},
    "tag": {"add": Texts, "remove": Texts},
    "notify": {
        "to": "roles", "people": Texts, "channels": Texts, "notice_template": "text", "text": "text",
        "urgent": "flag",
    },
    "urge": {"reason": "text"},
    "comment": {"text": "text", "public": "flag"},
    "start_flow": {"flow": "text"},
    "send_survey": {"channels": Texts, "notice_template": "text"},
    "webhook": {"channels": Texts, "notice_template": "text", "text": "text"},
    "escalate": {"to": "roles", "hand_over": "flag", "note": "text"},
    "run_macro": {"macro": "text"},
}  # fmt: skip
"""The arguments of each kind of action and what each holds."""
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "set_field": ("field",),
    "set_status": ("status",),
    "set_priority": ("priority",),
    "comment": ("text",),
    "return": ("reason",),
    "send_survey": ("channels",),
    "webhook": ("channels",),
    "run_macro": ("macro",),
}
ONE_OF: Mapping[str, tuple[str, ...]] = {
    "assign": ("assignee", "to", "team"),
    "reassign": ("assignee", "to", "team"),
    "transfer": ("org", "line", "team", "assignee"),
    "cc": ("people", "to", "remove"),
    "tag": ("add", "remove"),
}
"""The arguments without any of which an action would never do anything."""


class Context(Entity):
    """What actions look at besides the ticket; `values` fill the placeholders of texts."""

    rule: str  # "trigger:ID", "automation:ID", "sla:POLICY:STEP", "macro:ID"
    name: str = ""
    at: Instant = 0
    actor: str | None = None
    teams: Mapping[str, Team] = {}
    superiors: Mapping[str, str] = {}  # of people who have one
    macros: Mapping[str, Macro] = {}
    values: Mapping[str, str] = {}


class _CanNot(Exception):
    def __init__(self, code: str, **args: Any) -> None:
        self.code, self.args_by_name = code, args
        super().__init__(code)


def commands_for(action: RuleAction, ticket: Ticket, context: Context) -> Plan:
    """What one action comes to; nothing where the ticket is so already."""
    try:
        return _PLANS[action.kind](dict(action.arguments), ticket, context, action.kind)
    except _CanNot as error:
        return Plan(skipped=(Skipped(action=action.kind, code=error.code, args=error.args_by_name),))


def plan(actions: Iterable[RuleAction], ticket: Ticket, context: Context) -> Plan:
    """What actions come to, in order; each looks at the ticket as it is before the first."""
    parts = [commands_for(one, ticket, context) for one in actions]
    return Plan(
        steps=tuple(step for part in parts for step in part.steps),
        messages=tuple(message for part in parts for message in part.messages),
        skipped=tuple(one for part in parts for one in part.skipped),
    )


def people_in(
    roles: Iterable[str], ticket: Ticket, context: Context, *, named: Iterable[str] = ()
) -> tuple[str, ...]:
    """The people who play parts in a ticket now; a team counts only while nobody holds the ticket."""
    team = context.teams.get(ticket.team or "")
    found: set[str | None] = set(named)
    for role in roles:
        if role in ("assignee", "creator"):
            found.add(getattr(ticket, role))
        elif role == "cc":
            found.update(ticket.cc)
        elif role == "superior":
            found.add(context.superiors.get(ticket.assignee or ""))
        elif role == "lead" and team is not None:
            found.add(team.lead)
        elif role == "team" and team is not None and not ticket.assignee:
            found.update(team.members or (team.lead,))
        elif role == "actor":
            found.add(context.actor)
    return tuple(sorted(one for one in found if one))


def _step(kind: str, command: str, intent: Any) -> Plan:
    return Plan(steps=(RuleStep(action=kind, kind=command, set=payload(intent)),))


def _assign(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    assignee = given.get("assignee")
    if roles := given.get("to"):
        assignee = next(iter(people_in(roles, ticket, context)), None)
        if assignee is None and not given.get("team"):
            raise _CanNot("rule_nobody", role=", ".join(roles))
    team = given.get("team")
    if assignee is None and team is None:
        raise _CanNot("assignee_missing")
    if ticket.assignee == assignee and team in (None, ticket.team):
        return Plan()
    return _step(kind, "assign", AssignTicket(assignee=assignee, team=team, note=_text(given, context)))


def _route(given: dict[str, Any], _ticket: Ticket, context: Context, kind: str) -> Plan:
    intent = ApplyRouting(
        rule=context.rule,
        team=given.get("team"),
        assignee=given.get("assignee"),
        priority=given.get("priority"),
        cc=tuple(given.get("cc", ())),
        tags=tuple(given.get("tags", ())),
    )
    return _step(kind, "route", intent)


def _transfer(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    wanted = {name: given.get(name) for name in ("org", "line", "team", "assignee")}
    if all(value in (None, getattr(ticket, name)) for name, value in wanted.items()):
        return Plan()
    note = _text(given, context) or context.name or context.rule
    return _step(kind, "transfer", TransferTicket(**wanted, note=note))


def _plainly(command: str) -> "Make":
    """A command that has the arguments of the action as its content."""

    def make(given: dict[str, Any], _ticket: Ticket, _context: Context, kind: str) -> Plan:
        return Plan(steps=(RuleStep(action=kind, kind=command, set=given),))

    return make


def _cc(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    people = people_in(given.get("to", ()), ticket, context, named=given.get("people", ()))
    add = tuple(one for one in people if one not in ticket.cc)
    remove = tuple(one for one in given.get("remove", ()) if one in ticket.cc)
    return _step(kind, "cc", ChangeMembers(add=add, remove=remove)) if add or remove else Plan()


def _field(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    name, value = given["field"], given.get("value")
    if isinstance(value, str):
        value = filled(value, context.values)
    room, _, key = name.partition(".")
    current = ticket.fields.get(key) if room == "fields" else getattr(ticket, name, None)
    return Plan() if current == value else _step(kind, "edit", EditTicket(values={name: value}))


def _status(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    to = given["status"]
    if ticket.status == to:
        return Plan()
    hold = to == "on_hold"
    intent = ChangeStatus(
        to=to,
        reason=given.get("reason") or (context.name if hold else ""),
        until=context.at + int(given.get("hold_s", 86_400)) * 1000 if hold else None,
        fields=dict(given.get("fields", {})),
    )
    return _step(kind, "status", intent)


def _priority(given: dict[str, Any], ticket: Ticket, _context: Context, kind: str) -> Plan:
    if ticket.priority == given["priority"]:
        return Plan()
    return _step(kind, "edit", EditTicket(values={"priority": given["priority"]}))


def _raise(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    """One level up, or up to a level; never down."""
    now = PRIORITIES.index(ticket.priority) if ticket.priority in PRIORITIES else len(PRIORITIES)
    wanted = PRIORITIES.index(given["to"]) if given.get("to") in PRIORITIES else now - 1
    if not 0 <= wanted < now:
        return Plan()
    return _priority({"priority": PRIORITIES[wanted]}, ticket, context, kind)


def _tag(given: dict[str, Any], ticket: Ticket, _context: Context, kind: str) -> Plan:
    add = tuple(one for one in given.get("add", ()) if one not in ticket.tags)
    remove = tuple(one for one in given.get("remove", ()) if one in ticket.tags)
    return _step(kind, "tag", ChangeMembers(add=add, remove=remove)) if add or remove else Plan()


def _comment(given: dict[str, Any], _ticket: Ticket, context: Context, kind: str) -> Plan:
    body = filled(given["text"], context.values)
    return _step(kind, "reply", Reply(body=body, internal=not given.get("public", False)))


def _notify(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    roles = tuple(given.get("to", () if given.get("people") else DEFAULT_TOLD))
    people = people_in(roles, ticket, context, named=given.get("people", ()))
    channels = tuple(given.get("channels", ("app",)))
    to: list[tuple[Any, str]] = [("person", one) for one in people]
    to += [("customer", "")] if CUSTOMER in roles else []
    return _messages(given, to, channels, context, kind, RULE_NOTICE)


def _survey(given: dict[str, Any], _ticket: Ticket, context: Context, kind: str) -> Plan:
    return _messages(given, [("customer", "")], tuple(given["channels"]), context, kind, SURVEY)


def _webhook(given: dict[str, Any], _ticket: Ticket, context: Context, kind: str) -> Plan:
    return _messages(given, [("address", "")], tuple(given["channels"]), context, kind, RULE_NOTICE)


def _messages(
    given: dict[str, Any],
    to: list[tuple[Any, str]],
    channels: tuple[str, ...],
    context: Context,
    kind: str,
    template: str,
) -> Plan:
    args = {"title": context.name, "text": filled(given.get("text", ""), context.values)}
    found = tuple(
        RuleMessage(
            action=kind,
            to_kind=to_kind,
            to=one,
            channel=channel,
            template=given.get("notice_template") or template,
            args={key: value for key, value in args.items() if value},
            urgent=bool(given.get("urgent", False)),
        )
        for to_kind, one in to
        for channel in channels
        if to_kind == "person" or channel != "app"  # nobody but colleagues has the program
    )
    if not found:
        raise _CanNot("rule_nobody", role=", ".join(given.get("to", DEFAULT_TOLD)))
    return Plan(messages=found)


def _escalate(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    """Those above are told and follow the ticket, its priority goes up; `hand_over` gives it to the first of them."""
    above = people_in(given.get("to", ("superior",)), ticket, context)
    if not above:
        above = people_in(("lead",), ticket, context)
    if not above:
        raise _CanNot("rule_nobody", role=", ".join(given.get("to", ("superior",))))
    note = {"note": given.get("note", "")}
    parts = [_raise({}, ticket, context, kind)]
    if given.get("hand_over"):
        parts.append(_assign({"assignee": above[0], **note}, ticket, context, kind))
    else:
        parts.append(_cc({"people": above}, ticket, context, kind))
    told = _messages({}, [("person", one) for one in above], ("app",), context, kind, RULE_NOTICE)
    return Plan(steps=tuple(step for part in parts for step in part.steps), messages=told.messages)


def _macro(given: dict[str, Any], ticket: Ticket, context: Context, kind: str) -> Plan:
    macro = context.macros.get(given["macro"])
    if macro is None:
        raise _CanNot("rule_macro_gone", macro=given["macro"])
    found = plan([one for one in macro.actions if one.kind != "run_macro"], ticket, context)
    if not macro.reply:
        return found
    said = _comment({"text": macro.reply, "public": not macro.internal}, ticket, context, kind)
    return Plan(steps=(*found.steps, *said.steps), messages=found.messages, skipped=found.skipped)


def _text(given: Mapping[str, Any], context: Context) -> str:
    return filled(str(given.get("note", "")), context.values)


Make = Callable[[dict[str, Any], Ticket, Context, str], Plan]
_PLANS: Mapping[str, Make] = {
    "assign": _assign,
    "reassign": _assign,
    "route": _route,
    "transfer": _transfer,
    "return": _plainly("hand_back"),
    "cc": _cc,
    "set_field": _field,
    "set_status": _status,
    "set_priority": _priority,
    "raise_priority": _raise,
    "tag": _tag,
    "notify": _notify,
    "urge": _plainly("urge"),
    "comment": _comment,
    "start_flow": _plainly("start_flow"),
    "send_survey": _survey,
    "webhook": _webhook,
    "escalate": _escalate,
    "run_macro": _macro,
}


def check_action(action: RuleAction) -> None:
    """Raise InvalidInputError where an argument is missing, unknown, or of the wrong kind."""
    known = ARGUMENTS[action.kind]
    for name in REQUIRED.get(action.kind, ()):
        if name not in action.arguments:
            raise InvalidInputError("config_action_argument_missing", action=action.kind, argument=name)
    for name, value in action.arguments.items():
        if name not in known:
            raise InvalidInputError(
                "config_action_argument", action=action.kind, argument=name, known=", ".join(known)
            )
        if not _fits(known[name], value):
            raise InvalidInputError(
                "config_action_value", action=action.kind, argument=name, wanted=known[name]
            )
    either = ONE_OF.get(action.kind, ())
    if either and not any(action.arguments.get(name) for name in either):
        raise InvalidInputError(
            "config_action_argument_missing", action=action.kind, argument=" / ".join(either)
        )


def _fits(wanted: str, value: Any) -> bool:
    texts = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    tests: Mapping[str, bool] = {
        "text": isinstance(value, str),
        Texts: texts,
        "roles": texts and all(one in (*ROLES, CUSTOMER) for one in value),
        "flag": isinstance(value, bool),
        Whole: isinstance(value, int) and not isinstance(value, bool) and value > 0,
        "priority": value in PRIORITIES,
        "status": value in STATUSES,
        "object": isinstance(value, Mapping),
        "any": True,
    }
    return tests[wanted]
