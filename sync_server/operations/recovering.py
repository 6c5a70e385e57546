"""`recovery`: what desktops gave back after a restore, judging it, and letting the jobs go on (SYNC §6)."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from domain.entities.base import Entity
from domain.entities.ticket import Changes
from domain.errors import RefusedError
from domain.wire.sync import Put
from sync_server.access.grants import GrantCache
from sync_server.api.sealing import server_secret
from sync_server.operations.tools import Tools
from sync_server.push.effects import Effects
from sync_server.push.erased import empty_copy
from sync_server.push.pipeline import refer_to_files
from sync_server.push.returning import Applied, Returning
from sync_server.store import epochs, returned
from sync_server.store.delivery_queue import leave_to_the_lost
from sync_server.store.epochs import Recovery
from sync_server.store.erasures import Hasher
from sync_server.store.unit_of_work import UnitOfWork


class Standing(Entity):
    """Where recovery stands."""

    recovery: Recovery
    counts: dict[str, int]
    from_whom: tuple[dict[str, Any], ...]
    rows: tuple[dict[str, Any], ...]


def standing(tools: Tools) -> Standing:
    """What came back from whom, what is not proven, which tickets wait for review."""
    with tools.store.read() as conn:
        return Standing(
            recovery=epochs.recovery(conn),
            counts=returned.counts(conn),
            from_whom=tuple(dict(row._mapping) for row in returned.summary(conn)),
            rows=tuple(_shown(row) for row in returned.rows_to_review(conn)),
        )


def _shown(row: returned.ReturnedRow) -> dict[str, Any]:
    """A ticket for review by what names it; never its text."""
    return {
        "ticket": row.ticket,
        "number": row.number or "",
        "org": row.org,
        "line": row.line,
        "person": row.person,
        "device": row.device,
    }


def open_in_place(tools: Tools) -> Recovery:
    """Begin a new epoch on a database that lost commits: a failover, a snapshot put back."""
    now = tools.clock.now()
    with tools.store.write() as conn:
        opened = epochs.open_epoch(conn, epoch=tools.ids.new(), at=now, since=now, reason="failover")
        conn.commit()
    return opened


def close(tools: Tools, told: Callable[[int], None] = lambda count: None) -> Applied:
    """Judge what came back, in its old order, and take pushes again; refused (``recovery_not_open``) otherwise."""
    _expect(tools, "open", "recovery_not_open")
    returning = Returning(tools.store, pusher=tools.pusher, clock=tools.clock)
    first = returning.judge(told)
    with tools.store.write() as conn:
        epochs.set_state(conn, "closed", at=tools.clock.now())
        conn.commit()
    # What came in between was kept as of an open window.
    rest = returning.judge(told)
    return Applied(settled=first.settled + rest.settled, waiting=rest.waiting)


class Released(Entity):
    """What letting go came to."""

    fired: int  # steps that the lost server is taken to have fired
    given_up: int  # commands whose ticket nobody brought
    told: int = 0  # messages that it is taken to have sent


def release(tools: Tools) -> Released:
    """Let sweeps and closing go on; refused (``recovery_not_closed``) before the window is closed.

    Steps that fell due while the lost server is known to have lived were fired by it, and are not fired again;
    messages of that time it has sent, and those about commands that came back.
    What still waits for a ticket that nobody brought goes back to its authors, with the reason.
    """
    found = _expect(tools, "closed", "recovery_not_closed")
    returning = Returning(tools.store, pusher=tools.pusher, clock=tools.clock)
    returning.judge()
    given_up = returning.give_up()
    with tools.store.write() as conn:
        fired = epochs.take_as_fired(conn, found.alive_until)
        now = tools.clock.now()
        told = leave_to_the_lost(
            conn, until=found.alive_until, judged=(found.opened_at, found.closed_at or now), at=now
        )
        epochs.set_state(conn, "released", at=now)
        conn.commit()
    return Released(fired=fired, given_up=given_up, told=told)


def _expect(tools: Tools, state: str, code: str) -> Recovery:
    with tools.store.read() as conn:
        found = epochs.recovery(conn)
    if found.state != state:
        raise RefusedError(code, state=found.state or "-")
    return found


def accept(tools: Tools, tickets: Sequence[str]) -> int:
    """Take reviewed tickets in as they were held on a desktop; returns how many.

    The fullest copy of each is taken: that of the desktop that saw most of it.
    """
    with tools.store.read() as conn:
        rows = [row for row in returned.rows_to_review(conn) if row.ticket in tickets]
    best: dict[str, Put] = {}
    for row in rows:
        put = msgspec.json.decode(row.body, type=Put)
        if put.ticket.id not in best or _fullness(put) > _fullness(best[put.ticket.id]):
            best[put.ticket.id] = put
    for put in best.values():
        _import(tools, put)
    Returning(tools.store, pusher=tools.pusher, clock=tools.clock).judge()
    return len(best)


def _fullness(put: Put) -> tuple[int, int, int]:
    return put.access.bit_count(), put.ticket.rev, len(put.entries)


def _import(tools: Tools, put: Put) -> None:
    """Write one ticket with what the desktop held of it."""
    with tools.store.write() as conn:
        work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
        ticket = put.ticket
        taken = ticket.number is not None and returned.numbers_of_others(conn, {ticket.id: ticket.number})
        number = None if taken else ticket.number
        # Masked values are no values: who saw no more can't give them back.
        personal = tuple(value for value in put.personal if not value.masked)
        work.stage(
            Changes(
                ticket=msgspec.structs.replace(ticket, rev=0, number=number),
                entries=put.entries,
                personal=personal,
            )
        )
        # A desktop that was away held it as it was before the erasure.
        empty_copy(work, ticket.id, Hasher(server_secret(tools.settings.folder)))
        tree, configuration = tools.trees.current(conn), tools.configurations.current(conn)
        grants = GrantCache()
        Effects(work, tree=tree, configuration=configuration, ids=tools.ids, grants=grants).write_deadlines()
        refer_to_files(work)
        work.give_numbers()
        returned.settle_rows(conn, [ticket.id], "accepted")
        work.commit()


def drop(tools: Tools, tickets: Sequence[str]) -> int:
    """Say of reviewed tickets that they are not wanted; returns how many lines were settled."""
    with tools.store.write() as conn:
        count = returned.settle_rows(conn, tickets, "dropped")
        conn.commit()
    return count
