"""Queued messages as letters: who may still be told, where they are reached, and what is said now (RULES §9)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from domain.entities.base import Entity, Instant
from domain.entities.configuration import Configuration
from domain.entities.notices import Channel, NoticeTemplate, NoticeText, Variant
from domain.entities.people import CLASS_BIT, ORDINARY
from domain.entities.ticket import Ticket
from domain.rules.actions import RULE_NOTICE
from domain.rules.notice_rules import customer_address
from domain.rules.notice_text import CUSTOMER_PLACEHOLDERS, filled, text_for
from domain.rules.open_time import local
from domain.rules.zones import zone
from resources.i18n import load
from sync_server.access.viewer import reach
from sync_server.channels.sending import Letter
from sync_server.store.contacts import contacts_of, customers_values, people_named, words_of
from sync_server.store.deliveries import AS_IT_WAS
from sync_server.store.delivery_queue import Queued
from sync_server.store.organisation import Tree
from sync_server.store.queries.tickets import ticket_rows
from sync_server.store.rows import ticket_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LANGUAGES = {"zh": "zh_CN", "en": "en"}


_OF_RULES = NoticeTemplate(
    id=RULE_NOTICE, texts={"zh": NoticeText(subject="{number} {title}", body="{text}\n{number} {subject}")}
)


class Dropped(Entity):
    """Why a message goes to nobody."""

    outcome: str


class Letters:
    """Makes letters inside one transaction: of tickets as they were, told as people, words and templates are now."""

    def __init__(
        self, conn: "Connection", configuration: Configuration, tree: Tree, messages: Sequence[Queued]
    ) -> None:
        self._configuration, self._tree = configuration, tree
        self._shown = reach(conn, tree)
        ids = sorted({one.ticket for one in messages})
        self._tickets = {row[0]: ticket_of(row) for row in ticket_rows(conn, ids)}
        people = [one.recipient for one in messages if one.to_kind == "person"]
        self._contacts = contacts_of(conn, people)
        self._facts = {one.id: _as_it_was(one, self._tickets.get(one.ticket)) for one in messages}
        told = [*self._tickets.values(), *(one for one in self._facts.values() if one is not None)]
        named = {one for ticket in told for one in (ticket.assignee, ticket.creator) if one}
        self._names = people_named(conn, named)
        customers = [one.ticket for one in messages if one.to_kind == "customer"]
        self._personal = customers_values(conn, customers)
        self._reasons = words_of(conn, (str(one.args["entry"]) for one in messages if "entry" in one.args))

    def letter(self, message: Queued, channel: Channel, at: Instant) -> Letter | Dropped:
        """The letter, or why there is none."""
        ticket = self._tickets.get(message.ticket)
        if ticket is None:
            return Dropped(outcome="ticket_gone")
        if message.to_kind == "person" and not self._shown(message.recipient, ticket):
            return Dropped(outcome="may_not_see")
        template = self._configuration.notice_templates.get(message.template) or _own(message.template)
        if template is None:
            return Dropped(outcome="template_gone")
        to = self._address(message, channel, ticket)
        if not to and (channel.reaches or message.to_kind == "customer"):
            return Dropped(outcome="no_address")
        return self._written(message, channel, template, ticket, to, at)

    def _address(self, message: Queued, channel: Channel, ticket: Ticket) -> str:
        if message.to_kind == "address":
            return message.recipient
        if message.to_kind == "person":
            return self._contacts.get(message.recipient, {}).get(channel.reaches, "")
        if ticket.requester != "customer":
            return ""
        return customer_address(channel, self._personal.get(ticket.id, ()))

    def _written(
        self,
        message: Queued,
        channel: Channel,
        template: NoticeTemplate,
        ticket: Ticket,
        to: str,
        at: Instant,
    ) -> Letter | Dropped:
        own = self._contacts.get(message.recipient, {}).get("language")
        language = own if own in _LANGUAGES else channel.language
        text = text_for(template, channel.id, language)
        if text is None:
            return Dropped(outcome="template_gone")
        values = self._values(message, channel, ticket, language)
        variant = template.variants.get(channel.id, Variant())
        return Letter(
            id=message.id,
            to=to,
            subject=filled(text.subject, values, one_line=True),
            body=filled(text.body, values),
            code=variant.code,
            params=tuple((name, values.get(name, "")) for name in variant.params),
            ticket=ticket.id,
            number=ticket.number or "",
            at=at,
        )

    def _values(self, message: Queued, channel: Channel, ticket: Ticket, language: str) -> Mapping[str, str]:
        words = load(_LANGUAGES[language])
        reason = self._reason(message, ticket)
        ticket = self._facts[message.id] or ticket
        unit, line = self._tree.units.get(ticket.org), self._configuration.lines.get(ticket.line)
        team = self._configuration.teams.get(ticket.team or "")
        due = f"{local(zone(channel.zone), ticket.due_at):%Y-%m-%d %H:%M}" if ticket.due_at else ""
        values = {
            "number": ticket.number or "",
            "subject": ticket.subject,
            "store": unit.name if unit else "",
            "line": line.name if line else "",
            "type": words.get(f"type.{ticket.type}", ticket.type),
            "status": words.get(f"status.{ticket.status}", ticket.status),
            "priority": words.get(f"priority.{ticket.priority}", ticket.priority),
            "handler": self._names.get(ticket.assignee or "", ""),
            "creator": self._names.get(ticket.creator or "", ""),
            "team": team.name if team else "",
            "due": due,
            "reason": reason,
        }
        if not values["reason"]:
            del values["reason"]
        values |= {name: str(one) for name, one in message.args.items() if name not in {*values, AS_IT_WAS}}
        if message.to_kind == "customer":
            told = CUSTOMER_PLACEHOLDERS | {"text"}  # what a rule says to a customer was written for them
            return {name: one for name, one in values.items() if name in told}
        return values

    def _reason(self, message: Queued, ticket: Ticket) -> str:
        """The words of the row that a message tells of, where its class is shown to whoever is told."""
        field_class, words = self._reasons.get(str(message.args.get("entry", "")), ("ordinary", ""))
        person = message.to_kind == "person"
        shown = self._shown(message.recipient, ticket) if person else ORDINARY
        return words if CLASS_BIT[field_class] & shown else ""


def _as_it_was(message: Queued, ticket: Ticket | None) -> Ticket | None:
    """The ticket with unit, status, handler and the like as of what the message tells; the rest as it is now."""
    was = message.args.get(AS_IT_WAS)
    return replace(ticket, **was) if ticket is not None and isinstance(was, dict) else ticket


def _own(kind: str) -> NoticeTemplate | None:
    """What a rule brings its own words for, else the program's for what it tells inside."""
    if kind == RULE_NOTICE:
        return _OF_RULES
    said = {language: load(name).get(f"notice.kind_{kind}") for language, name in _LANGUAGES.items()}
    texts = {
        language: NoticeText(
            subject=f"{{number}} {sentence}", body=f"{sentence}\n{{store}} {{subject}}\n{{handler}} {{due}}"
        )
        for language, sentence in said.items()
        if sentence
    }
    return NoticeTemplate(id=kind, texts=texts) if texts else None
