"""Customers over HTTP: looked up by agents, pushed with their orders by other systems (capability C01)."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from litestar import Request, Response, Router, post
from litestar.params import RawBody

from domain.errors import InvalidInputError, RefusedError
from domain.wire import codec
from domain.wire.customers import (
    MOST_ROWS,
    CustomerQuery,
    CustomerRow,
    OrderRow,
    PushTaken,
    RowRefused,
    RowsOfCustomers,
    RowsOfOrders,
)
from sync_server.access import integrations
from sync_server.access.customers import find_customers
from sync_server.access.integrations import Integration
from sync_server.access.viewer import load_viewer
from sync_server.api import messages
from sync_server.api.callers import bearer, origin, reading, same_device
from sync_server.api.services import Services
from sync_server.api.throttle import Throttle
from sync_server.operations.customers import writer_for
from sync_server.store.customers import CustomerWriter

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
Asked = Request[Any, Any, Any]

SMALL = 16 * 1024
PUSH_BYTES = 2 * 1024 * 1024
SEARCHES_A_MINUTE, PUSHES_A_MINUTE = 60, 120


def search(services: Services, throttle: Throttle, request: Asked, body: bytes) -> Response[bytes]:
    """What the caller may know of whom they ask for; each look-up is in the audit record, what was found by id."""
    message = messages.read(request, body, CustomerQuery, limit=SMALL)
    messages.check_protocol(message.protocol)
    with reading(services, request) as (conn, found):
        same_device(found, message.device)
        throttle.take(found.person)
        configuration = services.configurations.current(conn)
        viewer = load_viewer(conn, found.person, services.trees.current(conn), configuration)
        answer = find_customers(conn, viewer, message, now=services.clock.now())
    with services.store.write() as conn:
        services.audit.record(
            conn,
            "customer_searched",
            at=services.clock.now(),
            person=found.person,
            origin=origin(request, found.device),
            detail={"by": message.by, "found": [one.id for one in answer.customers if one.id]},
        )
        conn.commit()
    return messages.answer(request, answer)


class Pushes:
    """Takes what other systems push, each push in one transaction with its audit row."""

    def __init__(self, services: Services, throttle: Throttle) -> None:
        self._services, self._throttle = services, throttle

    def customers(self, request: Asked, body: bytes) -> Response[bytes]:
        """Customers of one source."""
        said = messages.read(request, body, RowsOfCustomers, limit=PUSH_BYTES, rows=True)
        return self._take(
            request, "customers", said.source, said.customers, CustomerRow, CustomerWriter.customers
        )

    def orders(self, request: Asked, body: bytes) -> Response[bytes]:
        """Orders of one source."""
        said = messages.read(request, body, RowsOfOrders, limit=PUSH_BYTES, rows=True)
        return self._take(request, "orders", said.source, said.orders, OrderRow, CustomerWriter.orders)

    def _take(
        self,
        request: Asked,
        scope: str,
        source: str,
        raw: Sequence[msgspec.Raw],
        kind: type[T],
        take: Callable[[CustomerWriter, Sequence[T]], PushTaken],
    ) -> Response[bytes]:
        if len(raw) > MOST_ROWS or not source.strip() or "\0" in source:
            raise RefusedError("push_too_long", rows=len(raw), limit=MOST_ROWS)
        rows, bad = _each(raw, kind)
        services, token, now = self._services, bearer(request), self._services.clock.now()

        def work(conn: "Connection") -> PushTaken:
            system = integrations.authenticate(conn, token, scope, now=now)
            self._throttle.take(system.id)
            writer = writer_for(services, conn, source, below=system.unit, at=now)
            taken = _placed(take(writer, [row for _, row in rows]), [place for place, _ in rows], bad)
            integrations.mark_used(conn, system.id, now=now)
            self._record(conn, request, system, scope, taken)
            return taken

        def transaction() -> PushTaken:
            with services.store.write() as conn:
                taken = work(conn)
                conn.commit()
            return taken

        return messages.answer(request, services.store.retrying(transaction))

    def _record(
        self, conn: "Connection", request: Asked, system: Integration, scope: str, taken: PushTaken
    ) -> None:
        counts = {"added": taken.added, "changed": taken.changed, "refused": len(taken.refused)}
        self._services.audit.record(
            conn,
            f"{scope}_pushed",
            at=self._services.clock.now(),
            person=None,
            origin=origin(request),
            detail={"integration": system.id, "name": system.name, **counts},
        )


def _each(raw: Sequence[msgspec.Raw], kind: type[T]) -> tuple[list[tuple[int, T]], list[RowRefused]]:
    """The rows that can be read, with their places; the others are refused one by one."""
    good: list[tuple[int, T]] = []
    bad: list[RowRefused] = []
    for index, one in enumerate(raw):
        try:
            text = bytes(one)
            if codec.holds_nul(text):
                raise InvalidInputError("bad_message", reason="nul")
            good.append((index, codec.decode(text, kind)))
        except InvalidInputError as error:
            bad.append(RowRefused(index=index, code="row_ill_typed", args=error.args_by_name))
    return good, bad


def _placed(taken: PushTaken, places: Sequence[int], bad: Sequence[RowRefused]) -> PushTaken:
    """What came of the good rows by their places in what was sent, with the bad ones among the refused."""
    refused = [msgspec.structs.replace(one, index=places[one.index]) for one in taken.refused]
    return msgspec.structs.replace(
        taken,
        refused=tuple(sorted([*refused, *bad], key=lambda one: one.index)),
        unlinked=tuple(places[index] for index in taken.unlinked),
    )


def routes(services: Services) -> Router:
    """The addresses of this module."""
    throttle = Throttle(per_minute=SEARCHES_A_MINUTE, now_s=time.monotonic)
    pushes = Pushes(services, Throttle(per_minute=PUSHES_A_MINUTE, now_s=time.monotonic))

    @post("/customers/search", sync_to_thread=True)
    def search_route(request: Asked, body: RawBody) -> Response[bytes]:
        return search(services, throttle, request, body)

    @post("/customers", sync_to_thread=True)
    def customers_route(request: Asked, body: RawBody) -> Response[bytes]:
        return pushes.customers(request, body)

    @post("/orders", sync_to_thread=True)
    def orders_route(request: Asked, body: RawBody) -> Response[bytes]:
        return pushes.orders(request, body)

    return Router(path="/v1", route_handlers=[search_route, customers_route, orders_route])
