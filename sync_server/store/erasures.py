"""The ledger of what was erased, holds that forbid it, and where values stand (SYNC §6)."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from domain.entities.base import Entity, Instant
from domain.entities.ticket import PersonalValue
from domain.rules.erasing import Kind, Matcher, normal
from sync_server.store import tables as t
from sync_server.store.direct import Sql, pipelined
from sync_server.store.rows import ENTRY_COLUMNS, PERSONAL_COLUMNS, personal_of
from sync_server.store.upsert import insert_new

_PURPOSE = b"gongdan erasure ledger"
SLICE = 500


class Hasher:
    """Hashes values under a key made from the server's secret: without it the ledger tells nothing."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _PURPOSE, "sha256")

    def hashed(self, kind: Kind, text: str) -> str:
        """The hash of a value in its normal form."""
        return hashlib.blake2b(f"{kind}:{text}".encode(), key=self._key, digest_size=16).hexdigest()


class ErasedValue(Entity):
    """A value that was erased, as its hash."""

    hash: str
    erasure: str
    kind: str
    length: int
    at: Instant


class ErasedRow(Entity):
    """A row that was emptied: `personal.KEY`, `entry.ID`, or `ticket` for its subject and fields.

    `value.KIND.LENGTH.HASH` is no row but a value of the customer's that was emptied wherever it stood in this ticket.
    """

    ticket: str
    row: str
    erasure: str
    at: Instant


class Erasure(Entity):
    """One erasure: who asked for it, why, and how many tickets it touched."""

    id: str
    at: Instant
    actor: str
    reason: str
    tickets: int


class Hold(Entity):
    """A legal hold on a ticket or on the tickets of a customer; what is held is not erased."""

    id: str
    ticket: str
    value_hash: str
    reason: str
    actor: str
    at: Instant
    lifted_at: Instant | None = None


def matcher_of(hasher: Hasher, values: Iterable[ErasedValue]) -> Matcher:
    """What finds these values."""
    known: Mapping[str, tuple[Kind, int]] = {
        one.hash: ("digits" if one.kind == "digits" else "words", one.length) for one in values
    }
    return Matcher(hasher.hashed, known)


def customers_of(conn: Connection, tickets: Iterable[str]) -> set[str]:
    """The customers whose records these tickets name."""
    query = select(t.ticket.c.customer).where(
        t.ticket.c.id.in_(sorted(tickets)), t.ticket.c.customer.is_not(None)
    )
    return set(conn.execute(query).scalars())


_VALUE = "value."
_NEWEST = Sql("SELECT MAX(at) FROM erasure")
_LEDGER = 0x67645F6572617365
"""The advisory lock of the ledger on PostgreSQL: held shared by who goes by it, until what they write is committed."""
_GOING_BY = Sql(f"SELECT pg_advisory_xact_lock_shared({_LEDGER})")
_ADDING = Sql(f"SELECT pg_advisory_xact_lock({_LEDGER})")


def newest(conn: Connection) -> Instant:
    """When was erased last; 0 where nothing ever was. Nothing is announced before this transaction has ended."""
    with pipelined(conn):
        if conn.dialect.name != "sqlite":  # where one writes at a time
            _GOING_BY.run(conn)
        asked = _NEWEST.sent(conn)
    return int(asked.fetchall()[0][0] or 0)


def announce(conn: Connection, erasure: Erasure, of: Sequence[ErasedValue]) -> None:
    """Write an erasure down before its values are looked for: what is committed later is emptied as it comes."""
    if conn.dialect.name != "sqlite":
        _ADDING.run(conn)
    keep(conn, [erasure], of, ())


def withdraw(conn: Connection, erasure: str) -> None:
    """Take an erasure back that was announced and turned out to be forbidden."""
    conn.execute(delete(t.erased_value).where(t.erased_value.c.erasure == erasure))
    conn.execute(delete(t.erasure).where(t.erasure.c.id == erasure))


def in_ticket(ticket: str, value: ErasedValue) -> ErasedRow:
    """Have the ledger know a value in one ticket alone."""
    row = f"{_VALUE}{value.kind}.{value.length}.{value.hash}"
    return ErasedRow(ticket=ticket, row=row, erasure=value.erasure, at=value.at)


def values_in(rows: Iterable[ErasedRow]) -> list[ErasedValue]:
    """The values that the ledger knows in the tickets of these rows alone."""
    found = []
    for one in rows:
        if one.row.startswith(_VALUE):
            kind, length, hash = one.row.removeprefix(_VALUE).split(".")
            found.append(
                ErasedValue(hash=hash, erasure=one.erasure, kind=kind, length=int(length), at=one.at)
            )
    return found


def values(conn: Connection) -> list[ErasedValue]:
    """All erased values."""
    return [ErasedValue(**row._mapping) for row in conn.execute(select(t.erased_value))]


