"""Configuration on the wire: what kinds there are, who may hold them, and how rows become a Configuration."""

from collections.abc import Iterable
from typing import Any

import msgspec

from domain.entities.base import Entity
from domain.entities.calendars import Calendar
from domain.entities.configuration import Configuration
from domain.entities.equipment import EquipmentModel
from domain.entities.flow import Gate
from domain.entities.forms import Category, Template, TextModule
from domain.entities.leases import LeasePolicy
from domain.entities.notices import Channel, NoticeRule, NoticeTemplate
from domain.entities.org import BusinessLine, OrgUnit, Team
from domain.entities.people import Person
from domain.entities.routing import Roster, RoutingRule
from domain.entities.rules import Automation, Macro, Trigger
from domain.entities.sla import Policy
from domain.entities.urging import Urging
from domain.entities.views import View
from domain.wire.sync import ConfigRow

KINDS: dict[str, type[Entity]] = {
    "unit": OrgUnit,
    "person": Person,
    "line": BusinessLine,
    "team": Team,
    "category": Category,
    "template": Template,
    "policy": Policy,
    "calendar": Calendar,
    "text_module": TextModule,
    "gate": Gate,
    "view": View,
    "trigger": Trigger,
    "automation": Automation,
    "macro": Macro,
    "routing": RoutingRule,
    "urging": Urging,
    "roster": Roster,
    "equipment_model": EquipmentModel,
    "lease": LeasePolicy,
    "notice_channel": Channel,
    "notice_template": NoticeTemplate,
    "notice_rule": NoticeRule,
}
SERVER_ONLY = frozenset(
    {"trigger", "automation", "routing", "roster", "lease", "notice_channel", "notice_rule"}
)
DIRECTORY = frozenset({"unit", "person"})
"""Kinds that stand in tables of their own on the server."""

_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(of) for kind, of in KINDS.items()
}


def entity_of(row: ConfigRow) -> Any:
    """Decode the body of a row into the entity of its kind."""
    return _decoders[row.kind].decode(row.body)


def configuration_of(rows: Iterable[ConfigRow]) -> Configuration:
    """Build the configuration from rows of all versions; deleted ones stay only as old template versions."""
    latest: dict[tuple[str, str], ConfigRow] = {}
    templates: dict[tuple[str, int], Template] = {}
    for row in rows:
        if row.kind in DIRECTORY or row.kind not in KINDS:
            continue
        if row.kind == "template":
            templates[row.id, row.version] = entity_of(row)
        known = latest.get((row.kind, row.id))
        if known is None or known.version < row.version:
            latest[row.kind, row.id] = row
    current = {
        kind: [entity_of(r) for (k, _), r in latest.items() if k == kind and not r.deleted] for kind in KINDS
    }
    return Configuration(
        lines={one.id: one for one in current["line"]},
        teams={one.id: one for one in current["team"]},
        categories={one.id: one for one in current["category"]},
        templates=templates,
        policies=tuple(sorted(current["policy"], key=lambda one: (one.position, one.id))),
        calendars={one.id: one for one in current["calendar"]},
        routing=tuple(sorted(current["routing"], key=lambda one: (one.position, one.id))),
        equipment={one.id: one for one in current["equipment_model"]},
        rosters={one.id: one for one in current["roster"]},
        urging=tuple(sorted(current["urging"], key=lambda one: one.id)),
        text_modules={one.id: one for one in current["text_module"]},
        gates=tuple(sorted(current["gate"], key=lambda one: (one.position, one.id))),
        views=tuple(sorted(current["view"], key=lambda one: (one.position, one.id))),
        triggers=tuple(sorted(current["trigger"], key=lambda one: (one.position, one.id))),
        automations=tuple(sorted(current["automation"], key=lambda one: (one.position, one.id))),
        macros={one.id: one for one in current["macro"]},
        leases={one.id: one for one in current["lease"]},
        channels={one.id: one for one in current["notice_channel"]},
        notice_templates={one.id: one for one in current["notice_template"]},
        notice_rules=tuple(sorted(current["notice_rule"], key=lambda one: (one.position, one.id))),
    )
