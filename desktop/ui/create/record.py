"""What a customer's record does to the page: name, tier, the store of an order or of the customer, prefilled fields."""

from typing import TYPE_CHECKING, Any

from desktop.sync.customers import Known
from desktop.ui.create.known import Catalogue
from desktop.ui.create.suggested import NAME, SOURCES
from domain.entities.base import Instant
from domain.wire.customers import Customer, Order

if TYPE_CHECKING:
    from desktop.ui.create.sheet import Sheet

ORDER_KEYS = frozenset({"order", "order_no", "order_number"})
AMOUNT_KEYS = frozenset({"amount", "order_amount"})


def take(sheet: "Sheet", customer: Customer) -> None:
    """Make the draft about this customer."""
    if customer.id != sheet.draft().customer:
        sheet.adopt(customer=customer.id, tier=customer.tier)
    sheet.suggested.offer("record", {NAME: customer.name, "tier": customer.tier})


def drop(sheet: "Sheet") -> None:
    """Another number is being typed: the draft is about nobody known, and none of their orders."""
    sheet.suggested.withdraw(*SOURCES)
    if sheet.draft().customer or sheet.draft().order_no:
        sheet.adopt(customer="", tier="", order_no="")
        if sheet.store.source in ("order", "customer"):
            sheet.store.withdraw()


def show(sheet: "Sheet", known: Known | None, catalogue: Catalogue, now_at: Instant) -> None:
    """Show the record, and suggest a store where nothing better is known: the last order's, or the customer's own."""
    draft = sheet.draft()
    sheet.customer.show_record(known, draft.order_no, catalogue.directory.unit_name, now_at)
    customer = known.customer if known is not None else None
    if customer is None or draft.org or catalogue.own_store:
        return
    units = [("history", one.unit) for one in customer.orders] + [("customer", customer.unit)]
    for source, unit in units:
        if unit and catalogue.stores.knows_unit(unit):
            sheet.store.propose(unit, source)
            return


def choose(sheet: "Sheet", order: Order | None, catalogue: Catalogue) -> None:
    """Make the draft about an order, or about none: its store is suggested, what the form asks of it filled in."""
    sheet.adopt(order_no=order.number if order is not None else "")
    if order is None:
        sheet.suggested.withdraw("order")
        if sheet.store.source == "order":
            sheet.store.withdraw()
        return
    if catalogue.stores.knows_unit(order.unit):
        sheet.store.propose(order.unit, "order", instead=True)
    sheet.suggested.offer("order", _values(order))


def _values(order: Order) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(ORDER_KEYS, order.number)
    if order.amount_cents is not None:
        values |= dict.fromkeys(AMOUNT_KEYS, order.amount_cents / 100)
    return values
