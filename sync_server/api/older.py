"""Searching on the server for tickets that desktops keep no longer; who asked for what is audited (SYNC §6)."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.params import RawBody

from domain.wire.older import OlderRequest
from sync_server.access.viewer import load_viewer
from sync_server.api import messages
from sync_server.api.callers import origin, reading, same_device
from sync_server.api.services import Services
from sync_server.feed.older import find_older

Asked = Request[Any, Any, Any]

SMALL = 16 * 1024
"""Bytes; the message is short."""


def search(services: Services, request: Asked, body: bytes) -> Response[bytes]:
    """One page of what is found for the caller, everything from one snapshot."""
    message = messages.read(request, body, OlderRequest, limit=SMALL)
    messages.check_protocol(message.protocol)
    with reading(services, request) as (conn, found):
        same_device(found, message.device)
        configuration = services.configurations.current(conn)
        viewer = load_viewer(conn, found.person, services.trees.current(conn), configuration)
        answer = find_older(conn, viewer, message)
    with services.store.write() as conn:
        services.audit.record(
            conn,
            "older_searched",
            at=services.clock.now(),
            person=found.person,
            origin=origin(request, found.device),
            detail={"words": message.words, "found": len(answer.found), "further": bool(message.after)},
        )
        conn.commit()
    return messages.answer(request, answer)


def routes(services: Services) -> Router:
    """The address of this module."""

    @post("/search", sync_to_thread=True)
    def search_route(request: Asked, body: RawBody) -> Response[bytes]:
        return search(services, request, body)

    return Router(path="/v1/tickets", route_handlers=[search_route])
