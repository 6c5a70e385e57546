"""Shapes to entities: names of units and people become ids, texts become durations and hours."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from domain.entities.base import Entity
from domain.entities.calendars import Calendar, Period
from domain.entities.conditions import Conditions
from domain.entities.forms import Category, FormField, Option, Template, TextModule
from domain.entities.leases import LeasePolicy
from domain.entities.org import BusinessLine, Team
from domain.entities.people import CLASS_BIT, LEVELS, Grant
from domain.entities.routing import RoutingRule
from domain.entities.sla import Action, Policy, Soon, Step
from domain.errors import InvalidInputError
from domain.rules.calendar_text import WEEKDAYS
from sync_server.operations.configuration import (
    desk_shapes,
    flow_shapes,
    flows,
    notation,
    notice_shapes,
    notices,
    rule_shapes,
    rules,
    shapes,
)
from sync_server.operations.configuration.reading import GRANTS, Folder, Problems, converted
from sync_server.operations.configuration.view_shapes import ViewShape
from sync_server.operations.configuration.views import build_view

DEEPEST_CATEGORY = 4
PERSON_FIELDS = frozenset({"assignee", "creator", "cc", "by"})


class Names(Entity):
    """What files call things: units by code, people by login."""

    units: Mapping[str, str]
    people: Mapping[str, str]

    def unit(self, code: str) -> str:
        """A unit's id."""
        if code not in self.units:
            raise InvalidInputError("config_unknown_unit", unit=code)
        return self.units[code]

    def person(self, login: str) -> str:
        """A person's id."""
        if login not in self.people:
            raise InvalidInputError("config_unknown_person", login=login)
        return self.people[login]


class Wanted(Entity):
    """The configuration as the files want it, by kind and id; grants by person."""

    kinds: dict[str, dict[str, Any]] = {}
    named: dict[str, set[str]] = {}  # ids by kind, those too whose entry is wrong
    grants: dict[str, list[Grant]] = {}


def build(folder: Folder, names: Names, problems: Problems) -> Wanted:
    """Build every entity that can be built; what can't is a problem."""
    kinds: dict[str, dict[str, Any]] = {}
    for noun, (kind, builder) in _BUILDERS.items():
        if noun in folder.nouns:
            kinds[kind] = {}
            for position, (id, shape) in enumerate(folder.nouns[noun].items()):
                one = problems.guard(
                    f"{noun}.json",
                    id,
                    lambda id=id, shape=shape, at=position, build=builder: build(id, shape, at, names),  # type: ignore[misc]
                )
                if one is not None:
                    kinds[kind][getattr(one, "id", id)] = one  # a roster has the id of its person
    if "categories" in folder.nouns:
        kinds["category"] = {}
        _categories(folder.nouns["categories"], "", (), kinds["category"], problems)
    if folder.templates is not None:
        kinds["template"] = {}
        for id, template in folder.templates.items():
            one = problems.guard(
                f"templates/{id}.json",
                "",
                lambda id=id, template=template: _template(id, template, names),  # type: ignore[misc]
            )
            if one is not None:
                kinds["template"][id] = one
    named = {kind: folder.named.get(noun, set()) for noun, (kind, _) in _BUILDERS.items() if kind in kinds}
    if "category" in kinds:
        named["category"] = folder.named["categories"]
    return Wanted(kinds=kinds, named=named, grants=_grants(folder, names, problems))


def conditions(when: shapes.When, names: Names) -> Conditions:
    """Conditions with the ids of the units and people they name."""
    groups = {}
    for name, group in (("all", when.all), ("any", when.any)):
        read = [notation.read_condition(one) for one in group]
        groups[name] = tuple(_identified(one, names) for one in read)
    return Conditions(**groups)


def _identified(condition: Any, names: Names) -> Any:
    lookup: Callable[[str], str] | None = None
    field = condition.field.removeprefix("from.")
    if field == "org":
        lookup = names.unit
    elif field in PERSON_FIELDS:
        lookup = names.person
    value = condition.value
    if lookup is None or value is None:
        return condition
    found: Any = [lookup(str(one)) for one in value] if isinstance(value, list) else lookup(str(value))
    return type(condition)(field=condition.field, op=condition.op, value=found)


def _line(id: str, shape: shapes.LineShape, _at: int, _names: Names) -> BusinessLine:
    return BusinessLine(id=id, name=shape.name)


def _team(id: str, shape: shapes.TeamShape, _at: int, names: Names) -> Team:
    return Team(
        id=id,
        name=shape.name,
        unit=names.unit(shape.unit),
        members=tuple(names.person(login) for login in shape.members),
        lead=names.person(shape.lead) if shape.lead else "",
    )


