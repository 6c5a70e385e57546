"""Mutants of the real code against restores, digests, retention, compaction and power cuts."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, update

import tests.simulation.real.desktop as stage_module
import tests.simulation.real.door as door_module
import tests.simulation.real.office as office_module
from desktop.lease import DeviceLease
from desktop.replica import backfill, heads, integrity, outbox, recovery, retention, sql
from desktop.replica import digest as held_digest
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from desktop.replica.integrity import Summed
from domain.errors import RefusedError
from sync_server.feed import backfill as fill_module
from sync_server.feed import compaction, projection, reader
from sync_server.feed import cursor as cursor_module
from sync_server.feed import digest as told_digest
from sync_server.push import pipeline
from sync_server.push import returning as returning_module
from sync_server.push.pipeline import Pusher
from sync_server.store import epochs, returned
from sync_server.store import tables as t

Place = tuple[Any, str]
Make = Callable[[Any], Any]


def _nothing(_: Any) -> Any:
    return lambda *_, **__: None


def _always(_: Any) -> Any:
    return lambda *_, **__: True


def _never(_: Any) -> Any:
    return lambda *_, **__: False


def _gone_first(real: Any) -> Any:
    def take_in(replica: Any, box: Any, key: bytes) -> Any:
        found = box.opened(key)
        for file, _ in found:
            file.unlink()
        gone = SimpleNamespace(name="", unlink=lambda: None)
        return real(replica, SimpleNamespace(opened=lambda _: [(gone, one) for _, one in found]), key)

    return take_in


def _unasked(real: Any) -> Any:
    return lambda conn, seen, *rest: real(conn, "", *rest)


def _as_one_likes(real: Any) -> Any:
    def waiting(conn: Connection, *given: Any) -> Any:
        return sorted(real(conn, *given), key=lambda one: (one.device, one.seq, one.id), reverse=True)

    return waiting


def _other_numbers(real: Any) -> Any:
    return lambda pusher, sender, commands, numbers=None: real(pusher, sender, commands)


def _deleted_at_once(_: Any) -> Any:
    def finish(conn: Connection) -> None:
        if sql.value(conn, "SELECT 1 FROM backfill WHERE done = 0 LIMIT 1") is None:
            backfill.confirm(conn)

    return finish


def _believing(real: Any) -> Any:
    def compare(conn: Connection, compared: Any, summed: Any, at: int) -> Any:
        told = compared.told
        return real(conn, compared, summed and told and Summed((told.count, told.total)), at)

    return compare


def _marks_alone(_: Any) -> Any:
    return lambda mark, access: mark


def _at_once(real: Any) -> Any:
    return lambda conn, check, at: real(conn, replace(check, as_of=0), at)


def _never_expires(real: Any) -> Any:
    def verify(*given: Any) -> None:
        try:
            real(*given)
        except RefusedError as refused:
            if refused.code != "cursor_expired":
                raise

    return verify


def _lowest_forgotten(real: Any) -> Any:
    def fold(rows: Any, plain: Any) -> Any:
        gone, _ = real(rows, plain)
        return gone, {}

    return fold


def _all_plain(real: Any) -> Any:
    def fold(rows: Any, plain: Any) -> Any:
        names = ("seq", "entity", "entity_id", "rev_from", "at")
        return real(
            [SimpleNamespace(**{name: getattr(row, name) for name in names}, stays=False) for row in rows],
            plain,
        )

    return fold


def _unmoved(_: Any) -> Any:
    return lambda conn, now, **more: Changed()


def _whatever_is_unsent(_: Any) -> Any:
    return "SELECT id FROM ticket WHERE closed_at < ? ORDER BY id LIMIT ?"


def _back_and_forth(_: Any) -> Any:
    def keep_since(conn: Connection, since: int) -> int:
        moved = update(t.feed_head).where(t.feed_head.c.keep_since != since)
        return conn.execute(moved.values(keep_since=since)).rowcount

    return keep_since


def _unsure(real: Any) -> Any:
    return lambda replica, *, durable=True: real(replica, durable=False)


def _none_based(_: Any) -> Any:
    return lambda conn, keep_since: iter(())


def _all_shown(real: Any) -> Any:
    return lambda ticket, **more: real(ticket, **{**more, "classes": 7, "hidden": frozenset()})


MORE: dict[str, tuple[str, tuple[Place, ...], Make]] = {
    "project-classes": ("Rows go out without regard to their class.", ((projection, "put"),), _all_shown),
    "head-token": (
        "Requests are answered whatever head the desktop was told of.",
        (
            (reader, "check_seen"),
            (fill_module, "check_seen"),
            (told_digest, "check_seen"),
            (returning_module, "check_seen"),
            (pipeline, "ask_seen"),
        ),
        _unasked,
    ),
    "late-answers": ("An answer made under another head is taken.", ((heads, "follows"),), _always),
    "lost-pushes": (
        "An answer to a push of before the server went back settles what it tells of.",
        ((heads, "is_of_another_past"),),
        _never,
    ),
    "lost-work": ("After a restore nothing is given back.", ((outbox, "may_be_lost"),), _nothing),
    "returned-in-order": (
        "Returned commands are judged device by device.",
        ((returned, "waiting"),),
        _as_one_likes,
    ),
    "number-kept": ("A create that returns gets another number.", ((Pusher, "take_back"),), _other_numbers),
    "number-jump": (
        "A restored server goes on with the numbers of its backup.",
        ((epochs, "_margin"), (epochs, "raise_numbers")),
        lambda _: lambda *_, **__: 0,
    ),
    "window-holds": ("Pushes are judged before lost work has come back.", ((Pusher, "_waits"),), _never),
    "confirm-waits": (
        "Tickets are asked for, and purged, before what is lost was given back.",
        ((backfill, "_finish"),),
        _deleted_at_once,
    ),
    "asked-first": (
        "After a new epoch the desktop goes on without asking what may be lost.",
        ((recovery, "begin"),),
        _nothing,
    ),
    "digest-compared": ("A digest that differs is not noticed.", ((integrity, "compare"),), _believing),
    "digest-at-rest": (
        "Sums are compared while something is still to come.",
        ((integrity, "at_rest"),),
        _always,
    ),
    "digest-access": (
        "A ticket held in other classes adds the same.",
        ((held_digest, "share"), (told_digest, "share")),
        _marks_alone,
    ),
    "digest-unlisted": (
        "What the server does not list is not asked about.",
        ((integrity, "_differs"),),
        lambda real: lambda held, told: bool(told.rev) and real(held, told),
    ),
    "digest-waits": (
        "What differs is judged before the feed was read as far.",
        ((integrity, "_judge"),),
        _at_once,
    ),
    "digest-children": (
        "Children of a class that the ticket's row does not show stay.",
        ((held_digest, "unshown"),),
        lambda _: lambda _: [],
    ),
    "digest-base": ("Unsent edits count as differences.", ((held_digest, "_based"),), _none_based),
    "cursor-expires": (
        "A cursor below the floor is read on from the floor.",
        ((cursor_module, "verify"),),
        _never_expires,
    ),
    "compaction-rev-from": (
        "Compaction forgets the lowest revision before.",
        ((compaction, "_fold"),),
        _lowest_forgotten,
    ),
    "compaction-keeps-moves": (
        "Compaction takes rows away that moved a ticket.",
        ((compaction, "_fold"),),
        _all_plain,
    ),
    "retention": ("Tickets closed long ago stay.", ((retention, "purge_slice"),), _unmoved),
    "retention-spares-unsent": (
        "A ticket closed long ago is purged with unsent work.",
        ((retention, "_OLD"),),
        _whatever_is_unsent,
    ),
    "outbox-durable": (
        "What a person did is kept without making sure of it.",
        ((stage_module.FragileReplica, "write"), (Replica, "write")),
        _unsure,
    ),
    "keep-since-rises": (
        "The window of what is kept goes back.",
        ((office_module, "raise_keep_since"),),
        _back_and_forth,
    ),
    "lease-ends": ("A replica stays open past its lease.", ((DeviceLease, "ended"),), _never),
    "sealed-kept": ("What was sealed goes before it is queued.", ((door_module, "take_in"),), _gone_first),
}
