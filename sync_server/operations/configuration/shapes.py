"""What each file may hold: the structs as an administrator writes them, unknown words refused."""

from typing import Annotated, Any, Literal

import msgspec

from domain.entities.base import Entity
from domain.entities.leases import MOST_DAYS
from domain.entities.routing import How
from domain.entities.sla import ActionKind, Metric
from domain.entities.ticket import FieldClass, Priority, Status, TicketType

LevelName = Literal["see", "create", "handle", "manage", "administer"]
Section = Literal["customer", "request", "completion", "closure"]
FieldKindName = Literal[
    "text",
    "long_text",
    "number",
    "money",
    "date",
    "select",
    "multi_select",
    "bool",
    "phone",
    "store",
    "person",
    "equipment",
    "fault_code",
    "photo",
    "file",
]


class Shape(Entity, forbid_unknown_fields=True):
    """One entry of a file."""


class When(Shape):
    """Conditions: every one of `all` and, if there are any, at least one of `any`."""

    all: tuple[list[Any], ...] = ()
    any: tuple[list[Any], ...] = ()


class LineShape(Shape):
    """lines.json: id → a business line."""

    name: str


class TeamShape(Shape):
    """teams.json: id → a team; the unit by its code, people by their logins."""

    name: str
    unit: str
    members: tuple[str, ...] = ()
    lead: str = ""


class CategoryShape(Shape):
    """categories.json: id → a category with those below it, four levels at most."""

    name: str
    children: dict[str, Any] = {}


class CalendarShape(Shape):
    """calendars.json: id → weekly hours (`mon`: ["09:00-18:00"]), holidays, and workdays made up for."""

    name: str = ""
    timezone: str = "Asia/Shanghai"
    weekly: dict[str, tuple[str, ...]]
    holidays: tuple[str, ...] = ()
    extra_workdays: dict[str, tuple[str, ...]] = {}


class ActionShape(Shape):
    """What a step does, with its arguments."""

    kind: ActionKind
    arguments: dict[str, Any] = {}


class StepShape(Shape):
    """Where a step stands (`30 minutes before`, `80%`) and what it does."""

    metric: Metric
    at: str
    actions: tuple[ActionShape, ...] = ()


class SoonShape(Shape):
    """When a deadline counts as near."""

    percent: int = 25
    left: str = "20 minutes"


class PolicyShape(Shape):
    """policies.json: id → a policy, in the order in which they are tried; no calendar is round the clock."""

    name: str
    calendar: str | None = None
    when: When = When()
    targets: dict[Priority, dict[Metric, str]]
    pause_in: dict[Metric, tuple[Status, ...]] | None = None  # none: resolution while pending or on hold
    soon: SoonShape = SoonShape()
    steps: tuple[StepShape, ...] = ()


class RoutingShape(Shape):
    """routing.json: id → a rule, in the order in which they are tried; stays on the server."""

    name: str
    when: When = When()
    team: str | None = None
    assignee: str | None = None
    org: str | None = None
    priority: Priority | None = None
    cc: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    how: How = ""
    skills: tuple[str, ...] = ()
    relax_after: str = ""  # from when on skills are not needed; empty: they stay needed


class TextModuleShape(Shape):
    """text_modules.json: id → a prepared text for everybody."""

    name: str
    body: str
    use: Literal["description", "reply"] = "description"
    category: str = ""
    line: str = ""


class LeaseShape(Shape):
    """leases.json: role, or `default` → for how long its devices may read without the server, in days."""

    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)]
    warn_days: Annotated[int, msgspec.Meta(ge=0, le=MOST_DAYS)] = 3


class GrantShape(Shape):
    """grants.json: login → what that person is granted; no line is every line."""

    role: str
    unit: str
    line: str = ""
    level: LevelName
    classes: tuple[FieldClass, ...] = ("ordinary",)


class FieldShape(Shape):
    """One field of a form; `options` is value → label."""

    key: str
    label: str
    kind: FieldKindName = "text"
    section: Section = "request"
    required: bool = False
    required_at: Literal["create", "resolve"] = "create"
    options: dict[str, str] = {}
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    hint: str = ""
    default: Any = None
    personal: bool = False
    field_class: FieldClass = msgspec.field(default="ordinary", name="class")
    when: When | None = None


class TemplateShape(Shape):
    """templates/ID.json: a scenario with its form."""

    name: str
    description: str = ""
    icon: str = "storefront"
    position: int = 0
    line: str = ""
    type: TicketType = "incident"
    priority: Priority = "normal"
    category_required_at: Literal["create", "resolve", "never"] = "create"
    frequent_categories: tuple[str, ...] = ()
    requester: Literal["customer", "colleague", ""] = "customer"
    text_modules: tuple[str, ...] = ()
    fields: tuple[FieldShape, ...] = ()