def _calendar(id: str, shape: shapes.CalendarShape, _at: int, _names: Names) -> Calendar:
    days: list[list[Period]] = [[] for _ in WEEKDAYS]
    for name, periods in shape.weekly.items():
        if name not in WEEKDAYS:
            raise InvalidInputError("config_weekday", day=name, known=", ".join(WEEKDAYS))
        index = WEEKDAYS.index(name)
        for text in periods:
            today, tomorrow = notation.read_period(text)
            days[index].append(today)
            if tomorrow is not None:
                days[(index + 1) % 7].append(tomorrow)
    extra: dict[date, list[Period]] = {}
    for name, periods in shape.extra_workdays.items():
        day = _date(name)
        for text in periods:
            today, tomorrow = notation.read_period(text)
            extra.setdefault(day, []).append(today)
            if tomorrow is not None:
                extra.setdefault(day + timedelta(days=1), []).append(tomorrow)
    return Calendar(
        id=id,
        name=shape.name,
        zone=shape.timezone,
        weekly=tuple(tuple(sorted(periods)) for periods in days),
        holidays=tuple(sorted({_date(text) for text in shape.holidays})),
        extra_workdays={day: tuple(sorted(extra[day])) for day in sorted(extra)},
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError("config_date", text=text) from None


def _policy(id: str, shape: shapes.PolicyShape, at: int, names: Names) -> Policy:
    targets: Any = {
        priority: {metric: notation.read_target(text) for metric, text in metrics.items()}
        for priority, metrics in shape.targets.items()
    }
    steps = tuple(
        Step(
            metric=step.metric,
            actions=tuple(Action(kind=one.kind, arguments=one.arguments) for one in step.actions),
            **notation.read_step(step.at),
        )
        for step in shape.steps
    )
    return Policy(
        id=id,
        name=shape.name,
        position=at,
        conditions=conditions(shape.when, names),
        calendar=shape.calendar,
        targets=targets,
        pause_in=Policy(id="").pause_in if shape.pause_in is None else dict(shape.pause_in),
        steps=steps,
        soon=Soon(percent=shape.soon.percent, left_s=notation.read_length(shape.soon.left)),
    )


def _routing(id: str, shape: shapes.RoutingShape, at: int, names: Names) -> RoutingRule:
    return RoutingRule(
        id=id,
        name=shape.name,
        position=at,
        conditions=conditions(shape.when, names),
        team=shape.team,
        assignee=names.person(shape.assignee) if shape.assignee else None,
        org=names.unit(shape.org) if shape.org else None,
        priority=shape.priority,
        cc=tuple(names.person(login) for login in shape.cc),
        tags=shape.tags,
        how=shape.how,
        skills=shape.skills,
        relax_s=notation.read_length(shape.relax_after) if shape.relax_after else 0,
    )


def _roster(id: str, shape: desk_shapes.RosterShape, _at: int, names: Names) -> Entity:
    return desk_shapes.build_roster(names.person(id), shape)


def _equipment(id: str, shape: desk_shapes.EquipmentShape, _at: int, _names: Names) -> Entity:
    return desk_shapes.build_equipment(id, shape)


def _urging(id: str, shape: desk_shapes.UrgingShape, _at: int, _names: Names) -> Entity:
    return desk_shapes.build_urging(id, shape)


def _text_module(id: str, shape: shapes.TextModuleShape, _at: int, _names: Names) -> TextModule:
    return TextModule(
        id=id, name=shape.name, body=shape.body, use=shape.use, category=shape.category, line=shape.line
    )


def _view(id: str, shape: ViewShape, at: int, names: Names) -> Entity:
    return build_view(id, shape, at, names, conditions)


def _lease(id: str, shape: shapes.LeaseShape, _at: int, _names: Names) -> LeasePolicy:
    return LeasePolicy(id=id, days=shape.days, warn_days=min(shape.warn_days, shape.days))


def _gate(id: str, shape: flow_shapes.GateShape, at: int, names: Names) -> Entity:
    return flows.build_gate(id, shape, at, names, lambda when: conditions(when, names))


def _channel(id: str, shape: notice_shapes.ChannelShape, _at: int, _names: Names) -> Entity:
    return notices.build_channel(id, shape)


def _notice_template(id: str, shape: notice_shapes.NoticeTemplateShape, _at: int, _names: Names) -> Entity:
    return notices.build_template(id, shape)


def _trigger(id: str, shape: rule_shapes.TriggerShape, at: int, names: Names) -> Entity:
    return rules.build_trigger(id, shape, at, names, conditions(shape.when, names))


def _automation(id: str, shape: rule_shapes.AutomationShape, at: int, names: Names) -> Entity:
    return rules.build_automation(id, shape, at, names, conditions(shape.when, names))


def _macro(id: str, shape: rule_shapes.MacroShape, at: int, names: Names) -> Entity:
    return rules.build_macro(id, shape, at, names)


def _notice_rule(id: str, shape: notice_shapes.NoticeRuleShape, at: int, names: Names) -> Entity:
    people = tuple(names.person(login) for login in shape.people)
    return notices.build_rule(id, shape, at, people=people, when=conditions(shape.when, names))


_BUILDERS: Mapping[str, tuple[str, Callable[[str, Any, int, Names], Entity]]] = {
    "lines": ("line", _line),
    "teams": ("team", _team),
    "calendars": ("calendar", _calendar),
    "policies": ("policy", _policy),
    "routing": ("routing", _routing),
    "text_modules": ("text_module", _text_module),
    "views": ("view", _view),
    "triggers": ("trigger", _trigger),
    "automations": ("automation", _automation),
    "macros": ("macro", _macro),
    "leases": ("lease", _lease),
    "gates": ("gate", _gate),
    "rosters": ("roster", _roster),
    "equipment": ("equipment_model", _equipment),
    "urging": ("urging", _urging),
    "channels": ("notice_channel", _channel),
    "notice_templates": ("notice_template", _notice_template),
    "notice_rules": ("notice_rule", _notice_rule),
}

NOUNS: Mapping[str, str] = {"category": "categories", **{kind: noun for noun, (kind, _) in _BUILDERS.items()}}
"""The file, without its ending, that rows of a kind stand in; templates have a file each."""


def _categories(
    children: Mapping[str, Any], parent: str, path: tuple[str, ...], found: dict[str, Any], problems: Problems
) -> None:
    """Flatten the tree; each level is checked as it is reached."""
    file = "categories.json"
    for position, (id, entry) in enumerate(children.items()):
        place = ".".join((*path, id))
        shape = entry if isinstance(entry, shapes.CategoryShape) else _category(file, place, entry, problems)
        if shape is None:
            continue
        if len(path) >= DEEPEST_CATEGORY:
            problems.add(file, place, "config_category_depth", deepest=DEEPEST_CATEGORY)
            continue
        if id in found:
            problems.add(file, place, "config_category_twice", category=id)
            continue
        found[id] = Category(id=id, parent=parent, name=shape.name, position=position)
        _categories(shape.children, id, (*path, id), found, problems)


def _category(file: str, place: str, entry: Any, problems: Problems) -> shapes.CategoryShape | None:
    found: shapes.CategoryShape | None = converted(file, place, entry, shapes.CategoryShape, problems)
    return found


def _template(id: str, shape: flow_shapes.ScenarioShape, names: Names) -> Template:
    special = ("fields", "flow")
    plain = {name: getattr(shape, name) for name in shape.__struct_fields__ if name not in special}
    fields = tuple(_field(one, names) for one in shape.fields)
    flow = None
    if shape.flow is not None:
        options = {one.key: tuple(option.value for option in one.options) for one in fields}
        flow = flows.build_flow(shape.flow, names, lambda when: conditions(when, names), options)
    return Template(id=id, version=1, fields=fields, flow=flow, **plain)


def _field(shape: shapes.FieldShape, names: Names) -> FormField:
    special = ("options", "when")
    plain = {name: getattr(shape, name) for name in shape.__struct_fields__ if name not in special}
    return FormField(
        **plain,
        options=tuple(Option(value=value, label=label) for value, label in shape.options.items()),
        when=conditions(shape.when, names) if shape.when is not None else None,
    )


def _grants(folder: Folder, names: Names, problems: Problems) -> dict[str, list[Grant]]:
    found: dict[str, list[Grant]] = {}
    for login, granted in (folder.grants or {}).items():
        person = problems.guard(f"{GRANTS}.json", login, lambda login=login: names.person(login))  # type: ignore[misc]
        rows = [
            problems.guard(
                f"{GRANTS}.json",
                f"{login}[{index}]",
                lambda shape=shape: grant(shape, names),  # type: ignore[misc]
            )
            for index, shape in enumerate(granted)
        ]
        if person is not None:
            found[person] = [row for row in rows if row is not None]
    return found


def grant(shape: shapes.GrantShape, names: Names) -> Grant:
    """A grant with its level as a number and its classes as bits; its id is given when it is written."""
    bits = 0
    for name in shape.classes:
        bits |= CLASS_BIT[name]
    return Grant(
        id="",
        role=shape.role,
        unit=names.unit(shape.unit),
        line=shape.line,
        level=LEVELS.index(shape.level),
        classes=bits,
    )
