"""`config export`: what is in force, written as the files that `apply` reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from domain.entities.calendars import Calendar
from domain.entities.conditions import Conditions
from domain.entities.configuration import Configuration
from domain.entities.forms import FormField, Template
from domain.entities.people import CLASS_BIT, LEVELS, Grant
from domain.entities.sla import Policy
from domain.errors import UnavailableError
from domain.rules.calendar_text import WEEKDAYS
from domain.wire.configuration import configuration_of, entity_of
from domain.wire.sync import ConfigRow
from sync_server.operations.configuration import desk_shapes, notation, notices, rules, shapes
from sync_server.operations.configuration.building import PERSON_FIELDS
from sync_server.operations.configuration.flow_shapes import ScenarioShape
from sync_server.operations.configuration.flows import flow_file, gate_file
from sync_server.operations.configuration.reading import GRANTS, TEMPLATES
from sync_server.operations.configuration.views import view_file
from sync_server.operations.tools import Tools
from sync_server.store.configuration_writer import newest_rows
from sync_server.store.organisation_writer import stored_units
from sync_server.store.people_writer import all_grants, people_by_login

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Codes:
    """What files call units and people."""

    def __init__(self, units: Mapping[str, str], people: Mapping[str, str]) -> None:
        self._units, self._people = units, people

    def unit(self, id: str) -> str:
        """A unit's code, or its id where it has none."""
        return self._units.get(id) or id

    def person(self, id: str) -> str:
        """A person's login."""
        return self._people.get(id, id)

    def conditions(self, written: dict[str, list[list[Any]]]) -> dict[str, list[list[Any]]]:
        """Conditions with codes and logins in place of ids."""
        for group in written.values():
            for one in group:
                field = one[0].removeprefix("from.")
                name = self.unit if field == "org" else self.person if field in PERSON_FIELDS else None
                if name is not None and len(one) == 3:
                    one[2] = [name(id) for id in one[2]] if isinstance(one[2], list) else name(one[2])
        return written


def export(tools: Tools, folder: Path) -> list[str]:
    """Write every noun's file; returns their names. Templates that are gone lose their files."""
    with tools.store.read() as conn:
        texts = texts_of(newest_rows(conn), all_grants(conn), codes_of(conn))
    try:
        _write(folder, texts)
    except OSError as error:
        raise UnavailableError("folder_unwritable", folder=str(folder), reason=error.strerror or "") from None
    return sorted(texts)


def codes_of(conn: "Connection") -> Codes:
    """What files call the units and people there are."""
    units = {id: unit.code for id, unit in stored_units(conn).items()}
    return Codes(units, {id: login for login, id in people_by_login(conn).items()})


def texts_of(
    rows: Mapping[tuple[str, str], ConfigRow], grants: list[tuple[str, Grant]], codes: Codes
) -> dict[str, Any]:
    """What each file says of a configuration, by the file's name."""
    present = {key: entity_of(row) for key, row in rows.items() if not row.deleted}
    texts = {
        f"{noun}.json": value
        for noun, value in _nouns(configuration_of(rows.values()), present, codes).items()
    }
    texts[f"{GRANTS}.json"] = _grants(grants, codes)
    for (kind, id), one in sorted(present.items()):
        if kind == "template":
            texts[f"{TEMPLATES}/{id}.json"] = _template(one, codes)
    return texts


def _write(folder: Path, texts: Mapping[str, Any]) -> None:
    (folder / TEMPLATES).mkdir(parents=True, exist_ok=True)
    for name, value in texts.items():
        (folder / name).write_text(notation.write_json(value), encoding="utf-8", newline="\n")
    for file in (folder / TEMPLATES).glob("*.json"):
        if f"{TEMPLATES}/{file.name}" not in texts:
            file.unlink()


def _nouns(
    configuration: Configuration, present: Mapping[tuple[str, str], Any], codes: Codes
) -> dict[str, Any]:
    modules = {id: one for id, one in sorted(configuration.text_modules.items()) if not one.owner}
    return {
        "lines": {id: {"name": one.name} for id, one in sorted(configuration.lines.items())},
        "teams": {id: _team(one, codes) for id, one in sorted(configuration.teams.items())},
        "categories": _categories(configuration, ""),
        "calendars": {id: _calendar(one) for id, one in sorted(configuration.calendars.items())},
        "policies": {one.id: _policy(one, codes) for one in configuration.policies},
        "routing": {one.id: _routing(one, codes) for one in configuration.routing},
        "text_modules": {
            id: _plain(
                shapes.TextModuleShape(
                    name=m.name, body=m.body, use=_any(m.use), category=m.category, line=m.line
                )
            )
            for id, m in modules.items()
        },
        "views": {one.id: view_file(one, codes, _when(one.conditions, codes)) for one in configuration.views},
        "leases": {
            id: _plain(shapes.LeaseShape(days=one.days, warn_days=one.warn_days))
            for id, one in sorted(configuration.leases.items())
        },
        "rosters": {
            login: _plain(desk_shapes.roster_file(one))
            for login, one in sorted((codes.person(id), one) for id, one in configuration.rosters.items())
        },
        "equipment": {
            id: _plain(desk_shapes.equipment_file(one)) for id, one in sorted(configuration.equipment.items())
        },
        "urging": {one.id: _plain(desk_shapes.urging_file(one)) for one in configuration.urging},
        "gates": {
            one.id: _plain(
                gate_file(one, codes, lambda when: _when(when, codes) if when != Conditions() else None)
            )
            for one in configuration.gates
        },
        "channels": {id: notices.channel_file(one) for id, one in sorted(configuration.channels.items())},
        "notice_templates": {
            id: notices.template_file(one) for id, one in sorted(configuration.notice_templates.items())
        },
        "triggers": {
            one.id: rules.trigger_file(one, codes, _when(one.conditions, codes))
            for one in configuration.triggers
        },
        "automations": {
            one.id: rules.automation_file(one, codes, _when(one.conditions, codes))
            for one in configuration.automations
        },
        "macros": {
            one.id: rules.macro_file(one, codes)
            for one in sorted(configuration.macros.values(), key=lambda one: (one.position, one.id))
        },
        "notice_rules": {
            one.id: notices.rule_file(
                one, people=tuple(codes.person(id) for id in one.people), when=_when(one.conditions, codes)
            )
            for one in configuration.notice_rules
        },
    }


