"""Lost work comes back: what desktops give back after a restore is kept, then judged in its old order (SYNC §6)."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import msgspec
import structlog

from domain.entities.base import Entity
from domain.errors import InvalidInputError, RefusedError
from domain.wire import codec
from domain.wire.commands import CREATING, Command
from domain.wire.protocol import MAX_BATCH_COMMANDS
from domain.wire.recovery import RecoverAnswer, RecoverRequest, RecoveryState, Returned
from domain.wire.sync import Put, Verdict
from sync_server.clock import Clock
from sync_server.feed.heads import check_seen, head_token
from sync_server.push.judging import Wants
from sync_server.push.orders import LONGEST_ID
from sync_server.push.pipeline import Pusher
from sync_server.push.proofs import Proofs
from sync_server.push.sender import Sender
from sync_server.store import epochs, returned
from sync_server.store.engine import Store
from sync_server.store.returned import ReturnedCommand, ReturnedRow
from sync_server.store.unit_of_work import FIRST_NUMBER
from sync_server.store.verdicts import stored_verdicts

log = structlog.get_logger("recovery")

LOST = "dependency_lost"
NO_EPOCH = "?"
"""What a desktop says that lost its place before it was told of any epoch."""
MOST_KEPT = 50_000
"""Commands and tickets of one device that may wait."""
NUMBER_TAKEN, UNPROVEN = "number_taken", "number_unproven"


class Applied(Entity):
    """What judging the returned commands came to."""

    settled: int = 0
    waiting: int = 0


class Returning:
    """Takes in what is given back, and judges it once the operator has closed the window."""

    def __init__(self, store: Store, *, pusher: Pusher, clock: Clock, proofs: Proofs | None = None) -> None:
        self._store, self._pusher, self._clock, self._proofs = store, pusher, clock, proofs

    def take(self, sender: Sender, request: RecoverRequest) -> RecoverAnswer:
        """Keep what a device gives back; outside a window it is judged at once. Raises ``epoch_changed``."""
        _check_shape(request)
        state, above = self._store.retrying(lambda: self._keep(sender, request))
        if state != "open" and request.commands:
            self.judge(tickets={one.command.ticket_id for one in request.commands})
        ids = set(request.ask)
        with self._store.read() as conn:
            seen = head_token(conn)
            missing = ids - returned.known_tickets(conn, ids)
            settled = stored_verdicts(conn, [one.command.id for one in request.commands]).keys()
        known = [one.command for one in request.commands if one.command.id in settled]
        return RecoverAnswer(
            state=state,
            above=above,
            verdicts=tuple(self._told(sender, known)),
            missing=tuple(id for id in request.ask if id in missing),
            server_time=self._clock.now(),
            seen=seen,
        )

    def _keep(self, sender: Sender, request: RecoverRequest) -> tuple[RecoveryState, int]:
        now = self._clock.now()
        with self._store.write() as conn:
            check_seen(conn, request.seen)
            if returned.kept_of(conn, sender.device) > MOST_KEPT:
                raise RefusedError("too_many_returned", limit=MOST_KEPT)
            now_open = epochs.recovery(conn)
            stored = stored_verdicts(conn, [one.command.id for one in request.commands])
            fresh = [one for one in request.commands if one.command.id not in stored]
            kept = [self._kept(sender, now_open.epoch, one, now) for one in fresh]
            highest = returned.highest_of(conn, sender.device, {one.ticket for one in kept})
            returned.keep_commands(conn, _in_own_order(kept, highest))
            for one in kept:
                if one.proven and one.number and one.number.isdecimal():
                    epochs.raise_numbers(conn, int(one.number) - FIRST_NUMBER + 1)
            here = returned.known_tickets(conn, (put.ticket.id for put in request.rows))
            rows = [put for put in request.rows if put.ticket.id not in here]
            returned.keep_rows(conn, (_row(sender, now_open.epoch, put, now) for put in rows))
            if request.contact_at:
                # Never later than this server came to be: a device can't make steps that never fired look fired.
                until = min(request.contact_at, now_open.opened_at)
                epochs.raise_alive(conn, now_open.epoch, until)
            above = epochs.lost_above(conn, request.epoch) if request.epoch else 0
            if request.epoch not in ("", NO_EPOCH) and epochs.went_back_silently(conn, request.epoch):
                # Only an operator knows what was lost with it: docs/operations.md, `recovery open`.
                log.warning("went_back_silently", device=sender.device, state=now_open.state)
            conn.commit()
        return now_open.state, above

    def _kept(self, sender: Sender, epoch: str, one: Returned, now: int) -> ReturnedCommand:
        command, verdict = one.command, one.verdict
        same = verdict.id == command.id and verdict.proof.isascii()
        proven = same and self._proofs is not None and self._proofs.verify(verdict, ticket=command.ticket_id)
        return ReturnedCommand(
            id=command.id,
            epoch=epoch,
            person=sender.person or "",
            device=sender.device,
            ticket=command.ticket_id,
            kind=command.kind,
            body=codec.encode(command).decode(),
            seq=verdict.seq,
            number=verdict.number if command.kind in CREATING else None,
            proven=proven,
            at=now,
        )

    def judge(
        self, told: Callable[[int], None] = lambda count: None, *, tickets: set[str] | None = None
    ) -> Applied:
        """Judge all that waits (on some tickets), in the order in which it was taken at first, each as its author.

        A command waits on where its ticket, or what it depends on, is not here yet. Safe to be run again.
        """
        settled, waits, after = 0, 0, (-1, "")
        held: set[str] = set()
        while True:
            with self._store.read() as conn:
                part = returned.waiting(conn, after, tickets)
            if not part:
                return Applied(settled=settled, waiting=waits)
            after = (part[-1].seq, part[-1].id)
            for (person, device), run in groupby(part, key=lambda one: (one.person, one.device)):
                ones = list(run)
                for begin in range(0, len(ones), MAX_BATCH_COMMANDS):
                    done = self._run(person, device, ones[begin : begin + MAX_BATCH_COMMANDS], held)
                    settled += done
                    waits += len(ones[begin : begin + MAX_BATCH_COMMANDS]) - done
                    told(settled)

    def _run(self, person: str, device: str, ones: Sequence[ReturnedCommand], held: set[str]) -> int:
        """Judge consecutive commands of one author; returns how many are settled. `held` tickets wait."""
        decoded = {one.id: codec.decode(one.body, Command) for one in ones}
        named = {id: Wants().tickets((command,)) for id, command in decoded.items()}
        with self._store.read() as conn:
            here = returned.known_tickets(conn, {id for one in ones for id in named[one.id]})
            stored = stored_verdicts(conn, [one.id for one in ones])
            numbers = {one.ticket: one.number for one in ones if one.number and one.proven}
            taken = returned.numbers_of_others(conn, numbers)
            there = returned.known_entries(conn, [one for one in ones if one.id not in stored])
        judged: list[ReturnedCommand] = []
        for one in ones:
            if one.kind in CREATING:
                here.add(one.ticket)
            # What is about two tickets waits for both.
            if named[one.id] & held or not named[one.id] <= here:
                held.add(one.ticket)
            elif one.id not in stored and one.id not in there:
                judged.append(one)
        free = {ticket: number for ticket, number in numbers.items() if ticket not in taken}
        commands = [decoded[one.id] for one in judged]
        sender = Sender(person=person, device=device)
        self._accept(sender, [one for one in ones if one.id in there])
        verdicts = self._pusher.take_back(sender, commands, free) if commands else []
        held.update(c.ticket_id for c, v in zip(commands, verdicts, strict=True) if v.status == "retry")
        outcomes = [(row.command, row.status, row.code) for row in stored.values()]
        outcomes += [(one.id, "applied", "") for one in ones if one.id in there]
        for one, verdict in zip(judged, verdicts, strict=True):
            if verdict.status != "retry":
                outcomes.append((one.id, verdict.status, verdict.code or _about_number(one, taken)))
        self._store.retrying(lambda: self._settle(outcomes))
        return len(outcomes)

    def _accept(self, sender: Sender, ones: Sequence[ReturnedCommand]) -> None:
        if ones:
            self._pusher.accept(sender, [codec.decode(one.body, Command) for one in ones])

    def _settle(self, outcomes: Iterable[tuple[str, str, str]]) -> None:
        with self._store.write() as conn:
            returned.settle(conn, outcomes)
            conn.commit()

    def give_up(self) -> int:
        """Reject what still waits for a ticket that nobody brought: its authors get it back with the reason."""
        with self._store.read() as conn:
            left = list(returned.every_waiting(conn))
        for one in left:
            command = codec.decode(one.body, Command)
            verdict = self._pusher.reject(Sender(person=one.person, device=one.device), command, LOST)
            self._settle([(one.id, verdict.status, verdict.code)])
        return len(left)

    def _told(self, sender: Sender, commands: Sequence[Command]) -> list[Verdict]:
        """The stored verdicts of commands that are settled, as a repeat is answered."""
        answered: list[Verdict] = []
        for begin in range(0, len(commands), MAX_BATCH_COMMANDS):
            answered += self._pusher.take_back(sender, commands[begin : begin + MAX_BATCH_COMMANDS])
        return [verdict for verdict in answered if verdict.status != "retry"]


def _in_own_order(kept: Sequence[ReturnedCommand], highest: dict[str, int]) -> Iterable[ReturnedCommand]:
    """On one ticket a device's later work never sorts first: after a second restore its seqs are of two pasts."""
    for one in kept:
        highest[one.ticket] = max(one.seq, highest.get(one.ticket, 0))
        yield msgspec.structs.replace(one, seq=highest[one.ticket])


