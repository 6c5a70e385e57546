"""Taking a push: dedupe, decide, effects, commit, in one transaction (SYNC §4)."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from msgspec.structs import replace

from domain.entities.base import Entity
from domain.entities.people import CLASS_BIT, Actor
from domain.entities.ticket import Changes, Ticket
from domain.errors import InvalidInputError, RefusedError, UnavailableError
from domain.ids import IdSource
from domain.rules.forms import class_of
from domain.rules.permissions import access
from domain.wire.attachments import AttachmentLimits
from domain.wire.commands import Command
from domain.wire.protocol import MAX_BATCH_COMMANDS
from domain.wire.sync import PushAnswer, PushRequest, Verdict
from sync_server.access.viewer import load_viewer
from sync_server.clock import Clock
from sync_server.feed.heads import check_seen, head_token
from sync_server.push.batch import Batch
from sync_server.push.effects import Effects
from sync_server.push.judging import Judge, Surroundings, named_people
from sync_server.push.proofs import Proofs
from sync_server.push.sender import SYSTEM_DEVICE, Sender
from sync_server.store import tables as t
from sync_server.store.blobs import uses_of
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.direct import WriteRows
from sync_server.store.engine import Store
from sync_server.store.epochs import recovery
from sync_server.store.organisation import TreeCache
from sync_server.store.unit_of_work import UnitOfWork, feed_head
from sync_server.store.verdicts import (
    DeviceState,
    ids_hash,
    known_people,
    lock_device,
    record_push,
    stored_verdicts,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

LONGEST_ID = 64
_USES = WriteRows(t.blob_use)

log = structlog.get_logger()


_NO_NUMBERS: Mapping[str, str] = {}


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
    ) -> None:
        self._proofs, self._attachment_limits = proofs, attachment_limits
        self._store, self._trees, self._configurations = store, trees, configurations
        self._open_epoch = ""  # in which no recovery holds pushes back
        self._clock, self._ids, self._after_commit = clock, ids, after_commit

    def push(self, sender: Sender, request: PushRequest) -> PushAnswer:
        """Take a device's commands.

        Raises RefusedError `stale_push`, `device_revoked`, `device_unknown`, and `epoch_changed` where the device
        was told of a head that this feed never had.
        """
        if len(request.commands) + len(request.withdraw) > MAX_BATCH_COMMANDS:
            raise InvalidInputError("batch_too_large", limit=MAX_BATCH_COMMANDS, count=len(request.commands))
        _check_shape(request)
        verdicts = self._taken(_Order(sender=sender, request=request, commands=request.commands))
        if sender.leaving:
            verdicts = [replace(verdict, fields={}) for verdict in verdicts]
        with self._store.read() as conn:
            head = head_token(conn)
        return PushAnswer(verdicts=tuple(verdicts), head=head, server_time=self._clock.now())

    def submit(self, commands: Sequence[Command], *, person: str | None = None) -> list[Verdict]:
        """Take commands of the server's own: jobs, imports, channels; `person` is named as their author."""
        sender = Sender(person=person, device=SYSTEM_DEVICE)
        return self._taken(_Order(sender=sender, commands=tuple(commands)))

    def take_back(
        self, sender: Sender, commands: Sequence[Command], numbers: Mapping[str, str] = _NO_NUMBERS
    ) -> list[Verdict]:
        """Take commands that were taken once and then lost: their authors', with the numbers given then.

        Nobody is told of them once more. `numbers` are by ticket; they have to be free (SYNC §6).
        """
        return self._taken(_Order(sender=sender, commands=tuple(commands), numbers=numbers, quiet=True))

    def reject(self, sender: Sender, command: Command, code: str) -> Verdict:
        """Reject a command that never can be judged, for good."""
        return self._taken(_Order(sender=sender, commands=(command,), failed=code))[0]

    def _taken(self, order: "_Order") -> list[Verdict]:
        try:
            return self._store.retrying(lambda: self._transaction(order))
        except (RefusedError, UnavailableError):
            raise
        except Exception:  # whatever it was: a bad command may not delay the others
            if len(order.commands) > 1:
                alone = [replace(order, commands=(one,)) for one in order.commands]
                # The device was checked and remembered with the first part.
                rest = [replace(part, request=None) for part in alone[1:]]
                return [verdict for part in (alone[0], *rest) for verdict in self._taken(part)]
            log.exception(
                "command_failed", device=order.sender.device, commands=[c.id for c in order.commands]
            )
            failed = replace(order, failed="server_fault")
            return self._store.retrying(lambda: self._transaction(failed))

    def _transaction(self, order: "_Order") -> list[Verdict]:
        now = self._clock.now()
        with self._store.write() as conn:
            if order.request is not None:
                # Before the verdicts are read: the same request on another connection waits here.
                lock_device(conn, order.sender.device)
                feed = feed_head(conn)
                check_seen(conn, order.request.seen, feed)
                if self._waits(conn, feed.epoch):
                    asked = (*(command.id for command in order.commands), *order.request.withdraw)
                    return [Verdict(id=id, status="retry", code="recovering") for id in asked]
            withdrawn = order.request.withdraw if order.request else ()
            stored = stored_verdicts(conn, [*(command.id for command in order.commands), *withdrawn])
            if order.request is not None:
                device = _checked_device(conn, order, stored)
                record_push(
                    conn,
                    device,
                    push_no=order.request.push_no,
                    push_hash=ids_hash(order.request.commands),
                    at=now,
                )
            work = UnitOfWork(conn, nonces=self._ids, at=now)
            verdicts = self._judged(conn, work, order, stored)
            seq = work.commit()
        if work.changed():
            self._after_commit(seq)
        return self._signed(order, stored, verdicts, seq)

    def _waits(self, conn: "Connection", epoch: str) -> bool:
        """Whether pushes wait until desktops have given back what was lost; an epoch's end of it is for good."""
        if epoch == self._open_epoch:
            return False
        if recovery(conn).state == "open":
            return True
        self._open_epoch = epoch
        return False

    def _signed(
        self, order: "_Order", stored: Mapping[str, "Row[Any]"], verdicts: Sequence[Verdict], seq: int
    ) -> list[Verdict]:
        """The verdicts as they are told: with the seq they got and the server's proof of what is kept."""
        tickets = {command.id: command.ticket_id for command in order.commands}
        told = []
        for verdict in verdicts:
            if verdict.status == "retry" or verdict.code == "id_reused":
                told.append(verdict)
                continue
            if not verdict.duplicate:
                verdict = replace(verdict, seq=seq)
            if self._proofs is not None:
                row = stored.get(verdict.id)
                ticket = row.ticket if row is not None else tickets.get(verdict.id, "")
                verdict = replace(verdict, proof=self._proofs.sign(verdict, ticket=ticket))
            told.append(verdict)
        return told

    def _judged(
        self, conn: "Connection", work: UnitOfWork, order: "_Order", stored: Mapping[str, "Row[Any]"]
    ) -> list[Verdict]:
        """Decide, let effects follow, give numbers; `failed` commands are rejected unread."""
        tree, configuration = self._trees.current(conn), self._configurations.current(conn)
        sender = order.sender
        work.lock(command.ticket_id for command in order.commands)
        actor = Actor(person=sender.person, system=True)
        if sender.device != SYSTEM_DEVICE and sender.person:
            actor = load_viewer(conn, sender.person, tree, configuration, leaving=sender.leaving).actor

        def shows(ticket: Ticket, key: str) -> bool:
            if sender.leaving:
                return False
            form = configuration.template(ticket.template, ticket.template_version)
            bit = CLASS_BIT[class_of(form, key)]
            return bool(access(actor, ticket, tree.ancestors).classes & bit)

        batch = Batch(work, sender, stored, shows=shows)
        withdrawn = [batch.withdraw(id) for id in (order.request.withdraw if order.request else ())]
        if order.failed:
            return [batch.fail(command, order.failed) for command in order.commands] + withdrawn
        around = Surroundings(
            actor=actor,
            tree=tree,
            configuration=configuration,
            people=known_people(conn, named_people(order.commands)),
            units=frozenset(tree.units),
            teams=frozenset(configuration.teams),
            categories=frozenset(configuration.categories),
            known_at=work.at,
            attachment_limits=self._attachment_limits,
        )
        judge = Judge(work, around)
        verdicts = [batch.judge(judge, command) for command in order.commands]
        _give_back(work, order.numbers)
        effects = Effects(work, tree=tree, configuration=configuration, ids=self._ids)
        effects.settle(notices=not order.quiet)
        _refer_to_files(work)
        work.give_numbers()
        return batch.close(order.commands, verdicts) + withdrawn


