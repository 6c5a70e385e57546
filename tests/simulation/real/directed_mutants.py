"""Mutants of safeguards that no story reaches: each has a test of its own that must notice (safeguards.DIRECTED)."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, delete, select, update

import desktop.lease as lease_module
from desktop.lease import DeviceLease
from desktop.replica import attachments
from desktop.replica import snapshot as taken_snapshot
from desktop.sync import ahead
from sync_server.access import attachments as asked_attachments
from sync_server.access.grants import GrantCache
from sync_server.feed import compaction, tail
from sync_server.feed import snapshot as offered_snapshot
from sync_server.operations import erasing
from sync_server.push import erased
from sync_server.push.orders import Order
from sync_server.push.proofs import Proofs
from sync_server.store import erasures
from sync_server.store import tables as t
from sync_server.store.unit_of_work import UnitOfWork, feed_head

Place = tuple[Any, str]
Make = Callable[[Any], Any]


def _giving(value: Any) -> Make:
    return lambda _: lambda *_, **__: value


def _silent(real: Any) -> Any:
    def touch(work: UnitOfWork, row: Any) -> None:
        if row.entity != compaction.ENTITY:
            real(work, row)

    return touch


def _beyond_the_head(real: Any) -> Any:
    def raise_floor(conn: Connection, *, before: int) -> int:
        gone: int = real(conn, before=before)
        feed, c = feed_head(conn), t.change.c
        old = conn.execute(select(c.at).where(c.seq == feed.seq, c.at < before)).scalar()
        if old is None:
            return gone
        conn.execute(delete(t.change).where(c.seq <= feed.seq))
        conn.execute(update(t.feed_head).values(floor=feed.seq))
        return gone + 1

    return raise_floor


def _as_first_known(real: Any) -> Any:
    def of(cache: GrantCache, conn: Connection, person: str, version: int | None = None) -> Any:
        known = cache._kept.get(person)
        return known[1] if known else real(cache, conn, person, version)

    return of


def _by_the_wall(_: Any) -> Any:
    return lambda lease: lease._clock.now()


def _again_and_again(real: Any) -> Any:
    def check_code(secret: bytes, text: str, *, counter: int) -> Any:
        found = real(secret, text, counter=counter)
        return found and replace(found, next_counter=counter)

    return check_code


def _as_the_youngest(real: Any) -> Any:
    return lambda answer, following: replace(real(answer, following), as_of=following.as_of)


def _holding_all(real: Any) -> Any:
    def holds(conn: Connection, tickets: Iterable[str], *rest: Any) -> Any:
        real(conn, tickets, *rest)
        return {}

    return holds


def _by_number(_: Any) -> Any:
    return lambda kept, newest, after: kept and kept.first <= after + 1 and newest.seq <= kept.last


TESTED: dict[str, tuple[str, tuple[Place, ...], Make]] = {
    "compaction-announced": (
        "A compaction takes no number: a copy of the server from before it is not noticed.",
        ((UnitOfWork, "touch"),),
        _silent,
    ),
    "floor-keeps-head": (
        "The head's own row is deleted with the old ones.",
        ((compaction, "raise_floor"),),
        _beyond_the_head,
    ),
    "erasure-ledger": (
        "What was erased after a backup is back after a restore.",
        ((erasing, "replay"),),
        _giving(0),
    ),
    "erasure-late": (
        "What was erased is back with a late command.",
        ((erased, "empty_late"),),
        _giving(None),
    ),
    "legal-hold": (
        "A legal hold does not keep from erasure.",
        ((erasures, "held_tickets"),),
        _holding_all,
    ),
    "tail-head": (
        "Rows in memory pass for the feed of a server that went back, by their numbers.",
        ((tail, "_holds"),),
        _by_number,
    ),
    "tail-follows": (
        "Rows of another past are put after those in memory.",
        ((tail, "_is_last"),),
        _giving(True),
    ),
    "proof": ("A number is given back without a proof.", ((Proofs, "verify"),), _giving(True)),
    "group-disjoint": (
        "Orders that share a ticket or a device are taken together.",
        ((Order, "touches"),),
        _giving(frozenset()),
    ),
    "grants-by-version": (
        "Grants are remembered past a change of them.",
        ((GrantCache, "of"),),
        _as_first_known,
    ),
    "revocation-proof": (
        "Any answer on the way makes a device destroy its key.",
        ((DeviceLease, "proves_revocation"),),
        _giving(True),
    ),
    "lease-monotonic": (
        "The lease follows the wall clock back.",
        ((DeviceLease, "now"),),
        _by_the_wall,
    ),
    "code-once": ("An unlock code works twice.", ((lease_module, "check_code"),), _again_and_again),
    "code-attempts": (
        "Unlock codes may be guessed as often as one likes.",
        ((DeviceLease, "_check_pause"),),
        _giving(None),
    ),
    "pages-as-old": (
        "Pages put together pass for as new as the last of them.",
        ((ahead, "_together"),),
        _as_the_youngest,
    ),
    "snapshot-for-all": (
        "A snapshot is offered to who may not see everything.",
        ((offered_snapshot, "may_take"),),
        _giving(True),
    ),
    "snapshot-erasures": (
        "A snapshot from before an erasure is still given out.",
        ((offered_snapshot, "_erasures"),),
        _giving(0),
    ),
    "snapshot-moved": (
        "What moved since a snapshot was made is not asked for.",
        ((taken_snapshot, "want_moved"),),
        _giving(None),
    ),
    "attachment-class": (
        "Files of internal rows go to who does not see those.",
        ((asked_attachments, "_classes"),),
        _giving(7),
    ),
    "attachment-unsent": (
        "Files of unsent work are let go of.",
        ((attachments, "_asked"),),
        _giving("0"),
    ),
    "attachment-purge": (
        "Files stay that no row names any more.",
        ((attachments, "uncover"),),
        _giving(None),
    ),
}
