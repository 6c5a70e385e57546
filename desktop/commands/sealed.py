"""Tickets written past the lease: into the box while the replica is closed, into the outbox once it is open."""

import structlog

from desktop.replica import outbox, outside, rebase, rows, search
from desktop.replica.changed import Changed, Moves
from desktop.replica.engine import Replica
from desktop.replica.facts import FactSource
from desktop.replica.rows import Base
from desktop.sealed import SealedBox
from domain.errors import InvalidInputError
from domain.wire import codec
from domain.wire.commands import Command

log = structlog.get_logger("sealed")


def seal(scratch: Replica, box: SealedBox) -> int:
    """Move what was written in a scratch replica into the box; returns how many tickets."""
    with scratch.write() as conn:
        found = outside.written(conn)
        for command in found:
            box.seal(command.id, codec.encode(command))
        outbox.move(conn, [command.id for command in found], "discarded")
    return len(found)


def take_in(replica: Replica, box: SealedBox, key: bytes) -> Changed:
    """Queue what was sealed, under its own ids, as it was written then; each is taken once.

    Whether it may be is for the server to say: nothing that was written is refused here.
    """
    changed = Changed()
    for file, content in box.opened(key):
        try:
            command = codec.decode(content, Command)
        except InvalidInputError:
            log.warning("sealed_unreadable", file=file.name)
            continue
        changed |= _queue(replica, command)
        # Only now: taken in twice it would be known by its id, lost it would not be.
        file.unlink()
    return changed


def _queue(replica: Replica, command: Command) -> Changed:
    moves = Moves()
    with replica.write() as conn:
        if outbox.load(conn, command.id) is not None:
            return Changed()
        if rows.load_ticket(conn, command.ticket_id) is None:
            rows.save_base(conn, command.ticket_id, Base())
        rebase.keep_base(conn, command.ticket_id)
        outbox.add(conn, command)
        rebase.rebuild(conn, FactSource(conn), [command.ticket_id], moves)
        search.index(conn, {command.ticket_id})
        moves.kind("outbox")
    return moves.changed()
