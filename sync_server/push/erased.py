"""What comes late and holds what was erased meanwhile is emptied as it comes (SYNC §6)."""

from collections.abc import Iterable

from domain.entities.base import Instant
from domain.rules.erasing import cleared, erased_entry, erased_value, holding
from domain.wire.commands import Command
from sync_server.store import erasures
from sync_server.store.erasures import ErasedRow, ErasedValue, Hasher
from sync_server.store.unit_of_work import UnitOfWork

LATE_MS = 2_000
"""A command this old may have been written before an erasure; a younger one is a new word of the customer."""


def given_at(command: Command) -> Instant:
    """When a command was given, by the server's time as far as the device knew it."""
    return command.at + command.clock.offset_ms


def empty_late(work: UnitOfWork, commands: Iterable[Command], hasher: Hasher | None) -> None:
    """Empty, in what this transaction is about to write, what was erased after the commands were given."""
    late: dict[str, Instant] = {}
    for command in commands:
        if work.at - given_at(command) > LATE_MS:
            late[command.ticket_id] = min(given_at(command), late.get(command.ticket_id, work.at))
    if not late or erasures.newest(work.conn) <= min(late.values()):
        return
    values = erasures.values(work.conn) if hasher is not None else []
    rows = erasures.rows(work.conn, sorted(late))
    for id in set(late) & set(work.changed()):
        _empty(work, id, late[id], values, [one for one in rows if one.ticket == id], hasher)


def empty_copy(work: UnitOfWork, id: str, hasher: Hasher) -> None:
    """Empty, in a copy of a ticket that is about to be taken in, what was erased since the ticket was created."""
    ticket = work.ticket(id)
    assert ticket is not None
    rows = erasures.rows(work.conn, [id])
    _empty(work, id, ticket.created_at, erasures.values(work.conn), rows, hasher)


def _empty(
    work: UnitOfWork,
    id: str,
    since: Instant,
    values: list[ErasedValue],
    rows: list[ErasedRow],
    hasher: Hasher | None,
) -> None:
    here = erasures.values_in(rows) if hasher is not None else []
    meant = [one for one in (*values, *here) if one.at > since]
    matcher = erasures.matcher_of(hasher or Hasher(b""), meant)
    at = {one.row: one.at for one in rows}

    def erased(row: str) -> bool:
        return at.get(row, 0) > since

    ticket = work.ticket(id)
    assert ticket is not None
    found = {one.id for one in holding(work.new_entries(id), matcher)}
    entries = [
        erased_entry(one) if one.id in found or erased(f"entry.{one.id}") else one
        for one in work.new_entries(id)
    ]
    personal = [
        erased_value(one) if erased(f"personal.{one.key}") or matcher.is_value(one.value or "") else one
        for one in work.new_personal(id)
    ]
    work.restage(cleared(ticket, matcher), entries, personal)
