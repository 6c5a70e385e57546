"""Customers and their orders: what other systems push, and what agents ask for (capabilities C01, C10)."""

from decimal import Decimal
from typing import Any, Literal

import msgspec

from domain.entities.base import Entity, Instant

ContactKind = Literal["phone", "email", "wechat", "address"]
AskedBy = Literal["phone", "name", "order", "wechat", "id"]
MOST_ROWS = 500
"""Rows of one push."""
MOST_FOUND = 20
LONGEST_ASKED = 100


class CustomerRow(Entity, forbid_unknown_fields=True):
    """One customer as another system knows them; sent again, it replaces what was there."""

    external_id: str
    name: str = ""
    tier: str = ""
    unit: str = ""  # the code of the unit whose customer it is; empty: nobody's own
    contacts: dict[ContactKind, tuple[str, ...]] = {}


class OrderItem(Entity, forbid_unknown_fields=True):
    """One thing that was bought."""

    name: str
    quantity: Decimal = Decimal(1)
    amount: Decimal | None = None


class OrderRow(Entity, forbid_unknown_fields=True):
    """One order; `customer` is the customer's external id of the same source."""

    number: str
    customer: str = ""
    phone: str = ""  # where no external id is known: of the customer, to find them by
    unit: str  # the store's code
    line: str = ""
    status: str = ""
    amount: Decimal | None = None
    currency: str = "CNY"
    items: tuple[OrderItem, ...] = ()
    ordered_at: Instant | None = None
    delivered_at: Instant | None = None
    courier: str = ""
    courier_phone: str = ""
    tracking: str = ""
    address: str = ""


class CustomersPush(Entity, forbid_unknown_fields=True):
    """Customers of one source."""

    source: str
    customers: tuple[CustomerRow, ...]


class OrdersPush(Entity, forbid_unknown_fields=True):
    """Orders of one source."""

    source: str
    orders: tuple[OrderRow, ...]


class RowsOfCustomers(Entity, forbid_unknown_fields=True):
    """A push of customers as it is read: each row for itself, so that one bad one spoils nothing."""

    source: str
    customers: tuple[msgspec.Raw, ...]


class RowsOfOrders(Entity, forbid_unknown_fields=True):
    """A push of orders as it is read: each row for itself."""

    source: str
    orders: tuple[msgspec.Raw, ...]


class RowRefused(Entity):
    """A row that was left out: its place in what was sent, and why."""

    index: int
    code: str
    args: dict[str, Any] = {}


class PushTaken(Entity):
    """What came of a push; it may be sent again."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: tuple[RowRefused, ...] = ()
    unlinked: tuple[int, ...] = ()  # places of orders that were taken although whom they name is not known


class CustomerQuery(Entity):
    """Who is asked for: by phone, by the beginning of a name, by an order's number, a WeChat id, or a record's id."""

    protocol: int
    device: str
    by: AskedBy
    value: str


class Contact(Entity):
    """A way to reach a customer; masked where the person may not read it."""

    kind: str
    value: str
    masked: bool = False


class Order(Entity):
    """An order as it may be shown."""

    number: str
    unit: str
    line: str = ""
    status: str = ""
    amount_cents: int | None = None
    currency: str = "CNY"
    items: tuple[OrderItem, ...] = ()
    ordered_at: Instant | None = None
    delivered_at: Instant | None = None
    courier: str = ""
    courier_phone: str = ""
    tracking: str = ""
    address: str = ""


class CustomerTicket(Entity):
    """A ticket about a customer, in one line."""

    id: str
    number: str
    subject: str
    status: str
    org: str
    created_at: Instant


class Customer(Entity):
    """What a person may know of a customer: the newest orders and tickets first."""

    id: str  # empty where an order names nobody
    name: str = ""
    tier: str = ""
    unit: str = ""
    contacts: tuple[Contact, ...] = ()
    orders: tuple[Order, ...] = ()
    tickets: tuple[CustomerTicket, ...] = ()


class CustomerAnswer(Entity):
    """Who was found, as of an instant; `more`: there are others, ask more narrowly."""

    as_of: Instant
    customers: tuple[Customer, ...] = ()
    more: bool = False
