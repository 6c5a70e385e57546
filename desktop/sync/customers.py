"""Customers from the server: asked for as agents type, remembered in the replica for when it can't be asked (C01)."""

from typing import Protocol

from desktop.clock import Clock
from desktop.replica import customers, meta
from desktop.replica.customers import KeptCustomer
from desktop.replica.engine import Replica
from domain.entities.base import Entity
from domain.errors import GongdanError, UnavailableError
from domain.wire.customers import AskedBy, Customer, CustomerAnswer, CustomerQuery
from domain.wire.protocol import PROTOCOL


class Asking(Protocol):
    """The part of the transport that this needs; raises as desktop.sync.transport says."""

    def search_customers(self, request: CustomerQuery) -> CustomerAnswer:
        """Ask for customers."""
        ...


class Known(Entity):
    """What is known of a customer: from the server just now, or kept from before (`offline`: it can't be asked)."""

    customer: Customer | None = None
    at: int = 0
    offline: bool = False
    trouble: str = ""  # the code of a refusal


class Customers:
    """Asks the server; every call may wait, so none is made on the window's thread."""

    def __init__(self, asking: Asking, replica: Replica, clock: Clock) -> None:
        self._asking, self._replica, self._clock = asking, replica, clock

    def find(self, by: AskedBy, value: str) -> Known:
        """The first who is found, and kept; without a network who is kept from before."""
        with self._replica.read() as conn:
            asked = CustomerQuery(protocol=PROTOCOL, device=meta.get(conn, "device"), by=by, value=value)
        try:
            found = self._asking.search_customers(asked).customers
        except UnavailableError as error:
            kept = self.kept(by, value)
            customer, at = (kept.customer, kept.at) if kept is not None else (None, 0)
            return Known(customer=customer, at=at, offline=True, trouble=_trouble(error))
        except GongdanError as error:
            return Known(trouble=error.code)
        now = self._clock.now()
        with self._replica.write() as conn:
            customers.keep(conn, found, now)
        return Known(customer=found[0] if found else None, at=now)

    def kept(self, by: AskedBy, value: str) -> KeptCustomer | None:
        """Who is kept from before."""
        with self._replica.read() as conn:
            now = self._clock.now()
            return customers.by_id(conn, value, now) if by == "id" else customers.by_phone(conn, value, now)


def _trouble(error: UnavailableError) -> str:
    """Whether the server answered that it is asked too often; else it was simply not reached."""
    return error.code if error.code == "too_many" else ""


class NoServer:
    """Never reached; for windows without a network."""

    def search_customers(self, request: CustomerQuery) -> CustomerAnswer:
        """Say so."""
        raise UnavailableError("server_unreachable")
