"""What notice rules make of a change: messages by the parts people play, queued with it (RULES §9)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.notices import NoticeRule
from domain.entities.ticket import Ticket
from domain.rules.notice_rules import Happened, events_of, players, rules_for
from domain.rules.ticket_values import ticket_values
from sync_server.store.contacts import people_named
from sync_server.store.deliveries import APP, Outgoing
from sync_server.store.due_steps import superiors
from sync_server.store.organisation import Tree
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

Sees = Callable[[str, Ticket], bool]
Sight = Callable[[Iterable[str]], Sees]
"""Who of some people may see which ticket."""


class Telling:
    """Finds the messages that notice rules want; to nobody who may not see the ticket."""

    def __init__(self, conn: "Connection", *, tree: Tree, configuration: Configuration, sight: Sight) -> None:
        self._conn, self._tree, self._configuration, self._sight = conn, tree, configuration, sight
        self._known: dict[str, Mapping[str, str]] = {}

    def of_changes(self, work: UnitOfWork) -> list[Outgoing]:
        """The messages about everything that a transaction changes."""
        if not self._configuration.notice_rules:
            return []
        found: list[Outgoing] = []
        for id in work.changed():
            ticket = work.ticket(id)
            if ticket is not None:
                happened = list(events_of(work.before(id), ticket, work.new_entries(id)))
                found += self.about(ticket, happened, rev=work.next_rev(id), known_at=work.at)
        return found

    def about(
        self, ticket: Ticket, events: Iterable[Happened], *, rev: int, known_at: Instant
    ) -> list[Outgoing]:
        """The messages about what happened to one ticket."""
        rules = self._configuration.notice_rules
        if not rules:
            return []
        values = ticket_values(
            ticket,
            org_path=self._tree.path(ticket.org),
            category_path=self._configuration.category_path(ticket.category),
        )
        wanted = [
            (rule, one) for one in events for rule in rules_for(self._configuration, one, values, known_at)
        ]
        if not wanted:
            return []
        above = self._above(ticket) if any("superior" in rule.roles for rule, _ in wanted) else {}
        found = [one for rule, event in wanted for one in self._messages(rule, event, ticket, rev, above)]
        people = [one.to for one in found if one.to_kind == "person"]
        sees = self._sight(people)
        return [one for one in found if one.to_kind != "person" or sees(one.to, ticket)]

    def _above(self, ticket: Ticket) -> Mapping[str, str]:
        """The superior of who holds a ticket; asked once for each holder, whose tickets may be many."""
        holder = ticket.assignee
        if not holder:
            return {}
        if holder not in self._known:
            self._known[holder] = superiors(self._conn, [holder])
        return self._known[holder]

    def _messages(
        self, rule: NoticeRule, event: Happened, ticket: Ticket, rev: int, above: Mapping[str, str]
    ) -> Iterator[Outgoing]:
        people = sorted(players(rule, ticket, self._configuration.teams, above) - {event.by})
        named = people_named(self._conn, [event.by]) if event.by else {}
        args = {"by": named.get(event.by or "", ""), "entry": event.entry}
        args = {"number": ticket.number or "", **{name: one for name, one in args.items() if one}}
        base = {
            "rule": ":".join(part for part in ("notice", rule.id, event.event, event.cause) if part),
            "ticket": ticket.id,
            "rev": rev,
            "template": rule.template,
            "args": args,
            "urgent": rule.urgent,
        }
        for channel in rule.channels:
            for person in people:
                yield Outgoing(**base, to=person, channel=channel)  # type: ignore[arg-type]
            if channel != APP and "customer" in rule.roles and ticket.requester == "customer":
                yield Outgoing(**base, to_kind="customer", channel=channel)  # type: ignore[arg-type]
            if channel != APP and "group" in rule.roles:
                yield Outgoing(**base, to_kind="address", channel=channel)  # type: ignore[arg-type]
