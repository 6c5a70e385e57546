"""What the server made of the commands sent: the only thing that moves a command which ever left (SYNC §4)."""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import attention, erasing, heads, outbox, purge, rebase, search, sql
from desktop.replica.changed import Changed, Moves
from desktop.replica.facts import FactSource
from domain.entities.base import Instant
from domain.wire.commands import Command
from domain.wire.recovery import RecoverAnswer
from domain.wire.sync import PushAnswer, PushRequest, Verdict

_TOOK = frozenset({"applied", "merged", "conflict"})
_PUSHED = ("pending", "sent")
WITHDRAWN = "withdrawn"
"""Said of a command that was asked about and never came."""


def apply_verdicts(conn: Connection, request: PushRequest, answer: PushAnswer) -> Changed:
    """Take in the verdicts of one request; those on commands that have theirs already change nothing.

    An answer of before a restore changes nothing either: what it tells of may be lost, and is asked for again.
    """
    moves = Moves()
    if heads.is_of_another_past(conn, request, answer.head):
        return moves.changed()
    asked = {command.id: command for command in request.commands}
    for id in request.withdraw:
        found = outbox.load(conn, id)
        if found is not None:
            asked[id] = found[0]
    touched: set[str] = set()
    for verdict in answer.verdicts:
        command = asked.get(verdict.id)
        # What goes back to a restored server hears nothing from pushes of before: such an answer was held up.
        if command is not None and _take(conn, command, verdict, answer.server_time, moves, of=_PUSHED):
            touched.add(command.ticket_id)
    rebase.rebuild(conn, FactSource(conn), touched, moves)
    # No page need follow: a new number is searched for at once, and what was refused is found no more.
    told = [one for one in answer.verdicts if one.number or one.status not in ("applied", "merged", "retry")]
    search.index(conn, touched & {asked[one.id].ticket_id for one in told if one.id in asked})
    purge.forget_read(conn, touched)
    erasing.answered(conn, touched)
    outbox.settle_unheld(conn)
    return moves.changed()


def take_again(conn: Connection, given: Iterable[Command], answer: RecoverAnswer, moves: Moves) -> set[str]:
    """Take in the new verdicts of what was given back after a restore; returns the tickets touched."""
    asked = {command.id: command for command in given}
    touched: set[str] = set()
    for verdict in answer.verdicts:
        command = asked.get(verdict.id)
        if command is not None and _take(conn, command, verdict, answer.server_time, moves):
            touched.add(command.ticket_id)
    purge.forget_read(conn, touched)
    erasing.answered(conn, touched)
    return touched


def _take(
    conn: Connection,
    command: Command,
    verdict: Verdict,
    at: Instant,
    moves: Moves,
    *,
    of: tuple[str, ...] = outbox.TO_SEND,
) -> bool:
    found = outbox.load(conn, command.id)
    if found is None or found[1] not in of or verdict.status == "retry":
        return False
    moves.kind("outbox")
    if verdict.status in _TOOK:
        outbox.acknowledge(conn, verdict, state="acked", at=at)
        _seen(conn, command.ticket_id, verdict.rev)
    else:
        outbox.acknowledge(conn, verdict, state="attention", at=at)
    _raise(conn, command, verdict, at, moves)
    return True


def _raise(conn: Connection, command: Command, verdict: Verdict, at: Instant, moves: Moves) -> None:
    if verdict.status in ("applied", "merged"):
        return
    if verdict.status == "conflict":
        detail, kind = verdict.fields, "conflict"
    else:
        detail, kind = verdict.message, verdict.status
    code = verdict.code
    if code == WITHDRAWN and (first := outbox.gave_up_before(conn, command)):
        # The server never heard of what this waited for: here it is known why it was not done.
        kind, code, detail = "blocked", "dependency_failed", {"command": first}
    attention.add(
        conn,
        command=command.id,
        ticket=command.ticket_id,
        kind=kind,  # type: ignore[arg-type]  # the statuses that remain are kinds
        code=code or kind,
        detail=detail,
        at=at,
    )
    moves.kind("attention")


def _seen(conn: Connection, ticket: str, rev: int) -> None:
    """The person's own doing does not make a ticket unread."""
    sql.run(conn, "UPDATE seen SET rev = ? WHERE ticket = ? AND rev = ?", (rev, ticket, rev - 1))
