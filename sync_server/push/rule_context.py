"""What rules look at on the server: values, names, superiors, and messages of what they did (RULES §4)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from domain.entities.base import Entity, Instant
from domain.entities.calendars import Calendar
from domain.entities.configuration import Configuration
from domain.entities.rules import Plan, RuleMessage
from domain.entities.ticket import Entry, Ticket
from domain.rules.actions import Context
from domain.rules.rule_texts import text_values
from domain.rules.rule_values import rule_values
from domain.wire.commands import Command, payload
from domain.wire.rule_commands import ApplyRule
from sync_server.access.grants import GrantCache
from sync_server.store.contacts import people_named
from sync_server.store.deliveries import Outgoing, queue_deliveries
from sync_server.store.due_steps import superiors
from sync_server.store.organisation import Tree
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Desk(Entity):
    """The organisation and the configuration that rules are looked at with."""

    tree: Tree
    configuration: Configuration

    def values(
        self,
        ticket: Ticket,
        timeline: list[Entry],
        now: Instant,
        *,
        before: Ticket | None = None,
        new: Iterable[Entry] = (),
        calendar: Calendar | None = None,
    ) -> dict[str, Any]:
        """The values of a ticket for conditions."""
        return rule_values(
            ticket,
            timeline,
            org_path=self.tree.path(ticket.org),
            category_path=self.configuration.category_path(ticket.category),
            now=now,
            before=before,
            new=new,
            calendar=calendar,
        )

    def context(
        self,
        conn: "Connection",
        ticket: Ticket,
        *,
        rule: str,
        name: str,
        at: Instant,
        actor: str | None = None,
    ) -> Context:
        """What a rule's actions look at; names and superiors are read for those whom the ticket names."""
        people = [one for one in (ticket.assignee, ticket.creator, actor) if one]
        names = people_named(conn, people) if people else {}
        unit = self.tree.units.get(ticket.org)
        return Context(
            rule=rule,
            name=name,
            at=at,
            actor=actor,
            teams=self.configuration.teams,
            superiors=superiors(conn, [ticket.assignee]) if ticket.assignee else {},
            macros=self.configuration.macros,
            values=text_values(
                ticket, self.configuration, names, store=unit.name if unit else ticket.org, by=actor
            ),
        )


def rule_command(
    id: str, ticket: str, found: Plan, context: Context, *, event: str = "", depth: int = 0
) -> Command:
    """What a rule comes to for a ticket, as one command of the server's."""
    intent = ApplyRule(
        rule=context.rule,
        name=context.name,
        event=event,
        depth=depth,
        steps=found.steps,
        messages=found.messages,
        skipped=found.skipped,
    )
    return Command(id=id, ticket_id=ticket, kind="rule", set=payload(intent), at=context.at)


def queue_rule_messages(work: UnitOfWork, desk: Desk, grants: GrantCache) -> None:
    """Queue what the rules of a transaction tell, as their rows say; nobody who may not see the ticket is told."""
    found: list[tuple[Ticket, Outgoing]] = []
    for id in work.changed():
        ticket = work.ticket(id)
        for entry in work.new_entries(id) if ticket is not None else ():
            if entry.kind == "rule" and ticket is not None:
                found += [(ticket, one) for one in _told(entry, ticket, work.next_rev(id))]
    if not found:
        return
    sees = grants.sight(work.conn, [one.to for _, one in found if one.to_kind == "person"], desk.tree)
    queue_deliveries(work, [one for ticket, one in found if one.to_kind != "person" or sees(one.to, ticket)])


def _told(entry: Entry, ticket: Ticket, rev: int) -> Iterable[Outgoing]:
    if str(entry.detail["rule"]).startswith("sla:"):
        return  # the sweep has queued them, with the deadline
    for told in entry.detail.get("told", ()):
        message = msgspec.convert(told, RuleMessage)
        yield Outgoing(
            ticket=ticket.id,
            rule=str(entry.detail["rule"]),
            rev=rev,
            to_kind=message.to_kind,
            to=message.to,
            channel=message.channel,
            template=message.template,
            args={"number": ticket.number or "", **message.args},
            urgent=message.urgent,
        )
