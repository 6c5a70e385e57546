"""Runs what a person does: decide, replica rows and outbox in one transaction (SYNC §4)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from desktop.clock import Clock, ServerTime
from desktop.replica import meta, outbox, rebase, rows, search
from desktop.replica.changed import Changed, Moves
from desktop.replica.engine import Connection, Replica
from desktop.replica.facts import FactSource
from desktop.replica.rows import Base
from domain.entities.base import Entity
from domain.entities.ticket import PersonalValue, Ticket
from domain.errors import RefusedError
from domain.ids import IdSource, command_of
from domain.rules.decide import decide, others_of
from domain.rules.facts import Refused, Unknown
from domain.wire.commands import (
    CREATING,
    INTENTS,
    AssignTicket,
    Command,
    CreateTicket,
    EditTicket,
    SplitTicket,
    TransferTicket,
    payload,
)
from domain.wire.flow_commands import CompleteNode
from domain.wire.intent import Intent
from domain.wire.rule_commands import ApplyMacro
from domain.wire.together_commands import HandBack

PROVISIONAL = "\u4e34-{code}-{count:04d}"
"""The number of a ticket that the server has not seen yet, as it is written on paper; never reused."""


class Gesture(Entity):
    """One thing a person does to one ticket; the runner makes it a command."""

    ticket: str
    kind: str
    intent: Intent


class Runner:
    """Turns gestures into commands, shows what they do at once and queues them for the server."""

    def __init__(self, replica: Replica, *, clock: Clock, time: ServerTime, ids: IdSource) -> None:
        self.replica = replica
        self._clock, self._time, self._ids = clock, time, ids

    def run(self, gestures: Sequence[Gesture]) -> Changed:
        """Do all of them or nothing; raises RefusedError with the code of the first that may not happen."""
        with self.replica.write() as conn:
            return self.run_in(conn, gestures)

    def run_in(self, conn: Connection, gestures: Sequence[Gesture]) -> Changed:
        """Do all of them within a transaction of the caller's."""
        moves = Moves()
        facts = FactSource(conn)
        for gesture in gestures:
            self._do(conn, facts, gesture, moves)
        search.index(conn, {gesture.ticket for gesture in gestures})
        moves.kind("outbox")
        return moves.changed()

    def new_id(self) -> str:
        """A fresh identifier."""
        return self._ids.new()

    def now(self) -> int:
        """The server's time as far as it is known."""
        return self._time.now()

    def _do(self, conn: Connection, facts: FactSource, gesture: Gesture, moves: Moves) -> None:
        ticket = rows.load_ticket(conn, gesture.ticket)
        personal = rows.load_personal(conn, gesture.ticket)
        command = self._command(conn, gesture, ticket, personal)
        decision = decide(facts.facts(command, ticket, personal, optimistic=False), command)
        if isinstance(decision, Refused):
            raise RefusedError(decision.code, **decision.args)
        if not isinstance(decision, Unknown) and decision.ticket == ticket and not decision.entries:
            return  # it is so already
        if ticket is None and command.kind in CREATING:
            rows.save_base(conn, gesture.ticket, Base())
        rebase.keep_base(conn, gesture.ticket)
        outbox.add(conn, command)
        rebase.rebuild(conn, facts, [gesture.ticket], moves)
        moves.commands.append(command.id)
        if isinstance(decision, Unknown):
            outbox.doubt(conn, command.id, f"unknown:{decision.what}")

    def _command(
        self, conn: Connection, gesture: Gesture, ticket: Ticket | None, personal: Sequence[PersonalValue]
    ) -> Command:
        intent = gesture.intent
        if isinstance(intent, CreateTicket) and intent.provisional is None:
            intent = msgspec.structs.replace(intent, provisional=_provisional(conn))
        return Command(
            id=self._ids.new(),
            ticket_id=gesture.ticket,
            kind=gesture.kind,
            base=read_values(gesture.kind, intent, ticket, personal) if ticket is not None else {},
            set=payload(intent),
            depends_on=_depends_on(conn, gesture.ticket, intent),
            at=self._clock.now(),
            clock=self._time.device_clock(),
        )


def read_values(
    kind: str, intent: Intent, ticket: Ticket, personal: Sequence[PersonalValue]
) -> dict[str, Any]:
    """The values a command is about, as the person saw them when giving it."""
    if isinstance(intent, EditTicket):
        return {key: _value(key, ticket, personal) for key in intent.values}
    if isinstance(intent, CompleteNode):
        rooms = [f"{room}.{key}" for key in intent.values for room in ("fields", "personal")]
        return {key: _value(key, ticket, personal) for key in ("category", *rooms)}
    if isinstance(intent, ApplyMacro):
        steps = [(step.kind, msgspec.convert(step.set, INTENTS[step.kind])) for step in intent.steps]
        return {key: value for one in steps for key, value in read_values(*one, ticket, personal).items()}
    if isinstance(intent, TransferTicket | HandBack):
        columns: tuple[str, ...] = ("org", "line", "team", "assignee")
    elif isinstance(intent, AssignTicket):
        columns = ("assignee",) if intent.team is None else ("assignee", "team")
    else:
        columns = {"take": ("assignee",), "status": ("status",)}.get(kind, ())
    return {column: getattr(ticket, column) for column in columns}


def _value(key: str, ticket: Ticket, personal: Sequence[PersonalValue]) -> Any:
    room, _, name = key.partition(".")
    if room == "fields":
        return ticket.fields.get(name)
    if room == "personal":
        return next((one.value for one in personal if one.key == name), None)
    return getattr(ticket, key, None)


def _depends_on(conn: Connection, ticket: str, intent: Intent) -> tuple[str, ...]:
    """What has to be taken first: whatever makes the tickets it is about, and the rows it names."""
    tickets = (ticket, *others_of(intent))
    found = [id for one in tickets for id in outbox.unconfirmed_create(conn, one)]
    if isinstance(intent, SplitTicket):
        found += outbox.unconfirmed(conn, [command_of(id) for id in intent.entries])
    return tuple(dict.fromkeys(found))


def _provisional(conn: Connection) -> str:
    return PROVISIONAL.format(code=meta.get(conn, "replica_code"), count=meta.following(conn, "provisional"))
