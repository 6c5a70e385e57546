"""Deciding merges: one ticket becomes a pointer to another, which goes on for both (RULES §8)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from domain.entities.links import Link
from domain.entities.people import MANAGE
from domain.entities.ticket import Changes, Entry, Ticket
from domain.ids import OTHERS_FROM, entry_id
from domain.rules.decide_text import message, reply, said_by_requester, touched
from domain.rules.facts import Facts, Other, Refusal, Rows, held, other_rows, the_other
from domain.rules.inherited_clocks import inherited
from domain.rules.merge import merge_members
from domain.wire.commands import Command, ReceiveMessage, Reply
from domain.wire.intent import Intent
from domain.wire.together_commands import MergeTicket, UnmergeTicket

UNDONE_WITHIN_S = 86_400
"""How long a merge may be undone (RULES §8)."""
_KEPT = ("status", "resolved_at", "closed_at", "hold_reason", "hold_until")


def merge(facts: Facts, command: Command, intent: Intent) -> Changes:
    """The ticket becomes a pointer; the other takes over its watchers, its links and its clocks."""
    assert isinstance(intent, MergeTicket)
    source = held(facts)
    if intent.into == source.id:
        raise Refusal("merge_itself")
    target = _both_managed(facts, intent.into).ticket
    _check_pair(facts, source, target, confirmed=intent.confirmed)
    mark = {"merge": command.id}
    both = _watchers(source) | _watchers(target)
    rows, theirs = Rows(facts, command), other_rows(facts, command, target.id)
    came = sorted(both - _watchers(source))
    before = {key: getattr(source, key) for key in _KEPT}
    rows.add(
        "merged_into",
        detail={**mark, "ticket": target.id, "before": before, "cc": came},
    )
    rows.add("status", detail={**mark, "from": source.status, "to": "closed", "why": "merged"})
    if intent.note.strip():
        rows.add("note", body=intent.note, field_class="internal")
    after = msgspec.structs.replace(
        touched(source, facts),
        status="closed",
        closed_at=facts.at,
        hold_reason=None,
        hold_until=None,
        merged_into=target.id,
        cc=merge_members(source.cc, tuple(came), ()),
        links=with_link(source.links, "merged_into", target.id),
        urged=None,
    )
    return Changes(
        ticket=after, entries=tuple(rows.entries), others=(_taken_over(facts, theirs, mark, source, target),)
    )


def _taken_over(facts: Facts, rows: Rows, mark: dict[str, Any], source: Ticket, target: Ticket) -> Changes:
    """What the merge does to the ticket that goes on: its row is all that its clocks need to know of the other's."""
    came = sorted((_watchers(source) | _watchers(target)) - _watchers(target))
    links = with_link(target.links, "merged_from", source.id)
    for link in source.links:
        if link.ticket != target.id and not link.relation.startswith("merged_"):
            links = with_link(links, link.relation, link.ticket)
    added = [[one.relation, one.ticket] for one in links if one not in target.links]
    adopted = source.parent if target.parent is None and source.parent != target.id else None
    clocks = [msgspec.to_builtins(one) for one in inherited(source, facts.timeline, facts.configuration)]
    rows.add(
        "merged_from",
        detail={
            **mark,
            "ticket": source.id,
            "cc": came,
            "links": added,
            "parent": adopted,
            "policy": source.policy,
            "policy_version": source.policy_version,
            "clocks": clocks,
        },
    )
    after = msgspec.structs.replace(
        touched(target, facts),
        cc=merge_members(target.cc, tuple(came), ()),
        links=links,
        parent=target.parent or adopted,
    )
    return Changes(ticket=after, entries=tuple(rows.entries))


