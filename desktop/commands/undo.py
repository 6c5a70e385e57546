"""Taking back what was just done: withdrawn if it never left, else answered by its opposite."""

from msgspec.structs import replace

from desktop.commands.runner import Gesture, Runner
from desktop.replica import outbox, rebase, rows, search
from desktop.replica.changed import Changed, Moves
from desktop.replica.engine import Connection
from desktop.replica.facts import FactSource
from domain.entities.rules import RuleStep
from domain.errors import RefusedError
from domain.wire.commands import (
    CREATING,
    AssignTicket,
    ChangeMembers,
    ChangeStatus,
    Command,
    EditTicket,
    TransferTicket,
    intent_of,
    payload,
)
from domain.wire.intent import Intent
from domain.wire.rule_commands import ApplyMacro
from domain.wire.together_commands import HandBack, LinkTicket, MergeTicket, UnmergeTicket

_BACK = "\u21a9"
"""The note of a transfer taken back: across departments it needs one, in any language."""


def undo(runner: Runner, changed: Changed) -> Changed:
    """Take back the commands of one gesture, last first; refused (``undo_impossible``) where one can't be."""
    with runner.replica.write() as conn:
        undone = Changed()
        for id in reversed(changed.commands):
            found = outbox.load(conn, id)
            if found is None or found[1] in ("attention", "discarded"):
                raise RefusedError("undo_impossible")
            command, state = found
            if state == "pending":
                undone |= _withdraw(conn, command)
            else:
                undone |= runner.run_in(conn, [_opposite(conn, command)])
        return undone


def _withdraw(conn: Connection, command: Command) -> Changed:
    """Forget a command that never left; a create only while nothing was done to its ticket since."""
    moves = Moves()
    if command.kind in CREATING and outbox.is_followed(conn, command):
        raise RefusedError("undo_impossible")
    outbox.move(conn, [command.id], "discarded")
    rebase.rebuild(conn, FactSource(conn), [command.ticket_id], moves)
    search.index(conn, moves.tickets)
    moves.kind("outbox")
    return moves.changed()


def _macro_back(conn: Connection, command: Command, intent: ApplyMacro) -> Intent:
    """The macro's steps led back, the last first; what was said can't be taken back."""
    if intent.reply.strip():
        raise RefusedError("undo_impossible")
    steps = []
    for step in reversed(intent.steps):
        back = _opposite(conn, replace(command, kind=step.kind, set=step.set))
        steps.append(RuleStep(action=step.action, kind=back.kind, set=payload(back.intent)))
    return ApplyMacro(macro=intent.macro, version=intent.version, name=intent.name, steps=tuple(steps))


def _opposite(conn: Connection, command: Command) -> Gesture:
    """The gesture that leads back to what the command had read."""
    ticket = rows.load_ticket(conn, command.ticket_id)
    intent, base = intent_of(command), command.base
    back: Intent | None = None
    kind = command.kind
    if ticket is None:
        raise RefusedError("undo_impossible")
    if isinstance(intent, ApplyMacro):
        back = _macro_back(conn, command, intent)
    elif isinstance(intent, MergeTicket):
        kind, back = "unmerge", UnmergeTicket(into=intent.into)
    elif isinstance(intent, LinkTicket):
        kind, back = ("unlink" if kind == "link" else "link"), intent
    elif isinstance(intent, TransferTicket | HandBack):
        kind, back = "transfer", TransferTicket(**base, note=_BACK)
    elif isinstance(intent, EditTicket):
        back = EditTicket(values={key: base.get(key) for key in intent.values})
    elif isinstance(intent, ChangeMembers):
        back = ChangeMembers(add=intent.remove, remove=intent.add)
    elif isinstance(intent, ChangeStatus):
        back = ChangeStatus(to=str(base["status"])) if base.get("status") not in (None, "on_hold") else None
    elif kind in ("assign", "take") and (base.get("assignee") or ticket.team):
        kind = "assign"
        back = AssignTicket(assignee=base.get("assignee"), team=base.get("team") or ticket.team)
    if back is None:
        raise RefusedError("undo_impossible")
    return Gesture(ticket=command.ticket_id, kind=kind, intent=back)
