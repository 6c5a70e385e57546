"""All configuration that rules read, as both ends hold it in memory."""

from collections.abc import Mapping

from domain.entities.base import Entity
from domain.entities.calendars import Calendar
from domain.entities.equipment import EquipmentModel
from domain.entities.flow import Gate
from domain.entities.forms import Category, Template, TextModule
from domain.entities.leases import LeasePolicy
from domain.entities.notices import Channel, NoticeRule, NoticeTemplate
from domain.entities.org import BusinessLine, Team
from domain.entities.routing import Roster, RoutingRule
from domain.entities.rules import Automation, Macro, Trigger
from domain.entities.sla import Policy
from domain.entities.urging import Urging
from domain.entities.views import View


class Configuration(Entity):
    """What the administrator has set; templates, policies and calendars in every published version."""

    lines: Mapping[str, BusinessLine] = {}
    teams: Mapping[str, Team] = {}
    categories: Mapping[str, Category] = {}
    templates: Mapping[tuple[str, int], Template] = {}
    policies: tuple[Policy, ...] = ()  # current versions, in order
    calendars: Mapping[str, Calendar] = {}  # current versions
    routing: tuple[RoutingRule, ...] = ()  # in order; empty on a replica
    urging: tuple[Urging, ...] = ()
    rosters: Mapping[str, Roster] = {}  # by person; empty on a replica
    equipment: Mapping[str, EquipmentModel] = {}
    text_modules: Mapping[str, TextModule] = {}
    gates: tuple[Gate, ...] = ()  # in order
    views: tuple[View, ...] = ()  # in order
    triggers: tuple[Trigger, ...] = ()  # in order; empty on a replica
    automations: tuple[Automation, ...] = ()  # in order; empty on a replica
    macros: Mapping[str, Macro] = {}
    leases: Mapping[str, LeasePolicy] = {}  # by role; empty on a replica
    channels: Mapping[str, Channel] = {}  # empty on a replica
    notice_templates: Mapping[str, NoticeTemplate] = {}
    notice_rules: tuple[NoticeRule, ...] = ()  # in order; empty on a replica

    def template(self, id: str, version: int) -> Template | None:
        """The template in exactly that version."""
        return self.templates.get((id, version))

    def category_path(self, id: str | None) -> tuple[str, ...]:
        """A category's id with those above it, from the root down; empty for none."""
        path: list[str] = []
        while id and id in self.categories and id not in path:
            path.insert(0, id)
            id = self.categories[id].parent
        return tuple(path)
