"""Taking a push: dedupe, decide, effects, commit, in one transaction (SYNC §4)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import structlog
from msgspec.structs import replace

from domain.entities.ticket import Changes
from domain.errors import RefusedError, UnavailableError
from domain.ids import IdSource
from domain.wire.attachments import AttachmentLimits
from domain.wire.commands import Command
from domain.wire.sync import PushAnswer, PushRequest, Verdict
from sync_server.access.grants import GrantCache
from sync_server.clock import Clock
from sync_server.feed import cursor as cursors
from sync_server.feed.heads import ask_seen, token
from sync_server.push.customers import ask_customers
from sync_server.push.effects import Effects
from sync_server.push.erased import empty_late
from sync_server.push.groups import Groups
from sync_server.push.judging import Wants
from sync_server.push.orders import NO_NUMBERS, Order, Outcome, check_shape
from sync_server.push.proofs import Proofs
from sync_server.push.sender import SYSTEM_DEVICE, Sender
from sync_server.push.taken import Room, Taken
from sync_server.store import tables as t
from sync_server.store.blobs import uses_of
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.direct import WriteRows, pipelined
from sync_server.store.engine import Store
from sync_server.store.epochs import recovery
from sync_server.store.erasures import Hasher
from sync_server.store.feed_writer import look
from sync_server.store.organisation import TreeCache
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.verdicts import (
    DeviceState,
    ask_people,
    ask_verdicts,
    ids_hash,
    lock_devices,
    record_push,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_AT_ONCE = 4
"""Transactions of one process on PostgreSQL: more than one only while the others wait for a lock."""
_USES = WriteRows(t.blob_use)

log = structlog.get_logger()


class Ids(IdSource, Protocol):
    """Makes identifiers and the marks of change rows."""

    def nonce(self) -> str:
        """Eight random characters."""
        ...

    def mark(self) -> int:
        """A random number of MARK_BITS bits."""
        ...


class Pusher:
    """The one door by which tickets change."""

    def __init__(
        self,
        store: Store,
        *,
        trees: TreeCache,
        configurations: ConfigurationCache,
        clock: Clock,
        ids: Ids,
        after_commit: Callable[[int], None] = lambda seq: None,
        proofs: Proofs | None = None,
        attachment_limits: AttachmentLimits = AttachmentLimits(),  # noqa: B008  # frozen
        hasher: Hasher | None = None,
    ) -> None:
        self._proofs, self._attachment_limits = proofs, attachment_limits
        self._store, self._trees, self._configurations = store, trees, configurations
        self._hasher = hasher
        self._open_epoch = ""  # in which no recovery holds pushes back
        self._clock, self._ids, self._after_commit = clock, ids, after_commit
        self._grants = GrantCache()
        # On SQLite, where one writes at a time, another would only wait for the same lock.
        self._groups = Groups(self._together, most=1 if store.sqlite else MOST_AT_ONCE)

    def push(self, sender: Sender, request: PushRequest) -> PushAnswer:
        """Take a device's commands.

        Raises RefusedError `stale_push`, `device_revoked`, `device_unknown`, and `epoch_changed` where the device
        was told of a head that this feed never had.
        """
        check_shape(request)
        if request.seen:
            cursors.parse(request.seen)
        outcome = self._groups.outcome(Order(sender=sender, request=request, commands=request.commands))
        verdicts = outcome.verdicts
        if sender.leaving:
            verdicts = [replace(verdict, fields={}) for verdict in verdicts]
        head = token(outcome.head)
        return PushAnswer(verdicts=tuple(verdicts), head=head, server_time=self._clock.now())

    def submit(
        self, commands: Sequence[Command], *, person: str | None = None, quiet: bool = False
    ) -> list[Verdict]:
        """Take commands of the server's own: jobs, imports, channels; `person` is named as their author.

        With `quiet` nobody is told and no trigger acts: what is imported happened elsewhere.
        """
        sender = Sender(person=person, device=SYSTEM_DEVICE)
        return list(self._taken(Order(sender=sender, commands=tuple(commands), quiet=quiet)).verdicts)

    def work_off(self, begin: Callable[[UnitOfWork], Sequence[Command] | None]) -> list[Verdict]:
        """Take a job's commands in one transaction with what the job itself writes; None from it ends it there.

        An error of one command is everybody's: nothing is written, and the caller asks for less.
        """
        return self._store.retrying(lambda: self._worked_off(begin))

    def _worked_off(self, begin: Callable[[UnitOfWork], Sequence[Command] | None]) -> list[Verdict]:
        with self._store.write() as conn:
            work = UnitOfWork(conn, nonces=self._ids, at=self._clock.now())
            commands = begin(work)
            if commands is None:
                return []
            order = Order(sender=Sender(person=None, device=SYSTEM_DEVICE), commands=tuple(commands))
            room = self._room(conn, work, [order])
            taken = Taken(order, room)
            taken.judge()
            self._settle(room, [order])
            taken.close()
            seq = work.commit()
        self._after_commit(seq)
        return list(taken.outcome(None).verdicts)

    def take_back(
        self, sender: Sender, commands: Sequence[Command], numbers: Mapping[str, str] = NO_NUMBERS
    ) -> list[Verdict]:
        """Take commands that were taken once and then lost: their authors', with the numbers given then.

        Nobody is told of them once more. `numbers` are by ticket; they have to be free (SYNC §6).
        """
        order = Order(sender=sender, commands=tuple(commands), numbers=numbers, quiet=True)
        return list(self._taken(order).verdicts)

    def accept(self, sender: Sender, commands: Sequence[Command]) -> list[Verdict]:
        """Say that commands are applied whose effect is here already, with a ticket that was given back."""
        order = Order(sender=sender, commands=tuple(commands), there=True, quiet=True)
        return list(self._taken(order).verdicts)

    def reject(self, sender: Sender, command: Command, code: str) -> Verdict:
        """Reject a command that never can be judged, for good."""
        return self._taken(Order(sender=sender, commands=(command,), failed=code)).verdicts[0]

    def _together(self, orders: Sequence[Order]) -> Sequence[Outcome | BaseException]:
        """Take orders in one transaction; if that fails, each by itself: one may not fail the others."""
        if len(orders) > 1:
            try:
                return self._store.retrying(lambda: self._transaction(orders))
            except UnavailableError:
                raise
            except Exception as error:  # noqa: BLE001  # whatever it was, it is one order's alone
                log.warning("group_failed", orders=len(orders), kind=type(error).__name__)
        return [self._alone(order) for order in orders]

    def _alone(self, order: Order) -> Outcome | Exception:
        try:
            return self._taken(order)
        except Exception as error:  # noqa: BLE001  # raised where its own caller waits
            return error

    def _taken(self, order: Order) -> Outcome:
        try:
            return self._one(order)
        except (RefusedError, UnavailableError):
            raise
        except Exception:  # whatever it was: a bad command may not delay the others
            if len(order.commands) > 1:
                return self._one_by_one(order)
            log.exception(
                "command_failed", device=order.sender.device, commands=[c.id for c in order.commands]
            )
            return self._one(replace(order, failed="server_fault"))

    def _one_by_one(self, order: Order) -> Outcome:
        """Take each command by itself; where one waits, those after it on its ticket do, too."""
        first, *rest = [replace(order, commands=(one,)) for one in order.commands]
        parts, waits = list[Outcome](), set[str]()
        # The device is checked and remembered with the first part.
        for part in (first, *(replace(one, request=None) for one in rest)):
            (command,) = part.commands
            if command.ticket_id in waits:
                verdict = Verdict(id=command.id, status="retry", code="order")
                parts.append(Outcome(verdicts=[verdict], head=parts[-1].head))
                continue
            parts.append(self._taken(part))
            if parts[-1].verdicts[0].status == "retry":
                waits.add(command.ticket_id)
        return Outcome(verdicts=[v for part in parts for v in part.verdicts], head=parts[-1].head)

    def _one(self, order: Order) -> Outcome:
        outcome = self._store.retrying(lambda: self._transaction([order]))[0]
        if isinstance(outcome, RefusedError):
            raise outcome
        return outcome

    def _transaction(self, orders: Sequence[Order]) -> list[Outcome | RefusedError]:
        """Take orders that have nothing in common: the facts of all, each judged, effects, one commit."""
        with self._store.write() as conn:
            work = UnitOfWork(conn, nonces=self._ids, at=self._clock.now())
            room = self._room(conn, work, orders)
            found = [self._checked(room, order) for order in orders]
            taken = [one for one in found if isinstance(one, Taken)]
            for one in taken:
                one.judge()
            if taken:
                self._settle(room, [one.order for one in taken])
                for one in taken:
                    one.close()
                work.commit()
        if work.changed() and work.head is not None:
            self._after_commit(work.head.seq)
        return [one.outcome(self._proofs) if isinstance(one, Taken) else one for one in found]

    def _room(self, conn: "Connection", work: UnitOfWork, orders: Sequence[Order]) -> Room:
        """Lock devices, then tickets, each in id order, and read what the orders are judged by."""
        pushed = [order for order in orders if order.request is not None]
        # Before the verdicts are read: the same request on another connection waits here.
        senders = [order.sender for order in pushed]
        devices = {}
        if senders:
            devices = lock_devices(conn, [one.device for one in senders], [one.token for one in senders])
        known = next(iter(devices.values()), None)
        commands = [command for order in orders for command in order.commands]
        wants = Wants()
        with pipelined(conn):
            stored = ask_verdicts(conn, [id for order in orders for id in order.ids()])
            locked = work.locking(wants.tickets(commands))
            people = ask_people(conn, wants.people(commands))
            seen = [ask_seen(conn, order.request.seen if order.request else "") for order in pushed]
            customers = ask_customers(conn, commands)
        locked()
        _lock_targets(work, wants.tickets(commands))
        return Room(
            work=work,
            devices=devices,
            stored=stored(),
            people=people(),
            customers=customers(),
            seen={order.sender.device: one for order, one in zip(pushed, seen, strict=True)},
            wants=wants,
            tree=self._trees.current(conn, known.tree_version if known else None),
            configuration=self._configurations.current(conn, known.config_version if known else None),
            grants=self._grants,
            attachment_limits=self._attachment_limits,
        )

    def _checked(self, room: Room, order: Order) -> "Taken | Outcome | RefusedError":
        """The order, to be judged, unless it is refused or has to wait."""
        try:
            if order.request is not None:
                epoch = room.seen[order.sender.device]()
                if self._waits(room.work.conn, epoch):
                    waiting = [Verdict(id=id, status="retry", code="recovering") for id in order.asked()]
                    return Outcome(verdicts=waiting, head=look(room.work.conn))
                device = _checked_device(order, room)
                number, hashed = order.request.push_no, ids_hash(order.request.commands)
                record_push(room.work, device, push_no=number, push_hash=hashed, at=room.work.at)
        except RefusedError as refused:
            return refused
        return Taken(order, room)

    def _settle(self, room: Room, orders: Sequence[Order]) -> None:
        """What follows from all that was decided; nothing does where nothing was."""
        work = room.work
        for order in orders:
            _give_back(work, order.numbers)
        empty_late(work, [command for order in orders for command in order.commands], self._hasher)
        work.give_numbers()  # notices name tickets by them
        effects = Effects(
            work, tree=room.tree, configuration=room.configuration, ids=self._ids, grants=self._grants
        )
        effects.settle(notices=not any(order.quiet for order in orders))
        refer_to_files(work)

    def _waits(self, conn: "Connection", epoch: str) -> bool:
        """Whether pushes wait until desktops have given back what was lost; an epoch's end of it is for good."""
        if epoch == self._open_epoch:
            return False
        if recovery(conn).state == "open":
            return True
        self._open_epoch = epoch
        return False