def unmerge(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Within a day the ticket is as it was before; what came to the other since stays there."""
    assert isinstance(intent, UnmergeTicket)
    source = held(facts)
    if source.merged_into is None or source.merged_into != intent.into:
        raise Refusal("not_merged", number=source.number or source.provisional or "")
    other = _both_managed(facts, intent.into)
    merged = _last(facts.timeline, "merged_into", other.ticket.id)
    if merged is None:
        raise Refusal("not_merged", number=source.number or source.provisional or "")
    if facts.at - merged.at > UNDONE_WITHIN_S * 1000:
        raise Refusal("unmerge_too_late")
    mark = {"merge": merged.detail["merge"]}
    before = merged.detail["before"]
    rows, theirs = Rows(facts, command), other_rows(facts, command, other.ticket.id)
    rows.add("unmerged", detail={**mark, "ticket": other.ticket.id})
    rows.add("status", detail={**mark, "from": "closed", "to": before["status"], "why": "unmerged"})
    after = msgspec.structs.replace(
        touched(source, facts),
        **{key: before[key] for key in _KEPT},
        merged_into=None,
        cc=merge_members(source.cc, (), tuple(merged.detail["cc"])),
        links=without_link(source.links, "merged_into", other.ticket.id),
    )
    released = _released(facts, theirs, mark, source, other)
    return Changes(ticket=after, entries=tuple(rows.entries), others=(released,))


def _released(facts: Facts, rows: Rows, mark: dict[str, Any], source: Ticket, other: Other) -> Changes:
    """What undoing does to the ticket that went on: it lets go of what the merge had brought."""
    target, told = other.ticket, _last(other.timeline, "merged_from", source.id)
    rows.add("unmerged_from", detail={**mark, "ticket": source.id})
    after = touched(target, facts)
    if told is not None:
        brought = {(relation, ticket) for relation, ticket in told.detail["links"]}
        adopted = told.detail["parent"]
        after = msgspec.structs.replace(
            after,
            cc=merge_members(target.cc, (), tuple(told.detail["cc"])),
            links=tuple(one for one in target.links if (one.relation, one.ticket) not in brought),
            parent=None if adopted and target.parent == adopted else target.parent,
        )
    return Changes(ticket=after, entries=tuple(rows.entries))


def redirected(facts: Facts, command: Command, intent: Intent) -> Changes:
    """What is said to a ticket that is only a pointer goes to the one it was merged into; the pointer tells so.

    The author was allowed to write here: the other ticket takes it whatever they may do there.
    """
    source = held(facts)
    target = the_other(facts, source.merged_into or "", kind=command.kind, hidden=True)
    while target.ticket.merged_into is not None:
        target = the_other(facts, target.ticket.merged_into, kind=command.kind, hidden=True)
    there = msgspec.structs.replace(
        facts,
        ticket=target.ticket,
        personal=target.personal,
        timeline=target.timeline,
        access=target.access,
    )
    arrived = _arrived(facts, there, command, intent)
    names = [entry_id(command.id, OTHERS_FROM + n) for n in range(len(arrived.entries))]
    entries = tuple(
        msgspec.structs.replace(entry, id=id, ticket=target.ticket.id)
        for entry, id in zip(arrived.entries, names, strict=True)
    )
    rows = Rows(facts, command)
    rows.add(
        "redirected",
        detail={"ticket": target.ticket.id, "entry": names[0]},
        field_class=entries[0].field_class,
    )
    return Changes(
        ticket=touched(source, facts),
        entries=tuple(rows.entries),
        others=(Changes(ticket=arrived.ticket, entries=entries),),
    )


def _arrived(facts: Facts, there: Facts, command: Command, intent: Intent) -> Changes:
    """The words as the other ticket takes them; a colleague who had asked here asks there."""
    if isinstance(intent, ReceiveMessage):
        return message(there, command, intent)
    assert isinstance(intent, Reply)
    asked = held(facts).requester == "colleague" and facts.access.creator and not there.access.assignee
    if asked and not intent.internal:
        return said_by_requester(there, command, intent)
    return reply(there, command, intent)


def _both_managed(facts: Facts, into: str) -> Other:
    """The other ticket, where the actor manages it as well."""
    other = the_other(facts, into, kind="merge")
    if not facts.optimistic and other.access.level < MANAGE:
        raise Refusal("not_allowed", kind="merge")
    return other


def _check_pair(facts: Facts, source: Ticket, target: Ticket, *, confirmed: bool) -> None:
    """Refuse a merge in a circle, with a closed ticket, or of two customers unless that is confirmed."""
    if facts.optimistic:
        return
    if source.merged_into is not None:
        raise Refusal("merged_already", number=source.number or "")
    if source.status == "closed":
        raise Refusal("ticket_closed", number=source.number or source.provisional or "")
    if target.merged_into is not None:
        raise Refusal("merge_target_merged", number=target.number or target.provisional or "")
    if target.status == "closed" or (target.status == "resolved" and source.status != "resolved"):
        raise Refusal("merge_target_done", number=target.number or target.provisional or "")
    same = source.customer is not None and source.customer == target.customer
    if not same and not confirmed:
        raise Refusal("merge_not_confirmed")


def _watchers(ticket: Ticket) -> frozenset[str]:
    """Whoever takes part in a ticket: creator, assignee and cc."""
    return frozenset(one for one in (ticket.creator, ticket.assignee, *ticket.cc) if one)


def _last(timeline: Iterable[Entry], kind: str, ticket: str) -> Entry | None:
    """The newest row of that kind about that ticket."""
    rows = [row for row in timeline if row.kind == kind and row.detail.get("ticket") == ticket]
    return max(rows, key=lambda row: (row.at, row.rev), default=None)


def with_link(links: Sequence[Link], relation: str, ticket: str) -> tuple[Link, ...]:
    """The links with one more, each only once."""
    link = Link(relation=relation, ticket=ticket)
    return tuple(links) if link in links else (*links, link)


def without_link(links: Sequence[Link], relation: str, ticket: str) -> tuple[Link, ...]:
    """The links but for one."""
    return tuple(one for one in links if one != Link(relation=relation, ticket=ticket))
