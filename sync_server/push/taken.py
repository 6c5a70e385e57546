"""One order inside a transaction: judged by what the transaction has read, then told with what it committed."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from domain.entities.configuration import Configuration
from domain.entities.people import CLASS_BIT, Actor
from domain.entities.ticket import Ticket
from domain.rules.forms import class_of
from domain.rules.permissions import access
from domain.wire.attachments import AttachmentLimits
from domain.wire.sync import Verdict
from sync_server.access.grants import GrantCache
from sync_server.access.viewer import load_grants
from sync_server.push.batch import Batch
from sync_server.push.customers import KnownCustomers
from sync_server.push.judging import Judge, Surroundings, Wants
from sync_server.push.orders import Order, Outcome
from sync_server.push.proofs import Proofs
from sync_server.push.sender import SYSTEM_DEVICE, Sender
from sync_server.store.organisation import Tree
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.verdicts import DeviceState, StoredVerdict


class Room:
    """What one transaction has read, under its locks, for all its orders."""

    def __init__(
        self,
        *,
        work: UnitOfWork,
        devices: Mapping[str, DeviceState],
        stored: Mapping[str, StoredVerdict],
        people: frozenset[str],
        seen: Mapping[str, Callable[[], str]],
        wants: Wants,
        tree: Tree,
        configuration: Configuration,
        grants: GrantCache,
        customers: KnownCustomers,
        attachment_limits: AttachmentLimits,
    ) -> None:
        self.work, self.devices, self.stored, self.seen, self.wants = work, devices, stored, seen, wants
        self.tree, self.configuration, self._grants = tree, configuration, grants
        self._limits, self._people, self._customers = attachment_limits, people, customers
        self._teams, self._categories = frozenset(configuration.teams), frozenset(configuration.categories)

    def surroundings(self, actor: Actor) -> Surroundings:
        """What all commands of an actor are judged by."""
        return Surroundings(
            actor=actor,
            tree=self.tree,
            configuration=self.configuration,
            people=self._people,
            units=self.tree.ids,
            teams=self._teams,
            categories=self._categories,
            known_at=self.work.at,
            attachment_limits=self._limits,
            customers=self._customers,
        )

    def actor(self, sender: Sender) -> Actor:
        """The sender with the grants they have now; one who has left has none, except for their last push."""
        if sender.device == SYSTEM_DEVICE or not sender.person:
            return Actor(person=sender.person, system=True)
        conn, device = self.work.conn, self.devices.get(sender.device)
        if sender.leaving:
            return Actor(person=sender.person, grants=load_grants(conn, sender.person, leaving=True))
        version = device.grants_version if device and device.active else None
        return Actor(person=sender.person, grants=self._grants.of(conn, sender.person, version))


class Taken:
    """An order that is judged in this transaction."""

    def __init__(self, order: Order, room: Room) -> None:
        self.order, self._room = order, room
        self._actor = room.actor(order.sender)
        self._batch = Batch(room.work, order.sender, room.stored, shows=self._shows, given_back=order.quiet)
        self._verdicts: list[Verdict] = []
        self._withdrawn: list[Verdict] = []

    def judge(self) -> None:
        """Decide its commands in order; `failed` ones are rejected unread, those `there` are applied already."""
        order, batch = self.order, self._batch
        self._withdrawn = [batch.withdraw(id) for id in order.withdraw]
        if order.failed:
            self._verdicts = [batch.fail(command, order.failed) for command in order.commands]
            return
        if order.there:
            self._verdicts = [batch.accept(command) for command in order.commands]
            return
        judge = Judge(self._room.work, self._room.surroundings(self._actor), self._room.wants)
        self._verdicts = [batch.judge(judge, command) for command in order.commands]

    def close(self) -> None:
        """Store the verdicts, once effects and numbers are there."""
        if not (self.order.failed or self.order.there):
            self._verdicts = self._batch.close(self.order.commands, self._verdicts)

    def outcome(self, proofs: Proofs | None) -> Outcome:
        """What is told once it is committed: verdicts with their seq and the server's proof of what is kept."""
        head = self._room.work.head
        assert head is not None
        tickets = {command.id: command.ticket_id for command in self.order.commands}
        told = []
        for verdict in (*self._verdicts, *self._withdrawn):
            if verdict.status == "retry" or verdict.code == "id_reused":
                told.append(verdict)
                continue
            row = self._room.stored.get(verdict.id)
            seq = verdict.seq if verdict.duplicate else head.seq
            ticket = row.ticket if row is not None else tickets.get(verdict.id, "")
            verdict = replace(verdict, seq=seq)
            told.append(replace(verdict, proof=proofs.sign(verdict, ticket=ticket)) if proofs else verdict)
        return Outcome(verdicts=told, head=head)

    def _shows(self, ticket: Ticket, key: str) -> bool:
        """Whether the sender may now be told a value of a ticket."""
        if self.order.sender.leaving:
            return False
        room = self._room
        form = room.configuration.template(ticket.template, ticket.template_version)
        return bool(access(self._actor, ticket, room.tree.ancestors).classes & CLASS_BIT[class_of(form, key)])
