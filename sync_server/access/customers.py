"""Finding customers for a person: only what their grants cover, each value by its class (RULES §10, C01).

An order is shown to those who may create tickets at its unit and line, a ticket to those who may see it. A customer
is found where there is such an order or ticket, or where they belong to a unit where the person may create tickets.
Addresses and phone numbers are sensitive: who may not read them sees that there are some.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from domain.entities.base import Instant
from domain.entities.people import CREATE, SENSITIVE
from domain.errors import InvalidInputError
from domain.rules.customers import normal_contact
from domain.rules.masking import masked
from domain.rules.permissions import access_at
from domain.wire.customers import (
    LONGEST_ASKED,
    MOST_FOUND,
    Contact,
    Customer,
    CustomerAnswer,
    CustomerQuery,
    CustomerTicket,
    Order,
    OrderItem,
)
from sync_server.access.predicate import visible
from sync_server.access.viewer import Viewer
from sync_server.store import tables as t
from sync_server.store.queries.tickets import TICKET
from sync_server.store.rows import ticket_of

MOST_ORDERS, MOST_TICKETS = 50, 20
LOOKED_AT = 200
"""Candidates that are looked at for one answer."""
LEAST_NAME = 2
_items = msgspec.json.Decoder(tuple[OrderItem, ...]).decode
_delivery = msgspec.json.Decoder(dict[str, str]).decode


def find_customers(conn: Connection, viewer: Viewer, asked: CustomerQuery, *, now: Instant) -> CustomerAnswer:
    """Who is found, as far as the viewer may know of them; raise InvalidInputError for what can't be asked."""
    value = asked.value.strip()
    if not value or len(value) > LONGEST_ASKED or (asked.by == "name" and len(value) < LEAST_NAME):
        raise InvalidInputError("customer_query", least=LEAST_NAME, most=LONGEST_ASKED)
    ids, orders = _candidates(conn, asked.by, value)
    found = [one for id in ids if (one := _Shown(conn, viewer, id).customer()) is not None]
    nobodys = [row for row in orders if not row.customer and _may_create(viewer, row.unit, row.line)]
    if nobodys:
        found.append(Customer(id="", orders=tuple(_order(row, viewer) for row in nobodys)))
    return CustomerAnswer(as_of=now, customers=tuple(found[:MOST_FOUND]), more=len(found) > MOST_FOUND)


def _candidates(conn: Connection, by: str, value: str) -> tuple[list[str], Sequence[Any]]:
    customer, contact, order = t.customer.c, t.customer_contact.c, t.customer_order.c
    if by == "order":
        rows = conn.execute(select(t.customer_order).where(order.number == value).limit(LOOKED_AT)).all()
        return list(dict.fromkeys(row.customer for row in rows if row.customer)), rows
    if by in ("phone", "wechat"):
        query = select(contact.customer).where(contact.kind == by, contact.value == normal_contact(by, value))
    elif by == "name":
        last = value[:-1] + chr(ord(value[-1]) + 1)
        query = (
            select(customer.id).where(customer.name >= value, customer.name < last).order_by(customer.name)
        )
    else:
        query = select(customer.id).where(customer.id == value)
    return list(conn.execute(query.limit(LOOKED_AT)).scalars()), ()


def _may_create(viewer: Viewer, unit: str, line: str) -> bool:
    if line:
        return access_at(viewer.actor, org_ancestors=viewer.tree.ancestors(unit), line=line).level >= CREATE
    above = viewer.tree.ancestors(unit)
    return any(grant.level >= CREATE and grant.unit in above for grant in viewer.grants)


def _classes(viewer: Viewer, places: Iterable[tuple[str, str]]) -> int:
    found = 0
    for unit, line in places:
        found |= viewer.covers(unit, line)
    return found


class _Shown:
    """One customer as a viewer may see them."""

    def __init__(self, conn: Connection, viewer: Viewer, id: str) -> None:
        self._conn, self._viewer, self._id = conn, viewer, id

    def customer(self) -> Customer | None:
        """The customer; None where the viewer may not know of them."""
        row = self._conn.execute(select(t.customer).where(t.customer.c.id == self._id)).one_or_none()
        if row is None or row.erased:
            return None
        order = t.customer_order.c
        query = select(t.customer_order).where(order.customer == self._id)
        newest = self._conn.execute(query.order_by(order.ordered_at.desc(), order.number).limit(LOOKED_AT))
        orders = [one for one in newest if _may_create(self._viewer, one.unit, one.line)]
        tickets = self._tickets()
        own = bool(row.unit) and _may_create(self._viewer, row.unit, "")
        if not (orders or tickets or own):
            return None
        classes = _classes(self._viewer, [(one.unit, one.line) for one in orders])
        for one in tickets:
            classes |= self._viewer.access(one).classes
        if own:
            classes |= self._viewer.covers(row.unit, "")
        return Customer(
            id=row.id,
            name=row.name,
            tier=row.tier,
            unit=row.unit,
            contacts=self._contacts(classes),
            orders=tuple(_order(one, self._viewer) for one in orders[:MOST_ORDERS]),
            tickets=tuple(
                CustomerTicket(
                    id=one.id,
                    number=one.number or "",
                    subject=one.subject,
                    status=one.status,
                    org=one.org,
                    created_at=one.created_at,
                )
                for one in tickets
            ),
        )

    def _tickets(self) -> list[Any]:
        c = t.ticket.c
        query = select(*TICKET).where(c.customer == self._id, visible(self._viewer))
        rows = self._conn.execute(query.order_by(c.created_at.desc(), c.id).limit(MOST_TICKETS))
        return [ticket_of(row) for row in rows]

    def _contacts(self, classes: int) -> tuple[Contact, ...]:
        c = t.customer_contact.c
        rows = self._conn.execute(
            select(c.kind, c.value).where(c.customer == self._id).order_by(c.kind, c.value)
        )
        readable = bool(classes & SENSITIVE)
        return tuple(
            Contact(
                kind=row.kind,
                value=row.value if readable else masked(row.value) or "",
                masked=not readable,
            )
            for row in rows
        )


def _order(row: Any, viewer: Viewer) -> Order:
    """An order by the classes that its own place shows: what another place shows says nothing of this one."""
    delivery = _delivery(row.delivery)
    if not viewer.covers(row.unit, row.line) & SENSITIVE:
        hidden = ("courier_phone", "address")
        delivery |= {name: masked(delivery[name]) or "" for name in hidden if name in delivery}
    return Order(
        number=row.number,
        unit=row.unit,
        line=row.line,
        status=row.status,
        amount_cents=row.amount_cents,
        currency=row.currency,
        items=_items(row.items),
        ordered_at=row.ordered_at,
        delivered_at=row.delivered_at,
        **delivery,
    )
