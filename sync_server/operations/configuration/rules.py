"""Triggers, automations and macros as files: building, checking, exporting (RULES §4, §5)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from domain.entities.conditions import Conditions, FieldKind
from domain.entities.rules import (
    EVENTS,
    FIELD_CHANGED,
    NOT_IN_MACROS,
    Automation,
    Macro,
    RuleAction,
    Trigger,
)
from domain.errors import InvalidInputError
from domain.rules.actions import check_action
from domain.rules.conditions import check
from domain.rules.notice_text import placeholders_of
from domain.rules.rule_texts import PLACEHOLDERS
from domain.rules.rule_values import rule_kinds
from sync_server.operations.configuration import notation
from sync_server.operations.configuration.reading import Problems
from sync_server.operations.configuration.rule_shapes import (
    AutomationShape,
    MacroShape,
    RuleActionShape,
    TriggerShape,
)
from sync_server.operations.configuration.shapes import Shape, When

PEOPLE = frozenset({"assignee", "people", "remove", "cc"})
"""Arguments that hold people; `remove` does in `cc` alone."""
COLUMNS = frozenset({"subject", "priority", "category", "type", "task_due_at"})
"""What `set_field` may set besides values of the form."""
SHORTEST_S = 300
_KINDS: Mapping[str, str] = {
    "team": "team",
    "macro": "macro",
    "notice_template": "notice_template",
    "channels": "notice_channel",
    "line": "line",
}
"""Arguments that name rows of the configuration."""


class Naming(Protocol):
    """Gives the ids of what files name, or the names of ids."""

    def unit(self, code: str, /) -> str:
        """Of a unit."""
        ...

    def person(self, login: str, /) -> str:
        """Of a person."""
        ...


def action_of(shape: RuleActionShape, names: Naming) -> RuleAction:
    """An action with ids in place of logins and codes."""
    return RuleAction(
        kind=shape.kind, on=shape.on, arguments=renamed(shape.kind, shape.arguments, names.unit, names.person)
    )


def renamed(
    kind: str, arguments: Mapping[str, Any], unit: Callable[[str], str], person: Callable[[str], str]
) -> dict[str, Any]:
    """Arguments with their units and people called otherwise."""
    found = dict(arguments)
    for name, value in arguments.items():
        to = unit if name == "org" else person if name in PEOPLE and kind != "tag" else None
        if to is None:
            continue
        if isinstance(value, str):
            found[name] = to(value)
        elif isinstance(value, list | tuple):
            found[name] = [to(one) if isinstance(one, str) else one for one in value]
    return found


def build_trigger(id: str, shape: TriggerShape, at: int, names: Naming, when: Conditions) -> Trigger:
    """A trigger of its entry."""
    return Trigger(
        id=id,
        name=shape.name,
        position=at,
        events=shape.events,
        conditions=when,
        actions=tuple(action_of(one, names) for one in shape.actions),
        oldest_s=notation.read_length(shape.oldest),
        active=shape.active,
    )


def build_automation(id: str, shape: AutomationShape, at: int, names: Naming, when: Conditions) -> Automation:
    """An automation of its entry; InvalidInputError where it would run more often than every five minutes."""
    every_s = notation.read_length(shape.every)
    if every_s < SHORTEST_S:
        raise InvalidInputError("config_automation_interval", text=shape.every)
    return Automation(
        id=id,
        name=shape.name,
        position=at,
        conditions=when,
        actions=tuple(action_of(one, names) for one in shape.actions),
        every_s=every_s,
        calendar=shape.calendar,
        active=shape.active,
    )


def build_macro(id: str, shape: MacroShape, at: int, names: Naming) -> Macro:
    """A macro of its entry."""
    return Macro(
        id=id,
        name=shape.name,
        position=at,
        line=shape.line,
        team=shape.team,
        actions=tuple(action_of(one, names) for one in shape.actions),
        reply=shape.reply,
        internal=shape.internal,
    )


Known = Callable[[str, str], bool]
"""Whether a row of a kind with an id is there."""


def check_rules(
    wanted: Mapping[str, Mapping[str, Any]], fields: Mapping[str, FieldKind], known: Known, problems: Problems
) -> None:
    """Find conditions, events, actions and names that can't work."""
    kinds = rule_kinds(fields)
    for id, trigger in wanted.get("trigger", {}).items():
        _check_conditions("triggers.json", id, trigger.conditions, kinds, problems)
        for event in trigger.events:
            if event not in EVENTS and not _watched(event, kinds):
                problems.add(
                    "triggers.json", f"{id}.events", "config_event", event=event, known=", ".join(EVENTS)
                )
        _check_actions("triggers.json", id, trigger.actions, kinds, known, problems)
    for id, automation in wanted.get("automation", {}).items():
        _check_conditions("automations.json", id, automation.conditions, kinds, problems)
        if automation.calendar and not known("calendar", automation.calendar):
            problems.add("automations.json", id, "config_unknown_calendar", calendar=automation.calendar)
        for name in _changes(automation.conditions):
            problems.add("automations.json", f"{id}.when", "config_automation_change", field=name)
        _check_actions("automations.json", id, automation.actions, kinds, known, problems, linked=False)
    for id, macro in wanted.get("macro", {}).items():
        _check_macro(id, macro, kinds, known, problems)


