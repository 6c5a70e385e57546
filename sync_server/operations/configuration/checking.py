"""What only shows across files: names that lead nowhere, forms that can't be filled in."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from domain.entities.conditions import Conditions, FieldKind
from domain.entities.configuration import Configuration
from domain.entities.forms import FormField, Template, TextModule
from domain.entities.people import CLASS_BIT
from domain.rules.conditions import check
from domain.rules.routing import how_of
from domain.rules.ticket_values import FORM_KINDS, RULE_KINDS
from sync_server.operations.configuration.building import Wanted
from sync_server.operations.configuration.flows import check_flow, check_gate
from sync_server.operations.configuration.lost_fields import check_lost_fields
from sync_server.operations.configuration.notices import RULES, check_notices
from sync_server.operations.configuration.reading import GRANTS, Problems
from sync_server.operations.configuration.rules import check_rules
from sync_server.operations.configuration.views import check_views


class Known:
    """Which ids there are once the files are applied: theirs, else those in force."""

    def __init__(self, wanted: Wanted, present: Configuration) -> None:
        kept: dict[str, Any] = {
            "line": present.lines,
            "team": present.teams,
            "category": present.categories,
            "calendar": present.calendars,
            "text_module": present.text_modules,
            "macro": present.macros,
            "notice_channel": present.channels,
            "notice_template": present.notice_templates,
            "template": {template.id: template for template in present.templates.values()},
        }
        self._ids = {kind: wanted.named.get(kind, set(kept[kind])) for kind in kept}
        self._templates = wanted.kinds.get("template", kept["template"])

    def __call__(self, kind: str, id: str) -> bool:
        return id in self._ids[kind]

    def form_fields(self) -> dict[str, FieldKind]:
        """What conditions on tickets may name: columns, and the values of all forms."""
        fields = dict(RULE_KINDS)
        for template in self._templates.values():
            for field in template.fields:
                fields[f"fields.{field.key}"] = FORM_KINDS.get(field.kind, "text")
        return fields


def check_all(wanted: Wanted, present: Configuration, problems: Problems) -> None:
    """Find every name that leads nowhere and every form that can't work."""
    known = Known(wanted, present)
    on_tickets = known.form_fields()
    for id, policy in wanted.kinds.get("policy", {}).items():
        if policy.calendar is not None and not known("calendar", policy.calendar):
            problems.add("policies.json", id, "config_unknown_calendar", calendar=policy.calendar)
        _conditions("policies.json", id, policy.conditions, on_tickets, problems)
    for id, rule in wanted.kinds.get("routing", {}).items():
        if rule.team is not None and not known("team", rule.team):
            problems.add("routing.json", id, "config_unknown_team", team=rule.team)
        if how_of(rule) == "direct" and not rule.assignee:
            problems.add("routing.json", id, "config_routing_nobody", how="direct", needs="assignee")
        if how_of(rule) in ("round_robin", "least_loaded") and not rule.team:
            problems.add("routing.json", id, "config_routing_nobody", how=rule.how, needs="team")
        _conditions("routing.json", id, rule.conditions, on_tickets, problems)
    for id, roster in wanted.kinds.get("roster", {}).items():
        if roster.calendar and not known("calendar", roster.calendar):
            problems.add("rosters.json", id, "config_unknown_calendar", calendar=roster.calendar)
    for id, urging in wanted.kinds.get("urging", {}).items():
        if urging.calendar and not known("calendar", urging.calendar):
            problems.add("urging.json", id, "config_unknown_calendar", calendar=urging.calendar)
        if urging.line and not known("line", urging.line):
            problems.add("urging.json", id, "config_unknown_line", line=urging.line)
    _text_modules(wanted.kinds.get("text_module", {}), known, problems)
    check_views(wanted.kinds.get("view", {}), on_tickets, known, problems)
    for template in wanted.kinds.get("template", {}).values():
        _template(template, known, problems)
    for gate in wanted.kinds.get("gate", {}).values():
        check_gate(gate, on_tickets, known, problems)
    rules = wanted.kinds.get("notice_rule", {one.id: one for one in present.notice_rules})
    check_notices(
        wanted.kinds.get("notice_channel", present.channels),
        wanted.kinds.get("notice_template", present.notice_templates),
        rules,
        problems,
    )
    for id, rule in rules.items():
        _conditions(f"{RULES}.json", id, rule.conditions, on_tickets, problems)
    check_rules(wanted.kinds, on_tickets, known, problems)
    check_lost_fields(wanted.kinds, present, Known(Wanted(), present).form_fields(), on_tickets, problems)
    for granted in wanted.grants.values():
        for grant in granted:
            if grant.line and not known("line", grant.line):
                problems.add(f"{GRANTS}.json", "", "config_unknown_line", line=grant.line)


def _text_modules(modules: Mapping[str, TextModule], known: Known, problems: Problems) -> None:
    for id, module in modules.items():
        if module.category and not known("category", module.category):
            problems.add("text_modules.json", id, "config_unknown_category", category=module.category)
        if module.line and not known("line", module.line):
            problems.add("text_modules.json", id, "config_unknown_line", line=module.line)


def _conditions(
    file: str, place: str, conditions: Conditions, fields: Mapping[str, FieldKind], problems: Problems
) -> None:
    for problem in check(conditions, fields):
        problems.add(file, f"{place}.when.{problem.place}", problem.code, **problem.args)


def _template(template: Template, known: Known, problems: Problems) -> None:
    file = f"templates/{template.id}.json"
    if template.line and not known("line", template.line):
        problems.add(file, "line", "config_unknown_line", line=template.line)
    for category in template.frequent_categories:
        if not known("category", category):
            problems.add(file, "frequent_categories", "config_unknown_category", category=category)
    for module in template.text_modules:
        if not known("text_module", module):
            problems.add(file, "text_modules", "config_unknown_text_module", text_module=module)
    counted = Counter(field.key for field in template.fields)
    for key, times in counted.items():
        if times > 1:
            problems.add(file, "fields", "config_field_twice", key=key)
    kinds = {field.key: FORM_KINDS.get(field.kind, "text") for field in template.fields}
    for index, field in enumerate(template.fields):
        _field(file, f"fields[{index}]", field, kinds, problems)
    check_flow(template, kinds, known, problems)


def _field(
    file: str, place: str, field: FormField, kinds: Mapping[str, FieldKind], problems: Problems
) -> None:
    chosen = field.kind in ("select", "multi_select")
    if chosen != bool(field.options):
        problems.add(file, place, "config_options", key=field.key, kind=field.kind)
    if field.pattern:
        try:
            re.compile(field.pattern)
        except re.error as error:
            problems.add(file, place, "config_pattern", key=field.key, reason=str(error))
    if CLASS_BIT[field.field_class] == CLASS_BIT["sensitive"] and not field.personal:
        # Only personal values stand apart from the ticket's row, which everyone with a part in it reads.
        problems.add(file, place, "config_sensitive_not_personal", key=field.key)
    if field.when is not None:
        _conditions(file, place, field.when, kinds, problems)
