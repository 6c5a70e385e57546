"""A ticket as conditions see it: plain values by field name (policies, routing, views)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.entities.conditions import FieldKind
from domain.entities.ticket import Entry, Ticket

FIELD_KINDS: Mapping[str, FieldKind] = {
    "type": "choice",
    "status": "choice",
    "priority": "choice",
    "category": "unit",
    "template": "choice",
    "org": "unit",
    "line": "choice",
    "team": "choice",
    "assignee": "choice",
    "creator": "choice",
    "requester": "choice",
    "channel": "choice",
    "subject": "text",
    "tags": "list",
    "cc": "list",
    "created_at": "date",
    "updated_at": "date",
    "due_at": "date",
    "tier": "choice",
    "customer": "choice",
    "order_no": "text",
    "task_due_at": "date",
    "parent": "choice",
    "node": "choice",
}
"""The columns conditions may name; form values are named `fields.KEY`."""

FORM_KINDS: Mapping[str, FieldKind] = {
    "number": "number",
    "money": "number",
    "date": "date",
    "bool": "flag",
    "select": "choice",
    "multi_select": "list",
}
"""What conditions take the value of a form's field for, by its kind; others are text."""

RULE_KINDS: Mapping[str, FieldKind] = {**FIELD_KINDS, "description": "text"}
"""What the conditions of rules may name; the description stands in the timeline, where lists don't look."""


def description_of(timeline: Iterable[Entry]) -> str:
    """What was written when the ticket was made; empty where it was erased."""
    return next((entry.body or "" for entry in timeline if entry.kind == "created"), "")


def ticket_values(
    ticket: Ticket, *, org_path: Sequence[str], category_path: Sequence[str], description: str | None = None
) -> dict[str, Any]:
    """The values of a ticket; the paths run from the root down. The description stands in its timeline."""
    values: dict[str, Any] = {name: getattr(ticket, name) for name in FIELD_KINDS}
    values["description"] = description
    values["org_path"] = org_path
    values["category_path"] = category_path
    values.update({f"fields.{key}": value for key, value in ticket.fields.items()})
    return values
