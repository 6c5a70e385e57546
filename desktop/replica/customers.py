"""Customers as the server last told of them: kept for a week, for when there is no network (C01).

They stand in the encrypted replica like everything else; a change of what the person may see, or an erasure, empties
the shelf, since nothing here says by what right each was shown.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import meta
from domain.entities.base import Entity, Instant
from domain.rules.customers import normal_contact
from domain.wire.customers import Customer

KEY = "customers"
MOST = 100
KEEP_MS = 7 * 86_400_000


class KeptCustomer(Entity):
    """A customer, and when the server told of them."""

    customer: Customer
    at: Instant


class _Shelf(Entity):
    kept: tuple[KeptCustomer, ...] = ()  # the newest first


def keep(conn: Connection, found: Iterable[Customer], at: Instant) -> None:
    """Keep what was found in place of what was known; the oldest go, and whatever is older than a week."""
    fresh = [KeptCustomer(customer=one, at=at) for one in found if one.id]
    ids = {one.customer.id for one in fresh}
    others = [one for one in _kept(conn, at) if one.customer.id not in ids]
    meta.put_struct(conn, KEY, _Shelf(kept=tuple([*fresh, *others][:MOST])))


def by_phone(conn: Connection, phone: str, now: Instant) -> KeptCustomer | None:
    """The customer with this number, if one is kept whose number may be read."""
    wanted = normal_contact("phone", phone)
    return next(
        (
            one
            for one in _kept(conn, now)
            if any(c.kind == "phone" and not c.masked and c.value == wanted for c in one.customer.contacts)
        ),
        None,
    )


def by_id(conn: Connection, id: str, now: Instant) -> KeptCustomer | None:
    """The customer of a record, if they are kept."""
    return next((one for one in _kept(conn, now) if one.customer.id == id), None)


def tier(conn: Connection, id: str) -> str | None:
    """The tier of a customer; None where they are not kept."""
    shelf = meta.struct(conn, KEY, _Shelf) or _Shelf()
    return next((one.customer.tier for one in shelf.kept if one.customer.id == id), None)


def forget(conn: Connection) -> None:
    """Keep nobody."""
    if meta.struct(conn, KEY, _Shelf):
        meta.put_struct(conn, KEY, _Shelf())


def _kept(conn: Connection, now: Instant) -> list[KeptCustomer]:
    shelf = meta.struct(conn, KEY, _Shelf) or _Shelf()
    return [one for one in shelf.kept if one.at > now - KEEP_MS]
