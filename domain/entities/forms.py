"""Scenario templates: the form of a ticket in four sections, versioned (RULES §6, capabilities B01–B08)."""

from typing import Any

from domain.entities.base import Entity
from domain.entities.conditions import Conditions
from domain.entities.flow import Flow

SECTIONS = ("customer", "request", "completion", "closure")


class Option(Entity):
    """One choice of a select field."""

    value: str
    label: str


class FormField(Entity):
    """One field of a form; `when` shows it only where its conditions hold over the other values."""

    key: str
    label: str
    # text, long_text, number, money, date, select, multi_select, bool, phone, store, person, photo, file
    kind: str = "text"
    section: str = "request"
    required: bool = False
    required_at: str = "create"  # create, resolve
    options: tuple[Option, ...] = ()
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    hint: str = ""
    default: Any = None
    personal: bool = False  # kept as a personal value, apart from the ticket, erasable
    field_class: str = "ordinary"
    when: Conditions | None = None


class Template(Entity):
    """A scenario: its form, what it presets, and the categories it offers first."""

    id: str
    version: int
    name: str
    description: str = ""
    icon: str = "storefront"
    position: int = 0
    line: str = ""
    type: str = "incident"
    priority: str = "normal"
    category_required_at: str = "create"  # create, resolve, never
    frequent_categories: tuple[str, ...] = ()
    fields: tuple[FormField, ...] = ()
    requester: str = "customer"  # who waits for an answer: customer, colleague or nobody
    text_modules: tuple[str, ...] = ()
    flow: Flow | None = None


class Category(Entity):
    """A node of the category tree, four levels at most."""

    id: str
    parent: str = ""
    name: str
    position: int = 0


class TextModule(Entity):
    """A prepared text for descriptions and replies, with placeholders."""

    id: str
    name: str
    body: str
    use: str = "description"  # description, reply
    category: str = ""
    owner: str = ""  # empty for a public one
    line: str = ""  # empty: for every business line
