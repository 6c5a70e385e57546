"""A desktop of protocol version 1: what it doesn't know is cut from messages both ways, as its decoder would."""

from functools import cache
from typing import Any

import msgspec

KNOWN: dict[str, tuple[str, ...]] = {
    "Command": ("id", "ticket_id", "kind", "version", "base", "set", "depends_on", "at", "clock"),
    "PushRequest": ("protocol", "device", "push_no", "commands", "withdraw"),
    "PullRequest": ("protocol", "device", "cursor", "scope_version", "limit"),
    "TicketsRequest": ("protocol", "device", "scope_version", "ids"),
    "BackfillRequest": ("protocol", "device", "range", "scope_version", "after", "limit"),
    "Verdict": (
        "id", "status", "duplicate", "seq", "rev", "number", "fields", "code", "message",
    ),
    "PushAnswer": ("verdicts", "head", "server_time"),
    "PullAnswer": (
        "from_cursor", "to_cursor", "head", "more", "scope_version", "scope", "put", "leave", "config",
        "notices", "server_time", "retry_after_ms",
    ),
    "RowsAnswer": (
        "as_of", "epoch", "scope_version", "put", "config", "notices", "gone", "granted", "next", "done",
    ),
    "Put": ("ticket", "since", "access", "entries", "personal"),
    "Entry": (
        "id", "ticket", "rev", "kind", "at", "known_at", "person", "field_class", "body", "detail", "erased",
    ),
    "PersonalValue": ("ticket", "key", "rev", "field_class", "value", "masked", "erased"),
    "Ticket": (
        "id", "rev", "number", "provisional", "type", "status", "priority", "category", "template",
        "template_version", "org", "line", "team", "assignee", "creator", "cc", "tags", "requester", "channel",
        "subject", "fields", "hold_reason", "hold_until", "created_at", "updated_at", "sent_at", "taken_at",
        "resolved_at", "closed_at", "policy", "policy_version", "due_at", "due_metric", "sla_state",
        "sla_remaining_s", "soon_at",
    ),
}  # fmt: skip
"""The fields of each message and row that version 1 had, as released."""


@cache
def _added(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The fields a struct has got since, with what stands for their absence."""
    known = KNOWN.get(kind.__name__, kind.__struct_fields__)
    return {
        field.name: field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        for field in msgspec.structs.fields(kind)
        if field.name not in known
    }


@cache
def _inner(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields that hold other messages or rows."""
    return tuple(
        name
        for name in kind.__struct_fields__
        if name in ("put", "verdicts", "commands", "ticket", "entries", "personal")
    )


def cut(message: Any) -> Any:
    """The message as version 1 would have read it."""
    if isinstance(message, tuple):
        return tuple(map(cut, message))
    if not isinstance(message, msgspec.Struct):
        return message
    kind = type(message)
    changed = dict(_added(kind))
    changed |= {name: cut(getattr(message, name)) for name in _inner(kind)}
    if "protocol" in kind.__struct_fields__:
        changed["protocol"] = 1
    return msgspec.structs.replace(message, **changed) if changed else message