def _lock_targets(work: UnitOfWork, ids: Iterable[str]) -> None:
    """Lock where merged tickets lead to: what is said to them goes there.

    Only now it is known which those are, so that the order of the locks is not kept: two transactions that meet
    here are told so by the database, and one of them is repeated.
    """
    found = set(ids)
    while found:
        pointed = {ticket.merged_into for id in found if (ticket := work.ticket(id)) is not None}
        found = {id for id in pointed if id is not None and work.ticket(id) is None}
        work.lock(found)


def _give_back(work: UnitOfWork, numbers: Mapping[str, str]) -> None:
    """Let new tickets have the numbers they had."""
    for id in work.created():
        ticket = work.ticket(id)
        if ticket is not None and id in numbers:
            work.stage(Changes(ticket=replace(ticket, number=numbers[id])))


def refer_to_files(work: UnitOfWork) -> None:
    """Write down which new timeline rows hold attachments, with the rows themselves (SYNC §7)."""
    work.later(_USES, [use for id in work.changed() for use in uses_of(work.new_entries(id))])


def _checked_device(order: Order, room: Room) -> DeviceState:
    """The device, locked; refused if it is not the person's, was revoked, or its replica was copied."""
    request, sender = order.request, order.sender
    assert request is not None
    device = room.devices.get(sender.device)
    if device is None or device.person != sender.person:
        raise RefusedError("device_unknown")
    if sender.token and not (device.signed_in and (device.active or sender.leaving)):
        raise RefusedError("token_unknown")
    if device.revoked and (device.stolen or not sender.leaving):
        raise RefusedError("device_revoked")
    repeated = request.push_no == device.push_no and ids_hash(request.commands) == device.push_hash
    known = all(command.id in room.stored for command in order.commands)
    # Who leaves gets no other name: what is asked twice has its verdict, whatever was copied.
    if request.push_no <= device.push_no and not (repeated or known or sender.leaving):
        raise RefusedError("stale_push", push_no=request.push_no, last=device.push_no)
    return device
