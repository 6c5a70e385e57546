"""`erase` and `hold`: a customer's personal values are emptied everywhere, for good, unless held (SYNC §6).

Who and when stay; values and the texts that hold them go. The ledger keeps keyed hashes and the names of the rows
that were emptied, in the database and in a file beside the server's secret: a restored backup is erased again, and
what desktops bring late is emptied as it comes.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from domain.entities.base import Entity, Instant
from domain.entities.ticket import Changes, Entry, PersonalValue
from domain.errors import InvalidInputError, RefusedError
from domain.rules.erasing import Matcher, cleared, erased_entry, erased_value, holding, normal
from sync_server.api.sealing import server_secret
from sync_server.feed.snapshot import Snapshots
from sync_server.operations.tools import Tools
from sync_server.settings import Settings
from sync_server.store import erasures
from sync_server.store.customers import clear_customers, customers_holding
from sync_server.store.erasures import ErasedRow, ErasedValue, Erasure, Hasher, Hold
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")

LEDGER_FILE = "erasures.jsonl"
CUSTOMER = "customer"
"""What the ledger calls a customer's record, whose id stands where a ticket's does."""
SLICE = 200
"""Tickets emptied in one transaction."""
TEXTS = frozenset({"created", "message", "reply", "note"})
"""Kinds of timeline rows that hold what people wrote."""


class Outcome(Entity):
    """What an erasure empties, or would empty."""

    tickets: int = 0
    values: int = 0
    entries: int = 0
    customers: int = 0


class Ledger(Entity):
    """Erasures and holds as they outlive a restore."""

    erasures: tuple[Erasure, ...] = ()
    values: tuple[ErasedValue, ...] = ()
    rows: tuple[ErasedRow, ...] = ()
    holds: tuple[Hold, ...] = ()
    lifted: tuple[tuple[str, Instant], ...] = ()


def erase(
    tools: Tools,
    *,
    values: Sequence[str] = (),
    tickets: Sequence[str] = (),
    texts: bool = False,
    reason: str = "",
    actor: str = "operator",
    dry_run: bool = False,
) -> Outcome:
    """Empty a customer's personal values: in the tickets named, and in all that hold one of the values given.

    In texts the values are looked for; with `texts` everything people wrote in those tickets goes. Refused
    (``legal_hold``) where a hold covers one of the tickets, ``unknown_ticket``, ``nothing_to_erase``.
    """
    at, id = tools.clock.now(), tools.ids.new()
    found = _found(tools, values, tickets, erasure=id, at=at)
    record = Erasure(id=id, at=at, actor=actor, reason=reason, tickets=len(found.targets))
    if not dry_run:
        found = _announced(tools, record, found, values, tickets)
    done, emptied = Outcome(), list[ErasedRow]()
    for begin in range(0, len(found.targets), SLICE):
        part = found.targets[begin : begin + SLICE]
        with tools.store.write() as conn:
            work = UnitOfWork(conn, nonces=tools.ids, at=at)
            work.lock(part)
            rows = [row for id in part for row in found.empty(work, id, texts=texts)]
            done = _counted(done, rows)
            rows += found.known_in(part)
            emptied += rows
            if not dry_run:
                erasures.clear_copies(conn, part, found.outside)
                erasures.keep(conn, [record], found.given, rows)
                work.commit()
    people = [ErasedRow(ticket=id, row=CUSTOMER, erasure=found.erasure, at=at) for id in found.customers]
    done = msgspec.structs.replace(done, customers=len(people))
    emptied += people
    if not dry_run:
        with tools.store.write() as conn:
            clear_customers(conn, found.customers)
            erasures.keep(conn, [record], found.given, people)
            conn.commit()
        Snapshots(tools.settings.folder).forget()
        _write_down(tools.settings, Ledger(erasures=(record,), values=found.given, rows=tuple(emptied)))
    return done


def _announced(
    tools: Tools, record: Erasure, found: "_Found", values: Sequence[str], tickets: Sequence[str]
) -> "_Found":
    """Have what is pushed from now on emptied as it comes, and look once more for what came since the first look."""
    with tools.store.write() as conn:
        erasures.announce(conn, record, found.given)
        conn.commit()
    try:
        return _found(tools, values, tickets, erasure=record.id, at=record.at)
    except RefusedError:
        with tools.store.write() as conn:
            erasures.withdraw(conn, record.id)
            conn.commit()
        raise


@dataclass(frozen=True)
class _Found:
    """Where a customer's values stand: in their own tickets, and in the texts of others."""

    erasure: str
    at: Instant
    given: tuple[ErasedValue, ...]
    theirs: tuple[ErasedValue, ...]
    own: frozenset[str]
    targets: tuple[str, ...]
    customers: tuple[str, ...]
    inside: Matcher
    outside: Matcher

    def empty(self, work: UnitOfWork, id: str, *, texts: bool) -> list[ErasedRow]:
        """Empty one ticket; in the customer's own all personal values go."""
        mine = id in self.own
        names = _empty(work, id, self.inside if mine else self.outside, whole=mine, texts=texts and mine)
        return [ErasedRow(ticket=id, row=name, erasure=self.erasure, at=self.at) for name in names]

    def known_in(self, part: Iterable[str]) -> list[ErasedRow]:
        """What the ledger is to know in the customer's own tickets alone: others may have the same name."""
        return [erasures.in_ticket(id, value) for id in part if id in self.own for value in self.theirs]


