"""Writing customers and orders as other systems know them; the same row again changes nothing (C01)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from domain.entities.base import Instant
from domain.ids import IdSource
from domain.rules.customers import contact_fault, normal_contact
from domain.rules.erasing import Matcher
from domain.wire.customers import CustomerRow, OrderRow, PushTaken, RowRefused
from sync_server.store import tables as t
from sync_server.store.rows import dump

Row = dict[str, Any]
MOST_TEXT = 500
MOST_CENTS = 10**15
LATEST = 253_402_300_799_999
"""The last instant of the year 9999."""
_DELIVERY = ("courier", "courier_phone", "tracking", "address")


class Refused(Exception):
    """Raised for a row that can't be taken."""

    def __init__(self, code: str, **args: Any) -> None:
        self.code, self.args_by_name = code, args
        super().__init__(code)


class CustomerWriter:
    """Takes rows of one source inside one transaction.

    `units` are ids by code, as far as the source reaches; `erased` knows values that were erased: rows that hold one
    are refused, so that an erased customer does not come back.
    """

    def __init__(
        self,
        conn: Connection,
        source: str,
        *,
        units: Mapping[str, str],
        lines: frozenset[str],
        erased: Matcher | None,
        ids: IdSource,
        at: Instant,
        everywhere: bool = True,
    ) -> None:
        self._conn, self._source, self._units, self._lines = conn, source, units, lines
        self._erased, self._ids, self._at, self._everywhere = erased, ids, at, everywhere

    def customers(self, rows: Sequence[CustomerRow]) -> PushTaken:
        """Add customers or bring them to what is said."""
        before = self._present(t.customer, t.customer.c.external_id, [one.external_id for one in rows])
        contacts = self._contacts([one["id"] for one in before.values()])

        def take(row: CustomerRow) -> str:
            found = self._contacts_of(row)
            present = before.get(row.external_id)
            values = self._customer(row, present)
            id = values["id"]
            if present == values and contacts.get(id, frozenset()) == found:
                return "unchanged"
            self._put(t.customer, values, present)
            self._conn.execute(delete(t.customer_contact).where(t.customer_contact.c.customer == id))
            if found:
                said = [{"customer": id, "kind": kind, "value": value} for kind, value in sorted(found)]
                self._conn.execute(insert(t.customer_contact), said)
            before[row.external_id], contacts[id] = values, found
            return "changed" if present else "added"

        return _taken(rows, take)

    def orders(self, rows: Sequence[OrderRow]) -> PushTaken:
        """Add orders or bring them to what is said."""
        before = self._present(t.customer_order, t.customer_order.c.number, [one.number for one in rows])
        named = self._present(t.customer, t.customer.c.external_id, [one.customer for one in rows])
        by_phone = self._by_phone([one.phone for one in rows])
        unlinked: list[int] = []

        def take(row: OrderRow) -> str:
            present = before.get(row.number)
            known = named.get(row.customer)
            customer = known["id"] if known else by_phone.get(normal_contact("phone", row.phone), "")
            values = self._order(row, customer, present, erased=bool(known and known["erased"]))
            if not customer and (row.customer or row.phone):
                unlinked.append(index_of[id(row)])
            if present == values:
                return "unchanged"
            self._put(t.customer_order, values, present)
            before[row.number] = values
            return "changed" if present else "added"

        index_of = {id(row): index for index, row in enumerate(rows)}
        return msgspec.structs.replace(_taken(rows, take), unlinked=tuple(unlinked))

    def _present(self, table: Table, column: ColumnElement[str], keys: Sequence[str]) -> dict[str, Row]:
        query = select(table).where(table.c.source == self._source, column.in_(sorted(set(keys))))
        return {row._mapping[column]: dict(row._mapping) for row in self._conn.execute(query)}

    def _contacts(self, ids: Sequence[str]) -> dict[str, frozenset[tuple[str, str]]]:
        c = t.customer_contact.c
        found: dict[str, set[tuple[str, str]]] = {}
        for row in self._conn.execute(select(c.customer, c.kind, c.value).where(c.customer.in_(ids))):
            found.setdefault(row.customer, set()).add((row.kind, row.value))
        return {id: frozenset(values) for id, values in found.items()}

    def _by_phone(self, phones: Sequence[str]) -> dict[str, str]:
        wanted = sorted({normal_contact("phone", one) for one in phones if one})
        c = t.customer_contact.c
        query = select(c.value, c.customer).where(c.kind == "phone", c.value.in_(wanted))
        return {row.value: row.customer for row in self._conn.execute(query.order_by(c.customer.desc()))}

    def _put(self, table: Table, values: Row, present: Row | None) -> None:
        if present is None:
            self._conn.execute(insert(table), [values])
        else:
            self._conn.execute(update(table).where(table.c.id == values["id"]).values(values))

    def _customer(self, row: CustomerRow, present: Row | None) -> Row:
        _short(row.external_id, "external_id", required=True)
        if present is not None and present["erased"]:
            raise Refused("customer_was_erased")
        return {
            "id": present["id"] if present else self._ids.new(),
            "source": self._source,
            "external_id": row.external_id,
            "name": _short(row.name, "name"),
            "tier": _short(row.tier, "tier"),
            "unit": self._unit(row.unit, required=not self._everywhere),
            "at": present["at"] if present else self._at,
            "erased": False,
        }

    def _contacts_of(self, row: CustomerRow) -> frozenset[tuple[str, str]]:
        said = [(str(kind), _short(value, kind)) for kind, values in row.contacts.items() for value in values]
        for kind, value in said:
            if (fault := contact_fault(kind, value)) is not None:
                raise Refused(fault, field=kind)
        found = {(kind, normal_contact(kind, value)) for kind, value in said}
        if any(self._is_erased(value) for _, value in found):
            raise Refused("customer_was_erased")
        return frozenset((kind, value) for kind, value in found if value)

    def _order(self, row: OrderRow, customer: str, present: Row | None, *, erased: bool) -> Row:
        if row.line and row.line not in self._lines:
            raise Refused("cell_unknown_line", field="line", value=row.line[:60])
        delivery = {name: _short(getattr(row, name), name) for name in _DELIVERY if getattr(row, name)}
        if erased or any(self._is_erased(value) for value in delivery.values()):
            delivery = {}
        return {
            "id": present["id"] if present else self._ids.new(),
            "source": self._source,
            "number": _short(row.number, "number", required=True),
            "customer": customer or (present["customer"] if present else ""),
            "unit": self._unit(row.unit, required=True),
            "line": row.line,
            "status": _short(row.status, "status"),
            "amount_cents": _cents(row.amount),
            "currency": _short(row.currency, "currency"),
            "items": dump(row.items),
            "delivery": dump(delivery),
            "ordered_at": _instant(row.ordered_at, "ordered_at"),
            "delivered_at": _instant(row.delivered_at, "delivered_at"),
            "at": present["at"] if present else self._at,
        }

    def _unit(self, code: str, *, required: bool) -> str:
        if not code and not required:
            return ""
        if code not in self._units:
            raise Refused("cell_unknown_unit", field="unit", value=code[:60])
        return self._units[code]

    def _is_erased(self, value: str) -> bool:
        return bool(value) and self._erased is not None and self._erased.is_value(value)


