"""Which notice rules a change meets: the events in it, the rules that hold, the players of their parts (RULES §9)."""

from collections.abc import Iterable, Iterator, Mapping

from domain.entities.base import Entity, Instant
from domain.entities.configuration import Configuration
from domain.entities.notices import Channel, Event, NoticeRule
from domain.entities.org import Team
from domain.entities.ticket import Entry, PersonalValue, Ticket
from domain.rules.conditions import Values, holds

_BY_KIND: Mapping[str, Event] = {
    "created": "created",
    "assigned": "assigned",
    "routed": "assigned",
    "transferred": "transferred",
    "returned": "returned",
    "node_returned": "returned",
    "taken": "taken",
    "message": "message",
    "reply": "replied",
    "cc": "cc",
    "urged": "urged",
    "merged_into": "merged",
    "merged_from": "merged",
}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "phone": ("phone", "mobile"),
    "email": ("email",),
    "wechat": ("wechat",),
}
"""The personal values by which a customer is reached."""


class Happened(Entity):
    """One event of a change; `by` is who caused it, and is told nothing of it."""

    event: Event
    by: str | None = None
    at: Instant = 0
    entry: str = ""  # the timeline row whose words are the reason
    cause: str = ""  # what tells it from others of its kind


def events_of(before: Ticket | None, after: Ticket, entries: Iterable[Entry]) -> Iterator[Happened]:
    """The events in new timeline rows, in their order."""
    for entry in entries:
        for event in _events(before, after, entry):
            # The words of a message may be anybody's; why somebody urges is said to be passed on.
            row = entry.id if event == "urged" and entry.field_class == "ordinary" else ""
            yield Happened(event=event, by=entry.person, at=entry.at, entry=row)


def _events(before: Ticket | None, after: Ticket, entry: Entry) -> Iterator[Event]:
    if entry.kind == "status":
        if entry.detail.get("why") in ("merged", "unmerged"):
            return  # the matter goes on: nobody is told that it is closed or open again
        yield "status"
        to = entry.detail.get("to")
        if to == "resolved":
            yield "resolved"
        elif to == "closed":
            yield "closed"
        elif before is not None and before.status in ("resolved", "closed"):
            yield "reopened"
        return
    event = _BY_KIND.get(entry.kind)
    if event is None:
        return
    yield event
    if event == "created" and after.assignee and after.assignee != entry.person:
        yield "assigned"


def rules_for(
    configuration: Configuration, happened: Happened, values: Values, known_at: Instant
) -> Iterator[NoticeRule]:
    """The rules that hold for an event, in order; none for what was done too long ago to be news."""
    for rule in configuration.notice_rules:
        fresh = known_at - happened.at <= rule.oldest_s * 1000
        if happened.event in rule.events and fresh and holds(rule.conditions, values):
            yield rule


def players(
    rule: NoticeRule, ticket: Ticket, teams: Mapping[str, Team], superiors: Mapping[str, str]
) -> frozenset[str]:
    """The people that a rule names, by their parts now; a team is told only while nobody holds the ticket."""
    team = teams.get(ticket.team or "")
    found: set[str | None] = set(rule.people)
    for role in rule.roles:
        if role == "assignee":
            found.add(ticket.assignee)
        elif role == "creator":
            found.add(ticket.creator)
        elif role == "cc":
            found.update(ticket.cc)
        elif role == "superior":
            found.add(superiors.get(ticket.assignee or ""))
        elif role == "lead" and team is not None:
            found.add(team.lead)
        elif role == "team" and team is not None and not ticket.assignee:
            found.update(team.members)
    return frozenset(one for one in found if one)


def customer_address(channel: Channel, personal: Iterable[PersonalValue]) -> str:
    """Where a channel reaches a ticket's customer; empty where it can't, or the value was erased."""
    wanted = _KEYS.get(channel.reaches, ())
    by_key = {one.key: one.value for one in personal if one.value and not one.erased and not one.masked}
    return next((by_key[key] or "" for key in wanted if key in by_key), "")