def _found(
    tools: Tools, values: Sequence[str], tickets: Sequence[str], *, erasure: str, at: Instant
) -> _Found:
    """Look for the values, by hash as the ledger will know them; refused where a hold covers what is found."""
    hasher = Hasher(server_secret(tools.settings.folder))
    given = tuple(_value(hasher, value, erasure, at) for value in values if normal(value)[1])
    outside = erasures.matcher_of(hasher, given)
    with tools.store.read() as conn:
        named = erasures.named_tickets(conn, tickets)
        for name in tickets:
            if name not in named:
                raise InvalidInputError("unknown_ticket", ticket=name)
        own = set(named.values()) | (_tickets_of(conn, outside) if given else set())
        known = [one.value for one in erasures.every_value(conn) if one.ticket in own and one.value]
        elsewhere = erasures.tickets_with_text(conn, outside) if given else set()
        targets = tuple(sorted(own | elsewhere))
        held = erasures.held_tickets(conn, targets, hasher)
    for ticket, hold in sorted(held.items()):
        raise RefusedError("legal_hold", ticket=ticket, hold=hold.id, reason=hold.reason)
    theirs = _once([_value(hasher, value, erasure, at) for value in known], lambda one: one.hash)
    inside = erasures.matcher_of(hasher, [*given, *theirs])
    with tools.store.read() as conn:
        people = tuple(sorted(customers_holding(conn, inside) | erasures.customers_of(conn, own)))
        holds = erasures.holds(conn) if people else []
    known_by = {one.hash for one in (*given, *theirs)}
    for one in holds:
        if one.lifted_at is None and one.value_hash in known_by:
            raise RefusedError("legal_hold", ticket=one.ticket, hold=one.id, reason=one.reason)
    if not targets and not people:
        raise RefusedError("nothing_to_erase")
    others = tuple(one for one in theirs if one.hash not in {value.hash for value in given})
    return _Found(erasure, at, given, others, frozenset(own), targets, people, inside, outside)


def _value(hasher: Hasher, value: str, erasure: str, at: Instant) -> ErasedValue:
    kind, text = normal(value)
    return ErasedValue(hash=hasher.hashed(kind, text), erasure=erasure, kind=kind, length=len(text), at=at)


def _tickets_of(conn: "Connection", matcher: Matcher) -> set[str]:
    """The tickets of which a personal value is one of those."""
    found = erasures.every_value(conn)
    return {one.ticket for one in found if one.value and matcher.is_value(one.value)}


def _counted(done: Outcome, rows: Sequence[ErasedRow]) -> Outcome:
    return Outcome(
        tickets=done.tickets + len({one.ticket for one in rows}),
        values=done.values + sum(one.row.startswith("personal.") for one in rows),
        entries=done.entries + sum(one.row.startswith("entry.") for one in rows),
        customers=done.customers,
    )


def _empty(work: UnitOfWork, id: str, matcher: Matcher, *, whole: bool, texts: bool) -> list[str]:
    """Empty what a ticket holds; returns the names of the rows. `whole`: all its personal values."""
    before = work.ticket(id)
    assert before is not None
    values = [
        erased_value(one)
        for one in work.personal(id).values()
        if not one.erased and (whole or (one.value is not None and matcher.is_value(one.value)))
    ]
    timeline = work.timeline(id)
    entries = holding(timeline, matcher)
    if texts:
        chosen = {one.id for one in entries}
        entries += [e for e in timeline if e.kind in TEXTS and not e.erased and e.body and e.id not in chosen]
    return _write(work, id, values, [erased_entry(one) for one in entries], matcher)


def _write(
    work: UnitOfWork, id: str, values: Sequence[PersonalValue], entries: Sequence[Entry], matcher: Matcher
) -> list[str]:
    before = work.ticket(id)
    assert before is not None
    after = cleared(before, matcher)
    names = [f"personal.{one.key}" for one in values] + [f"entry.{one.id}" for one in entries]
    if after != before:
        names.append("ticket")
    if names:
        # A new revision in any case: what is emptied reaches every replica that holds the ticket.
        changed = msgspec.structs.replace(after, updated_at=max(work.at, after.updated_at + 1))
        work.stage(Changes(ticket=changed, personal=tuple(values)))
        work.rewrite(entries)
    return names


# Over a restore.


