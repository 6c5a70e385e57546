"""Whose tickets new ones are: by the record that was chosen, or by the phone number that was typed (C01)."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from domain.entities.base import Entity
from domain.rules.customers import normal_contact
from domain.wire.commands import Command
from sync_server.store.direct import Sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BY_ID = Sql("SELECT id, tier FROM customer WHERE id IN ? AND NOT erased")
_BY_PHONE = Sql(
    "SELECT k.value, c.id, c.tier FROM customer_contact k JOIN customer c ON c.id = k.customer "
    "WHERE k.value IN ? AND k.kind = 'phone' AND NOT c.erased ORDER BY c.id DESC"
)


class KnownCustomers(Entity):
    """Tiers by customer, and customers by phone number, as far as commands name them."""

    tiers: Mapping[str, str] = {}
    by_phone: Mapping[str, str] = {}


NOBODY = KnownCustomers()


def ask_customers(conn: "Connection", commands: Iterable[Command]) -> Callable[[], KnownCustomers]:
    """Ask for the customers of new tickets, as one part of a pipeline; nothing is asked where none is named."""
    ids, phones = set[str](), set[str]()
    for command in commands:
        if command.kind in ("create", "split"):
            named = command.set.get("customer")
            if isinstance(named, str) and named:
                ids.add(named)
            phones |= _phones(command.set)
    if not ids and not phones:
        return lambda: NOBODY
    by_id = _BY_ID.sent(conn, sorted(ids)) if ids else None
    by_phone = _BY_PHONE.sent(conn, sorted(phones)) if phones else None

    def take() -> KnownCustomers:
        tiers = dict(by_id.fetchall()) if by_id is not None else {}
        callers: dict[str, str] = {}
        for phone, id, tier in by_phone.fetchall() if by_phone is not None else ():
            callers[phone], tiers[id] = id, tier
        return KnownCustomers(tiers=tiers, by_phone=callers)

    return take


def _phones(content: Mapping[str, Any]) -> set[str]:
    rooms = [room for name in ("personal", "fields") if isinstance(room := content.get(name), dict)]
    typed = [room.get("phone") for room in rooms]
    found = {normal_contact("phone", one) for one in typed if isinstance(one, str)}
    return found - {""}