def _short(value: str, name: str, *, required: bool = False) -> str:
    if len(value) > MOST_TEXT or "\0" in value:
        raise Refused("cell_too_long", field=name, limit=MOST_TEXT)
    if required and not value.strip():
        raise Refused("cell_empty", field=name)
    return value.strip()


def _instant(at: Instant | None, name: str) -> Instant | None:
    if at is not None and not 0 <= at <= LATEST:
        raise Refused("cell_time_range", field=name, value=str(at)[:60])
    return at


def _cents(amount: Decimal | None) -> int | None:
    if amount is None:
        return None
    if not amount.is_finite() or abs(cents := round(amount * 100)) > MOST_CENTS:
        raise Refused(
            "cell_not_number", field="amount", value=str(amount)[:60], least=-MOST_CENTS, most=MOST_CENTS
        )
    return cents


def _taken(rows: Sequence[Any], take: Callable[[Any], str]) -> PushTaken:
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    refused: list[RowRefused] = []
    for index, row in enumerate(rows):
        try:
            counts[take(row)] += 1
        except Refused as error:
            refused.append(RowRefused(index=index, code=error.code, args=error.args_by_name))
    return PushTaken(
        added=counts["added"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        refused=tuple(refused),
    )


def clear_customers(conn: Connection, ids: Sequence[str]) -> int:
    """Empty what is personal of customers and their orders; records, orders and amounts stay (SYNC §6)."""
    if not ids:
        return 0
    conn.execute(delete(t.customer_contact).where(t.customer_contact.c.customer.in_(ids)))
    orders = t.customer_order.c
    conn.execute(update(t.customer_order).where(orders.customer.in_(ids)).values(delivery="{}"))
    gone = update(t.customer).where(t.customer.c.id.in_(ids)).values(name="", erased=True)
    return conn.execute(gone).rowcount


def customers_holding(conn: Connection, matcher: Matcher) -> set[str]:
    """The customers of whom a value is one of those looked for."""
    c = t.customer_contact.c
    found = {row.customer for row in conn.execute(select(c.customer, c.value)) if matcher.is_value(row.value)}
    orders = t.customer_order.c
    rows = conn.execute(select(orders.customer, orders.delivery).where(orders.delivery != "{}"))
    return found | {
        row.customer
        for row in rows
        if row.customer and any(matcher.is_value(one) for one in msgspec.json.decode(row.delivery).values())
    }
