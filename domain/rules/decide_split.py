"""Deciding splits: chosen messages become a ticket of their own (RULES §8)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.entities.links import Link
from domain.entities.people import CLASS_BIT, HANDLE
from domain.entities.ticket import Changes, Entry, PersonalValue
from domain.rules.decide_create import create
from domain.rules.decide_text import touched
from domain.rules.decide_together import with_link
from domain.rules.facts import Facts, Other, Refusal, Rows, other_rows, the_other
from domain.wire.commands import Command, SplitTicket
from domain.wire.intent import Intent

SPLIT_KINDS = frozenset({"created", "message", "reply", "note"})
"""Rows that say something; a ticket's description stands in the first."""
_BECOMES = {"created": "message"}


def split(facts: Facts, command: Command, intent: Intent) -> Changes:
    """The new ticket with copies of the chosen rows; its clock starts at the first of them, the source names them."""
    assert isinstance(intent, SplitTicket)
    source = the_other(facts, intent.source, kind="split")
    if not facts.optimistic and source.access.level < HANDLE:
        raise Refusal("not_allowed", kind="split")
    chosen = _chosen(facts, source, intent.entries)
    made = create(facts, command, intent)
    first_at = chosen[0].at
    rows = Rows(facts, command, first=len(made.entries))
    copies = [_copied(rows, row, source) for row in chosen]
    created = tuple(msgspec.structs.replace(row, at=min(row.at, first_at)) for row in made.entries[:1])
    ticket = msgspec.structs.replace(
        made.ticket,
        requester=made.ticket.requester if intent.requester is not None else source.ticket.requester,
        customer=made.ticket.customer or source.ticket.customer,
        order_no=made.ticket.order_no or source.ticket.order_no,
        tier=made.ticket.tier or source.ticket.tier,
        created_at=first_at,
        links=(Link(relation="split_from", ticket=source.ticket.id),),
    )
    if ticket.requester and not made.ticket.requester:
        created = tuple(
            msgspec.structs.replace(row, detail={**row.detail, "by": "customer"}) for row in created
        )
    return Changes(
        ticket=ticket,
        entries=(*created, *made.entries[1:], *copies),
        personal=_personal(made.personal, source, ticket.id),
        others=(_pointing(facts, command, source, ticket.id, chosen),),
    )


def _chosen(facts: Facts, source: Other, wanted: Sequence[str]) -> list[Entry]:
    """The rows that go along, oldest first; each has to be the source's, say something, and be seen by the actor."""
    classes = source.access.classes
    fit = {
        row.id: row
        for row in source.timeline
        if row.kind in SPLIT_KINDS
        and (row.body or row.detail.get("attachments"))
        and (facts.optimistic or CLASS_BIT[row.field_class] & classes)
    }
    if not wanted or any(id not in fit for id in wanted):
        raise Refusal("split_entries")
    return sorted((fit[id] for id in set(wanted)), key=lambda row: (row.at, row.id))


def _copied(rows: Rows, row: Entry, source: Other) -> Entry:
    """The row on the new ticket: its time and its author stay what they were."""
    detail: dict[str, Any] = {"of": {"ticket": source.ticket.id, "entry": row.id}}
    for key in ("attachments", "by", "channel"):
        if key in row.detail and (key != "by" or row.kind != "created"):
            detail[key] = row.detail[key]
    kind = _BECOMES.get(row.kind, row.kind)
    rows.add(kind, body=row.body, field_class=row.field_class, detail=detail)
    return msgspec.structs.replace(rows.entries[-1], at=row.at, person=row.person)


def _personal(own: Sequence[PersonalValue], source: Other, ticket: str) -> tuple[PersonalValue, ...]:
    """Whose matter it is, copied; what was entered anew counts."""
    given = {value.key for value in own}
    copied = (
        msgspec.structs.replace(value, ticket=ticket, rev=0)
        for key, value in sorted(source.personal.items())
        if key not in given and not value.erased
    )
    return (*own, *copied)


def _pointing(facts: Facts, command: Command, source: Other, ticket: str, chosen: Sequence[Entry]) -> Changes:
    """What stays on the source: its rows, and one that says which of them went along."""
    rows = other_rows(facts, command, source.ticket.id)
    rows.add("split", detail={"ticket": ticket, "entries": [row.id for row in chosen]})
    links = with_link(source.ticket.links, "split_into", ticket)
    after = msgspec.structs.replace(touched(source.ticket, facts), links=links)
    return Changes(ticket=after, entries=tuple(rows.entries))