def _give_back(work: UnitOfWork, numbers: Mapping[str, str]) -> None:
    """Let new tickets have the numbers they had."""
    for id in work.created():
        ticket = work.ticket(id)
        if ticket is not None and id in numbers:
            work.stage(Changes(ticket=replace(ticket, number=numbers[id])))


def _refer_to_files(work: UnitOfWork) -> None:
    """Write down which new timeline rows hold attachments, with the rows themselves (SYNC §7)."""
    work.later(_USES, [use for id in work.changed() for use in uses_of(work.new_entries(id))])


class _Order(Entity):
    """What one transaction is to do: commands of a sender, with the request they came in, if any."""

    sender: Sender
    commands: tuple[Command, ...]
    request: PushRequest | None = None
    failed: str = ""  # the code under which the commands are rejected unread
    numbers: Mapping[str, str] = _NO_NUMBERS  # official ones that tickets had before they were lost
    quiet: bool = False


def _check_shape(request: PushRequest) -> None:
    """Refuse (``bad_message``) identifiers and numbers that no client makes and no row holds."""
    ids = [*request.withdraw]
    for command in request.commands:
        ids += (command.id, command.ticket_id, *command.depends_on)
    if not all(0 < len(id) <= LONGEST_ID and id.isascii() and id.isprintable() for id in ids):
        raise InvalidInputError("bad_message", reason="id")
    if not 0 <= request.push_no < 1 << 53:
        raise InvalidInputError("bad_message", reason="push_no")


def _checked_device(conn: "Connection", order: _Order, stored: Mapping[str, "Row[Any]"]) -> DeviceState:
    """The device, locked; refused if it is not the person's, was revoked, or its replica was copied."""
    request, sender = order.request, order.sender
    assert request is not None
    device = lock_device(conn, sender.device)
    if device is None or device.person != sender.person:
        raise RefusedError("device_unknown")
    if device.revoked and not sender.leaving:
        raise RefusedError("device_revoked")
    repeated = request.push_no == device.push_no and ids_hash(request.commands) == device.push_hash
    known = all(command.id in stored for command in order.commands)
    if request.push_no <= device.push_no and not repeated and not known:
        raise RefusedError("stale_push", push_no=request.push_no, last=device.push_no)
    return device