def known_ledger(settings: Settings, conn: "Connection | None") -> Ledger:
    """The ledger of the file, and of the database that is about to be replaced."""
    merged = _read(settings.folder / LEDGER_FILE)
    if conn is None:
        return merged
    return Ledger(
        erasures=(*erasures.erasures(conn), *merged.erasures),
        values=(*erasures.values(conn), *merged.values),
        rows=(*erasures.rows(conn), *merged.rows),
        holds=(*erasures.holds(conn), *merged.holds),
        lifted=merged.lifted,
    )


def replay(work: UnitOfWork, ledger: Ledger, hasher: Hasher) -> int:
    """Empty again what was erased after a backup was made; returns how many tickets were touched.

    Holds are put back first, but forbid nothing here: what was erased was erased before them, or despite nothing.
    """
    conn = work.conn
    erasures.keep_holds(conn, _once(ledger.holds, lambda one: one.id))
    for hold, at in ledger.lifted:
        erasures.lift(conn, hold, at)
    erasures.keep(
        conn,
        _once(ledger.erasures, lambda one: one.id),
        _once(ledger.values, lambda one: one.hash),
        _once(ledger.rows, lambda one: (one.ticket, one.row)),
    )
    newest = {one.hash: one for one in erasures.values(conn)}
    matcher = erasures.matcher_of(hasher, newest.values())
    rows = erasures.rows(conn)
    people = {one.ticket for one in rows if one.row == CUSTOMER}
    clear_customers(conn, sorted(people | (customers_holding(conn, matcher) if newest else set())))
    targets = {one.ticket for one in rows if one.row != CUSTOMER}
    if newest:
        targets |= _tickets_of(conn, matcher) | erasures.tickets_with_text(conn, matcher)
    work.lock(targets)
    for id in sorted(targets):
        if work.ticket(id) is not None:
            here = [one for one in rows if one.ticket == id]
            inside = erasures.matcher_of(hasher, [*newest.values(), *erasures.values_in(here)])
            _empty_again(work, id, inside, {one.row: one.at for one in here})
    return len(work.changed())


def _empty_again(work: UnitOfWork, id: str, matcher: Matcher, rows: dict[str, Instant]) -> None:
    values = [
        erased_value(one)
        for one in work.personal(id).values()
        if not one.erased
        and (f"personal.{one.key}" in rows or (one.value is not None and matcher.is_value(one.value)))
    ]
    timeline = work.timeline(id)
    entries = {one.id: one for one in holding(timeline, matcher)}
    entries |= {one.id: one for one in timeline if f"entry.{one.id}" in rows and not one.erased}
    _write(work, id, values, [erased_entry(one) for one in entries.values()], matcher)


def _once(many: Iterable[T], key: Callable[[T], object]) -> list[T]:
    return list({key(one): one for one in many}.values())


def _read(file: Path) -> Ledger:
    if not file.exists():
        return Ledger()
    parts = [
        msgspec.json.decode(line, type=Ledger) for line in file.read_bytes().splitlines() if line.strip()
    ]
    return Ledger(
        erasures=tuple(one for part in parts for one in part.erasures),
        values=tuple(one for part in parts for one in part.values),
        rows=tuple(one for part in parts for one in part.rows),
        holds=tuple(one for part in parts for one in part.holds),
        lifted=tuple(one for part in parts for one in part.lifted),
    )


def _write_down(settings: Settings, ledger: Ledger) -> None:
    """Add to the ledger's file, which outlives a restore of the database."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    with (settings.folder / LEDGER_FILE).open("ab") as out:
        out.write(msgspec.json.encode(ledger) + b"\n")
        out.flush()
        os.fsync(out.fileno())


# Holds.


def add_hold(tools: Tools, *, ticket: str = "", value: str = "", reason: str, actor: str = "operator") -> str:
    """Forbid the erasure of a ticket, or of a customer by one of their values; returns the hold's id."""
    hasher = Hasher(server_secret(tools.settings.folder))
    with tools.store.write() as conn:
        named = erasures.named_tickets(conn, [ticket]) if ticket else {}
        if ticket and ticket not in named:
            raise InvalidInputError("unknown_ticket", ticket=ticket)
        hold = Hold(
            id=tools.ids.new(),
            ticket=named.get(ticket, ""),
            value_hash=hasher.hashed(*normal(value)) if value else "",
            reason=reason,
            actor=actor,
            at=tools.clock.now(),
        )
        erasures.keep_holds(conn, [hold])
        conn.commit()
    _write_down(tools.settings, Ledger(holds=(hold,)))
    return hold.id


def lift_hold(tools: Tools, hold: str) -> None:
    """End a hold; refused (``unknown_hold``) where none of that id is in force."""
    at = tools.clock.now()
    with tools.store.write() as conn:
        if not erasures.lift(conn, hold, at):
            raise InvalidInputError("unknown_hold", hold=hold)
        conn.commit()
    _write_down(tools.settings, Ledger(lifted=((hold, at),)))


def listed_holds(tools: Tools) -> list[Hold]:
    """All holds, lifted ones too."""
    with tools.store.read() as conn:
        return erasures.holds(conn)
