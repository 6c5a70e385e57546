"""Settling what needs attention: only the person ends it, and what they wrote stays until then (SYNC §4)."""

from collections import deque
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from desktop.commands.runner import Gesture, Runner
from desktop.replica import attention, outbox, rebase, search
from desktop.replica.attachments import refs_of_command
from desktop.replica.attention import Item
from desktop.replica.changed import Changed, Moves
from desktop.replica.engine import Connection
from desktop.replica.facts import FactSource
from domain.errors import RefusedError
from domain.wire.commands import AssignTicket, Command, EditTicket, Reply, intent_of
from domain.wire.intent import Intent

Choice = Literal["mine", "theirs"]


def settle_conflict(runner: Runner, num: int, choices: Mapping[str, Choice]) -> Changed:
    """End a conflict: for each key the server's value stays, or the person's is set anew over it."""
    with runner.replica.write() as conn:
        found = _item(conn, num, "conflict")
        command, detail = found.command, found.detail
        mine = [key for key in detail if choices.get(key, "theirs") == "mine"]
        changed = _settled(conn, num, runner)
        if not mine:
            return changed
        intent = intent_of(command)
        if isinstance(intent, EditTicket):
            intent = EditTicket(values={key: detail[key]["mine"] for key in mine})
        elif isinstance(intent, AssignTicket):
            # Its note stands in the timeline already; a transfer may not be without one.
            intent = msgspec.structs.replace(intent, note="")
        return changed | _again(conn, runner, command, intent)


def discard(runner: Runner, num: int) -> Changed:
    """Give up a command that was refused; nothing is sent."""
    with runner.replica.write() as conn:
        command = _item(conn, num).command
        return _settled(conn, num, runner) | _given_up(conn, command)


def resend(runner: Runner, num: int, *, edited: Mapping[str, Any] | None = None) -> Changed:
    """Send a refused command anew, with some of its content edited; what waited for it follows.

    A create keeps its ticket and provisional number. Raises RefusedError where it may not happen as it is now.
    """
    with runner.replica.write() as conn:
        old = _item(conn, num).command
        changed = _settled(conn, num, runner) | _given_up(conn, old)
        intent = intent_of(msgspec.structs.replace(old, set={**old.set, **(edited or {})}))
        changed |= _again(conn, runner, old, intent)
        return changed | _followers(conn, runner, old)


def _followers(conn: Connection, runner: Runner, old: Command) -> Changed:
    """Send anew what waited for a command that was sent anew, and what waited for that in turn, on any ticket."""
    changed, waited = Changed(), deque([old])
    while waited:
        first = waited.popleft()
        blocked = [(one.num, one.command) for one in attention.blocked_by(conn, first)]
        for num, command in [*blocked, *((0, one) for one in outbox.never_sent_after(conn, first.id))]:
            try:
                again = _again(conn, runner, command, intent_of(command))
            except RefusedError:
                continue  # it stays where it is, and is told of with its own reason
            changed |= again | _given_up(conn, command)
            if num:
                changed |= _settled(conn, num, runner)
            waited.append(command)
    return changed


def paste_as_note(runner: Runner, num: int) -> Changed:
    """Keep what a refused command said as an internal note on its ticket."""
    with runner.replica.write() as conn:
        command = _item(conn, num).command
        text, files = words_of(command), refs_of_command(command)
        if not text and not files:
            raise RefusedError("text_missing")
        changed = _settled(conn, num, runner) | _given_up(conn, command)
        note = Reply(body=text, internal=True, attachments=files)
        return changed | _again(conn, runner, command, note, kind="reply")


def words_of(command: Command) -> str:
    """What a person wrote in a command."""
    values: list[Any] = [
        command.set.get(key) for key in ("subject", "description", "body", "reply", "note", "reason")
    ]
    for key in ("values", "fields", "personal"):
        inner = command.set.get(key)
        if isinstance(inner, dict):
            values += inner.values()
    return "\n".join(str(value) for value in values if isinstance(value, str | int | float) and value != "")


def _item(conn: Connection, num: int, kind: str | None = None) -> Item:
    found = attention.item(conn, num)
    if found is None or (kind is not None and found.kind != kind):
        raise RefusedError("attention_settled")
    return found


def _settled(conn: Connection, num: int, runner: Runner) -> Changed:
    attention.settle(conn, num, runner.now())
    return Changed(kinds=frozenset({"attention"}))


def _given_up(conn: Connection, command: Command) -> Changed:
    """Take a refused command out of what is kept for sending and of what is shown."""
    moves = Moves()
    if outbox.give_up(conn, command):
        moves.kind("outbox")
        rebase.rebuild(conn, FactSource(conn), [command.ticket_id], moves)
        search.index(conn, moves.tickets)
    return moves.changed()


def _again(
    conn: Connection, runner: Runner, command: Command, intent: Intent, *, kind: str | None = None
) -> Changed:
    return runner.run_in(conn, [Gesture(ticket=command.ticket_id, kind=kind or command.kind, intent=intent)])
