"""The verdicts of one transaction: repeats, dependencies, and keeping them with their effect (SYNC §4)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from domain.entities.ticket import Ticket
from domain.wire import codec
from domain.wire.commands import CREATING, Command
from domain.wire.protocol import MAX_COMMAND_BYTES
from domain.wire.sync import Verdict
from sync_server.push.judging import Judge
from sync_server.push.sender import Sender
from sync_server.store.rows import dump, load_mapping, load_names
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.verdicts import StoredVerdict, content_hash

WITHDRAWN = "withdrawn"
"""Stands for the content of a command that its device set aside before it ever came."""


def _bounded(command: Command, raw: bytes) -> Verdict | None:
    """Reject a command larger than any honest one, or with text that can't be kept."""
    if len(raw) > MAX_COMMAND_BYTES:
        limit = {"limit": MAX_COMMAND_BYTES}
        return Verdict(id=command.id, status="rejected", code="command_too_large", message=limit)
    if codec.holds_nul(raw):
        return Verdict(id=command.id, status="rejected", code="bad_command", message={"reason": "nul"})
    return None


class Batch:
    """The verdicts of one transaction, kept in the order of the commands."""

    def __init__(
        self,
        work: UnitOfWork,
        sender: Sender,
        stored: Mapping[str, StoredVerdict],
        *,
        shows: Callable[[Ticket, str], bool] = lambda ticket, key: False,
        given_back: bool = False,
    ) -> None:
        """`given_back`: the commands were taken once, and lost with a restore."""
        self.sender, self._shows, self._given_back = sender, shows, given_back
        self._work, self._stored = work, stored
        self._judged: dict[str, Verdict] = {}
        self._contents: dict[str, str] = {}
        self._waiting: set[str] = set()
        self._raw: dict[int, tuple[bytes, str, Command]] = {}

    def judge(self, judge: Judge, command: Command) -> Verdict:
        """The stored verdict of a repeat, else a new one."""
        if command.id in self._stored:
            return self._repeated(command, self._stored[command.id])
        if command.id in self._judged:
            return self._again(command)
        verdict = (
            self._dependent(command) or _bounded(command, self._said(command)[0]) or judge.verdict(command)
        )
        if verdict.status == "retry":
            self._waiting.add(command.ticket_id)
        self._judged[command.id] = verdict
        self._contents[command.id] = self._said(command)[1]
        return verdict

    def _said(self, command: Command) -> tuple[bytes, str]:
        """Everything a command says, and a hash of it; each command is encoded once."""
        known = self._raw.get(id(command))
        if known is None:
            raw = codec.encode(command)
            # Kept with the command itself: its `id()` is its own as long as it lives.
            known = self._raw[id(command)] = (raw, content_hash(raw), command)
        return known[:2]

    def _again(self, command: Command) -> Verdict:
        """A command that comes twice in one request: the same verdict, unless it says something else."""
        if self._contents.get(command.id, WITHDRAWN) not in (self._said(command)[1], WITHDRAWN):
            return Verdict(id=command.id, status="rejected", code="id_reused", duplicate=True)
        return msgspec.structs.replace(self._judged[command.id], duplicate=True)

    def fail(self, command: Command, code: str = "server_fault") -> Verdict:
        """Reject a command that could not be judged; what was judged before keeps its verdict."""
        if command.id in self._stored:
            return self._repeated(command, self._stored[command.id])
        if command.id in self._judged:
            return self._again(command)
        return self.keep(command, Verdict(id=command.id, status="rejected", code=code))

    def accept(self, command: Command) -> Verdict:
        """Say that a command is applied whose effect is here already."""
        if command.id in self._stored:
            return self._repeated(command, self._stored[command.id])
        ticket = self._work.ticket(command.ticket_id)
        number = ticket.number if ticket and command.kind in CREATING else None
        rev = self._work.next_rev(command.ticket_id)
        return self.keep(command, Verdict(id=command.id, status="applied", rev=rev, number=number))

    def _dependent(self, command: Command) -> Verdict | None:
        """Blocked if what it depends on failed, retried if that is not here yet; a ticket's order is kept."""
        if command.ticket_id in self._waiting:
            return Verdict(id=command.id, status="retry", code="order")
        for other in command.depends_on:
            status = self._status_of(other)
            if status is None:
                return Verdict(id=command.id, status="retry", code="dependency_missing")
            if status in ("rejected", "blocked"):
                return Verdict(
                    id=command.id, status="blocked", code="dependency_failed", message={"command": other}
                )
            if status == "retry":
                return Verdict(id=command.id, status="retry", code="order")
        return None

    def _status_of(self, command: str) -> str | None:
        if command in self._judged:
            return self._judged[command].status
        row = self._stored.get(command)
        return row.status if row else None

    def _repeated(self, command: Command, row: StoredVerdict) -> Verdict:
        """The stored verdict, to its own person only; conflict values only while the ticket is in sight."""
        # Not by device: a copied replica comes back under a new one with the same outbox.
        same = row.person == self.sender.person
        told = not command.kind or row.content_hash in (self._said(command)[1], WITHDRAWN)
        # A desktop empties its journal of what was erased, also between giving a command back and asking for its
        # verdict: there the ticket has to do (story real 502152).
        emptied = self._given_back and row.ticket == command.ticket_id
        if not same or not (told or emptied):
            return Verdict(id=command.id, status="rejected", code="id_reused", duplicate=True)
        return Verdict(
            id=command.id,
            status=row.status,
            duplicate=True,
            seq=row.seq,
            rev=row.rev,
            number=row.number,
            code=row.code,
            message=load_mapping(row.message),
            fields=self._conflicts(command, load_names(row.conflicts)),
        )

    def _conflicts(self, command: Command, keys: Sequence[str]) -> dict[str, Any]:
        """Rebuild what a verdict said of conflicts: the ticket as it stands and the value the command set."""
        ticket = self._work.ticket(command.ticket_id)
        mine = {**command.set, **command.set.get("values", {})}
        found: dict[str, Any] = {}
        for key in keys if ticket is not None and self._shows(ticket, "") else ():
            room, _, name = key.partition(".")
            if room == "personal":
                row = self._work.personal(command.ticket_id).get(name)
                theirs: Any = row.value if row and row.field_class == "ordinary" else None
            elif room == "fields":
                theirs = ticket.fields.get(name) if ticket and self._shows(ticket, key) else None
            else:
                theirs = getattr(ticket, key, None)
            found[key] = {"theirs": theirs, "mine": mine.get(key, self.sender.person)}
        return found

    def close(self, commands: Sequence[Command], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Store the new verdicts with their effect, numbers included."""
        closed = []
        for command, verdict in zip(commands, verdicts, strict=True):
            ticket = self._work.ticket(command.ticket_id)
            if command.kind in CREATING and verdict.status == "applied" and ticket is not None:
                verdict = msgspec.structs.replace(verdict, number=ticket.number)
            if verdict.rev and not verdict.duplicate:
                verdict = msgspec.structs.replace(verdict, rev=self._work.next_rev(command.ticket_id))
            closed.append(verdict if verdict.duplicate else self.keep(command, verdict))
        return closed

    def withdraw(self, id: str) -> Verdict:
        """The stored verdict of a command its device sets aside; rejected for good if there is none."""
        if id in self._stored:
            return self._repeated(Command(id=id, ticket_id="", kind=""), self._stored[id])
        if id in self._judged:
            return msgspec.structs.replace(self._judged[id], duplicate=True)
        verdict = self._judged[id] = Verdict(id=id, status="rejected", code=WITHDRAWN)
        return self.keep(Command(id=id, ticket_id="", kind=""), verdict, hashed=WITHDRAWN)

    def keep(self, command: Command, verdict: Verdict, *, hashed: str = "") -> Verdict:
        """Store one verdict; those that pass are not kept, the command comes again."""
        if verdict.status != "retry" and command.id not in self._stored:
            self._work.store_verdict(
                {
                    "command": command.id,
                    "content_hash": hashed or self._said(command)[1],
                    "person": self.sender.person,
                    "device": self.sender.device,
                    "ticket": command.ticket_id,
                    "kind": command.kind,
                    "status": verdict.status,
                    "rev": verdict.rev,
                    "number": verdict.number,
                    "code": verdict.code,
                    "message": dump(verdict.message),
                    "conflicts": dump(sorted(verdict.fields)),
                    "at": self._work.at,
                }
            )
        return verdict