def rows(conn: Connection, tickets: Sequence[str] | None = None) -> list[ErasedRow]:
    """The rows that were emptied, of some tickets or of all."""
    query = select(t.erased_row)
    if tickets is not None:
        query = query.where(t.erased_row.c.ticket.in_(tickets))
    return [ErasedRow(**row._mapping) for row in conn.execute(query)]


def erasures(conn: Connection) -> list[Erasure]:
    """All erasures."""
    return [Erasure(**row._mapping) for row in conn.execute(select(t.erasure))]


def keep(
    conn: Connection, erased: Sequence[Erasure], of: Sequence[ErasedValue], emptied: Sequence[ErasedRow]
) -> None:
    """Write the ledger; what stands in it already stays."""
    for table, entities in ((t.erasure, erased), (t.erased_value, of), (t.erased_row, emptied)):
        if entities:
            conn.execute(insert_new(conn, table), [_columns(one) for one in entities])


def _columns(entity: Entity) -> dict[str, Any]:
    return {name: getattr(entity, name) for name in entity.__struct_fields__}


def holds(conn: Connection) -> list[Hold]:
    """All holds, lifted ones too, oldest first."""
    query = select(t.legal_hold).order_by(t.legal_hold.c.at, t.legal_hold.c.id)
    return [Hold(**row._mapping) for row in conn.execute(query)]


def keep_holds(conn: Connection, given: Sequence[Hold]) -> None:
    """Write holds; those that stand already stay."""
    if given:
        conn.execute(insert_new(conn, t.legal_hold), [_columns(one) for one in given])


def lift(conn: Connection, hold: str, at: Instant) -> bool:
    """End a hold; False where there is none of that id."""
    c = t.legal_hold.c
    ended = update(t.legal_hold).where(c.id == hold, c.lifted_at.is_(None)).values(lifted_at=at)
    return bool(conn.execute(ended).rowcount)


def held_tickets(conn: Connection, tickets: Iterable[str], hasher: Hasher) -> dict[str, Hold]:
    """Those of the tickets that a hold covers, by themselves or by a customer's value in them."""
    in_force = [one for one in holds(conn) if one.lifted_at is None]
    by_ticket = {one.ticket: one for one in in_force if one.ticket}
    by_value = {one.value_hash: one for one in in_force if one.value_hash}
    wanted = set(tickets)
    found = {id: by_ticket[id] for id in wanted & by_ticket.keys()}
    if by_value:
        for value in every_value(conn):
            if value.ticket in wanted and value.value:
                hold = by_value.get(hasher.hashed(*normal(value.value)))
                if hold is not None:
                    found[value.ticket] = hold
    return found


def every_value(conn: Connection) -> Iterator[PersonalValue]:
    """Every personal value there is, as entities."""
    columns = [t.personal.c[name] for name in PERSONAL_COLUMNS]
    for part in conn.execution_options(stream_results=True).execute(select(*columns)).partitions(SLICE):
        yield from map(personal_of, part)


def tickets_with_text(conn: Connection, matcher: Matcher) -> set[str]:
    """The tickets whose timeline, subject or form fields hold one of the values."""
    found: set[str] = set()
    columns = [t.entry.c[name] for name in ENTRY_COLUMNS]
    for part in conn.execution_options(stream_results=True).execute(select(*columns)).partitions(SLICE):
        for row in part:
            text = f"{row.body or ''}\n{row.detail}"
            if row.ticket not in found and matcher.blotted(text) is not text:
                found.add(row.ticket)
    texts = select(t.ticket.c.id, t.ticket.c.subject, t.ticket.c.fields)
    for part in conn.execution_options(stream_results=True).execute(texts).partitions(SLICE):
        for row in part:
            text = f"{row.subject}\n{row.fields}"
            if matcher.blotted(text) is not text:
                found.add(row.id)
    return found


def named_tickets(conn: Connection, names: Sequence[str]) -> dict[str, str]:
    """Tickets by id, official or provisional number: the id of each name that is known."""
    c = t.ticket.c
    query = select(c.id, c.number, c.provisional).where(
        c.id.in_(names) | c.number.in_(names) | c.provisional.in_(names)
    )
    found: dict[str, str] = {}
    for row in conn.execute(query):
        found.update({name: row.id for name in (row.id, row.number, row.provisional) if name in names})
    return found


def clear_copies(conn: Connection, tickets: Sequence[str], matcher: Matcher) -> None:
    """Drop copies, given back for review, of these tickets, and those that hold one of the values."""
    c = t.returned_row.c
    held = [
        row.ticket
        for row in conn.execute(select(c.ticket, c.body).where(c.outcome == ""))
        if row.ticket in tickets or matcher.blotted(row.body) is not row.body
    ]
    for begin in range(0, len(held), SLICE):
        copies = c.ticket.in_(held[begin : begin + SLICE]) & (c.outcome == "")
        conn.execute(update(t.returned_row).where(copies).values(outcome="dropped", body=""))