def _check_macro(
    id: str, macro: Macro, kinds: Mapping[str, FieldKind], known: Known, problems: Problems
) -> None:
    file = "macros.json"
    if macro.line and not known("line", macro.line):
        problems.add(file, f"{id}.line", "config_unknown_line", line=macro.line)
    if macro.team and not known("team", macro.team):
        problems.add(file, f"{id}.team", "config_unknown_team", team=macro.team)
    if not macro.actions and not macro.reply.strip():
        problems.add(file, id, "config_macro_empty")
    for index, action in enumerate(macro.actions):
        if action.kind in NOT_IN_MACROS:
            problems.add(file, f"{id}.actions[{index}]", "config_action_not_in_macro", action=action.kind)
    _check_actions(file, id, macro.actions, kinds, known, problems, linked=False)


def _changes(conditions: Conditions) -> Iterator[str]:
    """Conditions on a change, of which time knows none."""
    for one in (*conditions.all, *conditions.any):
        if one.field.startswith(("changed.", "from.")) or one.field in ("by", "by_kind"):
            yield one.field


def _watched(event: str, kinds: Mapping[str, FieldKind]) -> bool:
    return event.startswith(FIELD_CHANGED) and f"changed.{event.removeprefix(FIELD_CHANGED)}" in kinds


def _check_conditions(
    file: str, id: str, conditions: Conditions, kinds: Mapping[str, FieldKind], problems: Problems
) -> None:
    for problem in check(conditions, kinds):
        problems.add(file, f"{id}.when.{problem.place}", problem.code, **problem.args)


def _check_actions(
    file: str,
    id: str,
    actions: Iterable[RuleAction],
    kinds: Mapping[str, FieldKind],
    known: Known,
    problems: Problems,
    *,
    linked: bool = True,
) -> None:
    for index, action in enumerate(actions):
        place = f"{id}.actions[{index}]"
        problems.guard(file, place, lambda action=action: check_action(action))  # type: ignore[misc]
        if action.on and not linked:
            problems.add(file, f"{place}.on", "config_action_on", on=action.on)
        for code, args in _wrong_names(action, kinds, known):
            problems.add(file, place, code, **args)


def _wrong_names(
    action: RuleAction, kinds: Mapping[str, FieldKind], known: Known
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in action.arguments.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if name in _KINDS and isinstance(one, str) and one != "app" and not known(_KINDS[name], one):
                yield "config_action_unknown", {"action": action.kind, "argument": name, "value": one}
        if name in ("text", "note") and isinstance(value, str):
            for placeholder in sorted(placeholders_of([value]) - set(PLACEHOLDERS)):
                yield (
                    "config_placeholder",
                    {
                        "placeholder": placeholder,
                        "known": ", ".join(PLACEHOLDERS),
                    },
                )
    if action.kind == "start_flow":
        yield "config_action_no_flow", {}  # a flow begins with its scenario's ticket, and is no command
    field = action.arguments.get("field")
    if action.kind == "set_field" and isinstance(field, str):
        form = field.startswith("fields.") and field in kinds
        if not form and field not in COLUMNS:
            yield "config_action_field", {"field": field, "known": ", ".join(sorted(COLUMNS))}


def trigger_file(trigger: Trigger, naming: Naming, when: When) -> dict[str, Any]:
    """A trigger as its file says it."""
    return _plain(
        TriggerShape(
            name=trigger.name,
            events=trigger.events,
            when=when,
            actions=_actions(trigger.actions, naming),
            oldest=notation.write_length(trigger.oldest_s),
            active=trigger.active,
        )
    )


def automation_file(automation: Automation, naming: Naming, when: When) -> dict[str, Any]:
    """An automation as its file says it."""
    return _plain(
        AutomationShape(
            name=automation.name,
            when=when,
            actions=_actions(automation.actions, naming),
            every=notation.write_length(automation.every_s),
            calendar=automation.calendar,
            active=automation.active,
        )
    )


def macro_file(macro: Macro, naming: Naming) -> dict[str, Any]:
    """A macro as its file says it."""
    return _plain(
        MacroShape(
            name=macro.name,
            line=macro.line,
            team=macro.team,
            actions=_actions(macro.actions, naming),
            reply=macro.reply,
            internal=macro.internal,
        )
    )


def _actions(actions: Iterable[RuleAction], naming: Naming) -> tuple[RuleActionShape, ...]:
    return tuple(
        RuleActionShape(
            kind=one.kind, on=one.on, arguments=renamed(one.kind, one.arguments, naming.unit, naming.person)
        )
        for one in actions
    )


def _plain(shape: Shape) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(shape)
    return found
