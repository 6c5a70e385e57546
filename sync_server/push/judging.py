"""Judging commands inside one transaction: facts, decision, verdict (SYNC §4)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from domain.entities.base import Entity, Instant
from domain.entities.configuration import Configuration
from domain.entities.people import Access, Actor
from domain.entities.ticket import Changes, Ticket
from domain.entities.urging import Superiors
from domain.errors import InvalidInputError
from domain.rules.decide import Needs, decide, needs
from domain.rules.effective_time import effective_at
from domain.rules.facts import Facts, Other, Refused, Unknown
from domain.rules.permissions import access, access_at
from domain.rules.urging import superiors_of
from domain.wire.attachments import AttachmentLimits
from domain.wire.commands import Command
from domain.wire.sync import Verdict
from sync_server.push.customers import NOBODY, KnownCustomers
from sync_server.store.organisation import Tree
from sync_server.store.queries.people import line_above
from sync_server.store.unit_of_work import UnitOfWork


class Surroundings(Entity):
    """What is the same for every command of one transaction."""

    actor: Actor
    tree: Tree
    configuration: Configuration
    people: frozenset[str]
    units: frozenset[str]
    teams: frozenset[str]
    categories: frozenset[str]
    known_at: Instant
    attachment_limits: AttachmentLimits = AttachmentLimits()
    customers: KnownCustomers = NOBODY


class Judge:
    """Decides commands one after the other; what they do is staged in the unit of work."""

    def __init__(self, work: UnitOfWork, around: Surroundings, wants: "Wants") -> None:
        self._work, self._around, self._wants = work, around, wants

    def verdict(self, command: Command) -> Verdict:
        """Decide one command and stage its effect."""
        try:
            wanted = self._wants.of(command)
        except InvalidInputError as error:
            args = {key: str(value) for key, value in error.args_by_name.items()}
            return Verdict(id=command.id, status="rejected", code=error.code, message=args)
        decision = decide(self._facts(command, wanted), command)
        if isinstance(decision, Refused):
            return self._refused(command, decision.code, decision.args)
        if isinstance(decision, Unknown):
            return self._refused(command, "unknown_fact", {"what": decision.what})
        return self._applied(command, decision)

    def _refused(self, command: Command, code: str, args: dict[str, Any]) -> Verdict:
        rev = 0 if code == "out_of_scope" else self._work.next_rev(command.ticket_id)
        return Verdict(id=command.id, status="rejected", code=code, message=args, rev=rev)

    def _applied(self, command: Command, changes: Changes) -> Verdict:
        for one in (changes, *changes.others):
            self._work.stage(one)
        fields = {key: msgspec.to_builtins(one) for key, one in changes.conflicts.items()}
        status = "conflict" if fields else "merged" if changes.merged else "applied"
        return Verdict(
            id=command.id,
            status=status,  # type: ignore[arg-type]
            rev=self._work.next_rev(command.ticket_id),
            fields=fields,
        )

    def _facts(self, command: Command, wanted: Needs) -> Facts:
        around, ticket = self._around, self._work.ticket(command.ticket_id)
        template = wanted.template
        if template is None and ticket is not None:
            template = (ticket.template, ticket.template_version)
        unit = ticket.org if ticket is not None else str(command.set.get("org") or "")
        return Facts(
            actor=around.actor,
            access=self._access(ticket, wanted, command),
            at=effective_at(
                command,
                ticket=ticket,
                timeline=self._work.timeline(command.ticket_id),
                person=around.actor.person,
                known_at=around.known_at,
            ),
            known_at=around.known_at,
            ticket=ticket,
            personal=self._work.personal(command.ticket_id),
            template=around.configuration.template(*template) if template else None,
            units=around.units,
            people=around.people,
            teams=around.teams,
            categories=around.categories,
            attachment_limits=around.attachment_limits,
            tiers=around.customers.tiers,
            callers=around.customers.by_phone,
            timeline=self._work.timeline(command.ticket_id),
            others=self._others((*wanted.others, *self._pointed_to(ticket))),
            superiors=self._superiors(ticket) if wanted.history and ticket is not None else Superiors(),
            configuration=around.configuration,
            org_path=tuple(around.tree.path(unit)) if unit else (),
            to_path=tuple(around.tree.path(to)) if (to := str(command.set.get("org") or "")) else (),
        )

    def _others(self, ids: Sequence[str]) -> dict[str, Other]:
        """The further tickets that a command is about; they were locked with its own."""
        found = {id: self._work.ticket(id) for id in ids}
        return {
            id: Other(
                ticket=ticket,
                access=access(self._around.actor, ticket, self._around.tree.ancestors),
                personal=self._work.personal(id),
                timeline=self._work.timeline(id),
            )
            for id, ticket in found.items()
            if ticket is not None
        }

    def _pointed_to(self, ticket: Ticket | None) -> list[str]:
        """The tickets that a merged one points to, one after the other."""
        found: list[str] = []
        while ticket is not None and ticket.merged_into is not None and ticket.merged_into not in found:
            found.append(ticket.merged_into)
            ticket = self._work.ticket(ticket.merged_into)
        return found

    def _superiors(self, ticket: Ticket) -> Superiors:
        """Who stands above the ticket's assignee."""
        return superiors_of(ticket.assignee, line_above(self._work.conn, ticket.assignee))

    def _access(self, ticket: Ticket | None, wanted: Needs, command: Command) -> Access:
        ancestors = self._around.tree.ancestors
        if ticket is not None:
            return access(self._around.actor, ticket, ancestors)
        org = wanted.units[0] if wanted.units else ""
        line = str(command.set.get("line", ""))
        return access_at(self._around.actor, org_ancestors=ancestors(org), line=line)


class Wants:
    """The facts that each command takes, worked out once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Command, Needs]] = {}

    def of(self, command: Command) -> Needs:
        """What deciding it takes; raise InvalidInputError for a malformed one."""
        known = self._known.get(id(command))
        if known is None:
            known = self._known[id(command)] = (command, needs(command))
        return known[1]

    def people(self, commands: Iterable[Command]) -> frozenset[str]:
        """Everybody the commands name; malformed commands name nobody."""
        return frozenset(one for needed in self._all(commands) for one in needed.people)

    def tickets(self, commands: Iterable[Command]) -> frozenset[str]:
        """Every ticket the commands are about, to be locked together."""
        commands = list(commands)
        others = {one for needed in self._all(commands) for one in needed.others}
        return frozenset(others | {command.ticket_id for command in commands})

    def _all(self, commands: Iterable[Command]) -> Iterable[Needs]:
        for command in commands:
            try:
                yield self.of(command)
            except InvalidInputError:
                continue
