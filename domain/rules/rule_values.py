"""A ticket as the conditions of triggers and automations see it: values, what changed, ages (RULES §4)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.conditions import FieldKind
from domain.entities.ticket import Entry, Ticket
from domain.rules.business_time import working_ms
from domain.rules.ticket_values import RULE_KINDS, description_of, ticket_values

DERIVED = frozenset({"due_at", "updated_at", "created_at"})
"""Columns whose change is no event."""
WATCHED = tuple(name for name in RULE_KINDS if name not in DERIVED and name != "description")
"""The columns whose change is one; form values are, too."""
AGES = ("created", "updated", "status", "message", "reply", "sent", "due", "task_due")
"""Since when ages count: creation, the last change, status, requester's message, public reply, hand-over; deadlines."""
_AGE_KINDS: Mapping[str, FieldKind] = {f"age.{name}_s": "number" for name in AGES}
_MORE: Mapping[str, FieldKind] = {
    "sla_state": "choice",
    "late": "flag",
    "urges": "number",
    "has_parent": "flag",
    "by": "choice",
    "by_kind": "choice",
}


def rule_kinds(forms: Mapping[str, FieldKind]) -> dict[str, FieldKind]:
    """What conditions of triggers and automations may name, given the ticket's fields and form values."""
    watched = [name for name in forms if name in WATCHED or name.startswith("fields.")]
    return {
        **forms,
        **_AGE_KINDS,
        **_MORE,
        **{f"changed.{name}": "flag" for name in watched},
        **{f"from.{name}": forms[name] for name in watched},
    }


def changed_fields(before: Ticket, after: Ticket) -> tuple[str, ...]:
    """The watched columns and form values that differ."""
    found = [
        name for name in WATCHED if name != "description" and getattr(before, name) != getattr(after, name)
    ]
    keys = sorted(before.fields.keys() | after.fields.keys())
    return (
        *found,
        *(f"fields.{key}" for key in keys if before.fields.get(key) != after.fields.get(key)),
    )


def rule_values(
    ticket: Ticket,
    timeline: Sequence[Entry],
    *,
    org_path: Sequence[str],
    category_path: Sequence[str],
    now: Instant,
    before: Ticket | None = None,
    new: Iterable[Entry] = (),
    calendar: Calendar | None = None,
) -> dict[str, Any]:
    """The values of a ticket now, with what changed since `before` and who did it (`new` rows)."""
    base = before or ticket
    values = ticket_values(
        ticket, org_path=org_path, category_path=category_path, description=description_of(timeline)
    )
    changed = frozenset(changed_fields(base, ticket))
    for name in WATCHED:
        values[f"changed.{name}"] = name in changed
        values[f"from.{name}"] = getattr(base, name)
    for key in base.fields.keys() | ticket.fields.keys():
        values[f"changed.fields.{key}"] = f"fields.{key}" in changed
        values[f"from.fields.{key}"] = base.fields.get(key)
    by, kind = _by(ticket, new)
    late = ticket.due_at is not None and ticket.sla_state == "running" and now > ticket.due_at
    return {
        **values,
        **ages(ticket, timeline, now, calendar),
        "sla_state": ticket.sla_state,
        "late": late,
        "urges": ticket.urged.count if ticket.urged else 0,
        "has_parent": ticket.parent is not None,
        "by": by,
        "by_kind": kind,
    }


def _by(ticket: Ticket, new: Iterable[Entry]) -> tuple[str | None, str]:
    """Who did the first thing of a change, and as what: requester, agent, or the system."""
    first = next((one for one in new if one.kind not in ("rule", "sla", "policy")), None)
    if first is None:
        return None, "system"
    asked = first.kind == "message" or (first.kind == "created" and ticket.requester == "customer")
    if asked or (first.person and first.person == ticket.creator and ticket.requester == "colleague"):
        return first.person, "requester"
    return first.person, "agent" if first.person else "system"


def ages(
    ticket: Ticket, timeline: Iterable[Entry], now: Instant, calendar: Calendar | None = None
) -> dict[str, Any]:
    """Seconds since each of `AGES`, in working time where there is a calendar; None where it never was.

    `age.due_s` and `age.task_due_s` are negative before the deadline.
    """
    last: dict[str, Instant] = {"status": ticket.created_at}
    for entry in timeline:
        if entry.kind in ("status", "message", "reply"):
            last[entry.kind] = max(last.get(entry.kind, 0), entry.at)
    since: dict[str, Instant | None] = {
        "created": ticket.created_at,
        "updated": ticket.updated_at,
        "status": last["status"],
        "message": last.get("message", ticket.created_at if ticket.requester else None),
        "reply": last.get("reply"),
        "sent": ticket.sent_at,
        "due": ticket.due_at if ticket.sla_state == "running" else None,
        "task_due": ticket.task_due_at,
    }
    return {
        f"age.{name}_s": None if at is None else working_ms(calendar, at, now) // 1000
        for name, at in since.items()
    }
