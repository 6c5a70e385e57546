"""Loads what a decision asks for from the replica, where what is missing may exist elsewhere (SYNC §4)."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection

from desktop.replica import attachments, customers, meta, rows, sql
from desktop.replica.scope import Reach
from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.forms import Template
from domain.entities.people import ALL_CLASSES, HANDLE, Access, Person
from domain.entities.ticket import Entry, PersonalValue, Ticket
from domain.entities.urging import Superiors
from domain.rules.decide import needs
from domain.rules.facts import Facts, Other
from domain.rules.urging import superiors_of
from domain.wire import codec
from domain.wire.attachments import AttachmentLimits
from domain.wire.commands import Command
from domain.wire.configuration import configuration_of
from domain.wire.sync import ConfigRow

_RULES = ("gate", "policy", "calendar", "category", "team", "urging")


def effective_at(command: Command) -> Instant:
    """When a command was given, by the server's time as far as the device knew it."""
    return command.at + command.clock.offset_ms


class FactSource:
    """Facts as of one transaction; scope and templates are loaded once."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._templates: dict[tuple[str, int], Template | None] = {}
        self._configuration: Configuration | None = None
        self._reach: Reach | None = None

    @property
    def reach(self) -> Reach:
        """What the person may hold."""
        if self._reach is None:
            self._reach = Reach(meta.scope(self._conn))
        return self._reach

    @property
    def person(self) -> str:
        """Whose replica this is."""
        return self.reach.scope.person or meta.person(self._conn)

    @property
    def configuration(self) -> Configuration:
        """What deadlines are made from: policies, calendars, categories."""
        if self._configuration is None:
            self._configuration = configuration_of(_config_rows(self._conn, _RULES))
        return self._configuration

    def org_path(self, unit: str) -> tuple[str, ...]:
        """A unit's id with those above it, from the root down."""
        found = sql.column(
            self._conn,
            "WITH RECURSIVE up(id, parent, depth) AS (SELECT id, parent, 0 FROM unit WHERE id = ? "
            "UNION ALL SELECT u.id, u.parent, depth + 1 FROM unit u JOIN up ON u.id = up.parent WHERE depth < 20) "
            "SELECT id FROM up ORDER BY depth DESC",
            (unit,),
        )
        return tuple(found)

    def template(self, id: str, version: int) -> Template | None:
        """A template in exactly that version."""
        key = (id, version)
        if key not in self._templates:
            body = sql.value(
                self._conn, "SELECT body FROM config WHERE kind = 'template' AND id = ? AND version = ?", key
            )
            self._templates[key] = codec.decode(body, Template) if body is not None else None
        return self._templates[key]

    def facts(
        self,
        command: Command,
        ticket: Ticket | None,
        personal: Iterable[PersonalValue] = (),
        *,
        optimistic: bool,
        replayed: Sequence[Entry] | None = None,
    ) -> Facts:
        """What deciding this command over this state takes; raises InvalidInputError for a malformed command.

        In a replay the timeline is the server's, then what was `replayed` so far.
        """
        wanted = needs(command)
        named = wanted.template or ((ticket.template, ticket.template_version) if ticket else None)
        template = self.template(*named) if named else None
        to = str(command.set.get("org") or "")
        # Transfers may have to be approved, and a ticket may wait for that though its template has no flow.
        gated = bool(to) or (ticket is not None and ticket.flow is not None)
        flows = gated or (template is not None and template.flow is not None)
        unit = ticket.org if ticket is not None else str(command.set.get("org") or "")
        return Facts(
            actor=self.reach.actor,
            access=self._access(command, ticket, optimistic=optimistic),
            at=effective_at(command),
            known_at=0,
            ticket=ticket,
            personal={value.key: value for value in personal},
            template=template,
            org_path=self.org_path(unit) if flows else (),
            to_path=self.org_path(to) if to else (),
            configuration=self.configuration if flows or wanted.history else Configuration(),
            units=self._known("unit", wanted.units),
            people=self._known("person", wanted.people),
            teams=self._known("team", wanted.teams),
            categories=self._known("category", wanted.categories),
            complete=False,
            optimistic=optimistic,
            tiers=self._tiers(command),
            attachment_limits=AttachmentLimits() if optimistic else attachments.limits(self._conn),
            timeline=self._timeline(command.ticket_id, replayed) if wanted.history else (),
            others=self._others(wanted.others),
            superiors=self.superiors(ticket) if wanted.history and ticket is not None else Superiors(),
        )

    def _timeline(self, ticket: str, replayed: Sequence[Entry] | None) -> Sequence[Entry]:
        found = rows.load_entries(self._conn, ticket)
        return found if replayed is None else [*(one for one in found if one.rev), *replayed]

    def _others(self, ids: Iterable[str]) -> dict[str, Other]:
        """The further tickets that are here."""
        found = {}
        for id in ids:
            ticket = rows.load_ticket(self._conn, id)
            if ticket is not None:
                found[id] = Other(
                    ticket=ticket,
                    access=self.reach.access(ticket),
                    personal={value.key: value for value in rows.load_personal(self._conn, id)},
                    timeline=rows.load_entries(self._conn, id),
                )
        return found

    def superiors(self, ticket: Ticket) -> Superiors:
        """Who stands above the ticket's assignee, as the directory says here."""
        people: dict[str, Person] = {}
        wanted = ticket.assignee
        while wanted and wanted not in people:
            body = sql.value(
                self._conn,
                "SELECT body FROM config WHERE kind = 'person' AND id = ? AND latest = 1 AND deleted = 0",
                (wanted,),
            )
            if body is None:
                break
            people[wanted] = codec.decode(body, Person)
            wanted = people[wanted].superior
        return superiors_of(ticket.assignee, people)

    def _access(self, command: Command, ticket: Ticket | None, *, optimistic: bool) -> Access:
        if ticket is not None:
            held = self.reach.access(ticket)
        else:
            place = str(command.set.get("org") or ""), str(command.set.get("line") or "")
            held = self.reach.access_at(*place)
        if not optimistic:
            return held
        # What was allowed when it was written stays visible; whether it still is, the verdict tells.
        return msgspec.structs.replace(held, level=max(held.level, HANDLE), classes=ALL_CLASSES)

    def _tiers(self, command: Command) -> dict[str, str]:
        """The tier of the customer a new ticket names, where the server has told of them."""
        named = command.set.get("customer") if command.kind in ("create", "split") else None
        tier = customers.tier(self._conn, named) if isinstance(named, str) else None
        return {str(named): tier} if tier is not None else {}

    def _known(self, kind: str, ids: Iterable[str]) -> frozenset[str]:
        wanted = sorted(set(ids))
        if not wanted:
            return frozenset()
        found = sql.column(
            self._conn,
            "SELECT id FROM config WHERE kind = ? AND latest = 1 AND deleted = 0 "
            "AND id IN (SELECT value FROM json_each(?))",
            (kind, sql.text(wanted)),
        )
        return frozenset(found)


def _config_rows(conn: Connection, kinds: Iterable[str]) -> list[ConfigRow]:
    """The configuration rows of some kinds, in every version that is held."""
    found = sql.rows(
        conn,
        "SELECT kind, id, version, deleted, body FROM config "
        "WHERE latest = 1 AND kind IN (SELECT value FROM json_each(?))",
        (sql.text(tuple(kinds)),),
    )
    return [
        ConfigRow(kind=kind, id=id, version=version, deleted=bool(deleted), body=msgspec.Raw(body.encode()))
        for kind, id, version, deleted, body in found
    ]
