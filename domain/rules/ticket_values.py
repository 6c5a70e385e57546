"""A ticket as conditions see it: plain values by field name (policies, routing, views)."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.entities.conditions import FieldKind
from domain.entities.ticket import Ticket

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


def ticket_values(ticket: Ticket, *, org_path: Sequence[str], category_path: Sequence[str]) -> dict[str, Any]:
    """The values of a ticket; the paths run from the root down."""
    values: dict[str, Any] = {name: getattr(ticket, name) for name in FIELD_KINDS}
    values["org_path"] = org_path
    values["category_path"] = category_path
    values.update({f"fields.{key}": value for key, value in ticket.fields.items()})
    return values