def _check_shape(request: RecoverRequest) -> None:
    """Refuse (``bad_message``) identifiers and numbers that no client makes and no row holds."""
    ids = [one.command.id for one in request.commands] + [one.command.ticket_id for one in request.commands]
    ids += [put.ticket.id for put in request.rows]
    ids += [id for one in request.commands for id in one.command.depends_on]
    if not all(0 < len(id) <= LONGEST_ID and id.isascii() and id.isprintable() for id in ids):
        raise InvalidInputError("bad_message", reason="id")
    if not all(0 <= one.verdict.seq < 1 << 53 for one in request.commands):
        raise InvalidInputError("bad_message", reason="seq")
    if not 0 <= request.contact_at < 1 << 53:
        raise InvalidInputError("bad_message", reason="contact_at")


def _about_number(one: ReturnedCommand, taken: set[str]) -> str:
    if one.number is None:
        return ""
    return NUMBER_TAKEN if one.ticket in taken else "" if one.proven else UNPROVEN


def _row(sender: Sender, epoch: str, put: Put, now: int) -> ReturnedRow:
    ticket = put.ticket
    return ReturnedRow(
        ticket=ticket.id,
        device=sender.device,
        epoch=epoch,
        person=sender.person or "",
        number=ticket.number,
        org=ticket.org,
        line=ticket.line,
        body=msgspec.json.encode(put).decode(),
        at=now,
    )
