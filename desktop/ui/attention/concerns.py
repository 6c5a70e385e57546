"""What needs attention with all it takes to show it, read from the replica in one go."""

from collections.abc import Iterable
from typing import Any

from desktop.replica import rows
from desktop.replica.engine import Replica
from desktop.replica.queries import attention, config
from desktop.replica.queries.attention import AttentionItem
from domain.entities.base import Entity, Instant
from domain.entities.forms import FormField, Template
from domain.entities.ticket import Entry
from domain.rules.forms import field_of
from domain.wire.commands import CREATING

ABSENT: Any = object()


class Difference(Entity):
    """One value that two people changed apart: the server's stands, the person's is kept."""

    key: str
    field: FormField | None
    theirs: Any
    mine: Any
    person: str | None = None  # who set the server's value, and when, where the timeline tells
    at: Instant = 0


class Concern(Entity):
    """One conflict or refusal; `template` is that of its ticket, where it is known."""

    item: AttentionItem
    template: Template | None = None
    values: dict[str, Any] = {}  # of the ticket's form, as it is now
    differences: tuple[Difference, ...] = ()

    @property
    def conflict(self) -> bool:
        """Whether two values stand against each other."""
        return self.item.kind == "conflict"


def load(replica: Replica) -> list[Concern]:
    """Everything open, newest first; for a worker's thread."""
    with replica.read() as conn:
        found = []
        for item in attention.items(conn):
            ticket = rows.load_ticket(conn, item.ticket)
            made = item.command.set if item.command.kind in CREATING else {}
            named = (
                (ticket.template, ticket.template_version)
                if ticket is not None
                else (str(made.get("template", "")), int(made.get("template_version", 0)))
            )
            template = config.template(conn, *named) if named[0] else None
            entries = rows.load_entries(conn, item.ticket) if item.kind == "conflict" else []
            found.append(
                Concern(
                    item=item,
                    template=template,
                    values=ticket.fields if ticket is not None else {},
                    differences=_differences(item, template, entries),
                )
            )
        return found


def _differences(
    item: AttentionItem, template: Template | None, entries: Iterable[Entry]
) -> tuple[Difference, ...]:
    if item.kind != "conflict":
        return ()
    timeline = sorted(entries, key=lambda entry: entry.at, reverse=True)
    made = []
    for key, values in item.detail.items():
        theirs = values.get("theirs")
        cause = next((entry for entry in timeline if entry.rev and _sets(entry, key, theirs)), None)
        made.append(
            Difference(
                key=key,
                field=field_of(template, key),
                theirs=theirs,
                mine=values.get("mine"),
                person=cause.person if cause else None,
                at=cause.at if cause else 0,
            )
        )
    return tuple(made)


def _sets(entry: Entry, key: str, value: Any) -> bool:
    """Whether a row of the timeline set a key to a value."""
    detail = entry.detail
    if entry.kind in ("priority", "status"):
        return entry.kind == key and detail.get("to") == value
    if entry.kind == "taken":
        return key == "assignee" and entry.person == value
    if entry.kind in ("assigned", "transferred"):
        after = detail.get("to")
        return isinstance(after, dict) and after.get(key, ABSENT) == value
    told = detail.get(key)
    return isinstance(told, dict) and told.get("to", ABSENT) == value