def _any(value: Any) -> Any:
    return value


def _plain(shape: shapes.Shape) -> dict[str, Any]:
    """A shape as JSON objects, without what has its default."""
    found: dict[str, Any] = msgspec.to_builtins(shape)
    return found


def _team(team: Any, codes: Codes) -> dict[str, Any]:
    return _plain(
        shapes.TeamShape(
            name=team.name,
            unit=codes.unit(team.unit),
            members=tuple(codes.person(id) for id in team.members),
            lead=codes.person(team.lead) if team.lead else "",
        )
    )


def _categories(configuration: Configuration, parent: str) -> dict[str, Any]:
    below = sorted(
        (one for one in configuration.categories.values() if one.parent == parent),
        key=lambda one: (one.position, one.id),
    )
    return {
        one.id: _plain(shapes.CategoryShape(name=one.name, children=_categories(configuration, one.id)))
        for one in below
    }


def _calendar(calendar: Calendar) -> dict[str, Any]:
    weekly = {
        name: [notation.write_period(period) for period in periods]
        for name, periods in zip(WEEKDAYS, calendar.weekly, strict=True)
        if periods
    }
    found: dict[str, Any] = {"name": calendar.name, "timezone": calendar.zone, "weekly": weekly}
    if calendar.holidays:
        found["holidays"] = [day.isoformat() for day in calendar.holidays]
    if calendar.extra_workdays:
        found["extra_workdays"] = {
            day.isoformat(): [notation.write_period(period) for period in periods]
            for day, periods in sorted(calendar.extra_workdays.items())
        }
    return found


def _policy(policy: Policy, codes: Codes) -> dict[str, Any]:
    shape = shapes.PolicyShape(
        name=policy.name,
        calendar=policy.calendar,
        when=_when(policy.conditions, codes),
        targets=_any(
            {
                priority: {metric: notation.write_target(target) for metric, target in metrics.items()}
                for priority, metrics in policy.targets.items()
            }
        ),
        pause_in=None if policy.pause_in == Policy(id="").pause_in else _any(dict(policy.pause_in)),
        soon=shapes.SoonShape(percent=policy.soon.percent, left=notation.write_length(policy.soon.left_s)),
        steps=tuple(
            shapes.StepShape(
                metric=step.metric,
                at=notation.write_step(step.offset_s, step.percent),
                actions=tuple(
                    shapes.ActionShape(kind=one.kind, arguments=dict(one.arguments)) for one in step.actions
                ),
            )
            for step in policy.steps
        ),
    )
    return _plain(shape)


def _when(conditions: Any, codes: Codes) -> shapes.When:
    written = codes.conditions(notation.write_conditions(conditions))
    return shapes.When(all=tuple(written.get("all", ())), any=tuple(written.get("any", ())))


def _routing(rule: Any, codes: Codes) -> dict[str, Any]:
    return _plain(
        shapes.RoutingShape(
            name=rule.name,
            when=_when(rule.conditions, codes),
            team=rule.team,
            assignee=codes.person(rule.assignee) if rule.assignee else None,
            org=codes.unit(rule.org) if rule.org else None,
            priority=rule.priority,
            cc=tuple(codes.person(id) for id in rule.cc),
            tags=rule.tags,
            how=rule.how,
            skills=rule.skills,
            relax_after=notation.write_length(rule.relax_s) if rule.relax_s else "",
        )
    )


def _template(template: Template, codes: Codes) -> dict[str, Any]:
    special = ("fields", "flow")
    names = [name for name in ScenarioShape.__struct_fields__ if name not in special]
    plain: dict[str, Any] = {name: getattr(template, name) for name in names}
    fields = tuple(_field(one, codes) for one in template.fields)
    flow = None
    if template.flow is not None:
        flow = flow_file(
            template.flow, codes, lambda when: _when(when, codes) if when != Conditions() else None
        )
    return _plain(ScenarioShape(**plain, fields=fields, flow=flow))


def _field(field: FormField, codes: Codes) -> shapes.FieldShape:
    special = ("options", "when")
    names = [name for name in shapes.FieldShape.__struct_fields__ if name not in special]
    plain: dict[str, Any] = {name: getattr(field, name) for name in names}
    return shapes.FieldShape(
        **plain,
        options={option.value: option.label for option in field.options},
        when=_when(field.when, codes) if field.when is not None else None,
    )


def _grants(grants: list[tuple[str, Grant]], codes: Codes) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for person, grant in sorted(grants, key=lambda pair: codes.person(pair[0])):
        shape = shapes.GrantShape(
            role=grant.role,
            unit=codes.unit(grant.unit),
            line=grant.line,
            level=_any(LEVELS[grant.level]),
            classes=_any(tuple(name for name, bit in CLASS_BIT.items() if bit & grant.classes)),
        )
        found.setdefault(codes.person(person), []).append(_plain(shape))
    return found
