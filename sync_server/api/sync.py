"""The sync protocol over HTTP: push, pull, tickets, back-fill, digests and the poke stream (SYNC §3)."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import RawBody
from litestar.response import Stream

from domain.wire.integrity import DigestRequest
from domain.wire.protocol import MAX_BATCH_BYTES
from domain.wire.sync import BackfillRequest, PullRequest, PushRequest, TicketsRequest
from sync_server.access.viewer import load_viewer
from sync_server.api import messages
from sync_server.api.callers import caller, reading, same_device
from sync_server.api.poke import events
from sync_server.api.services import Services
from sync_server.feed.backfill import backfill, tickets
from sync_server.feed.digest import shares
from sync_server.feed.reader import pull
from sync_server.push.sender import Sender

Asked = Request[Any, Any, Any]

PUSH_BYTES = 2 * MAX_BATCH_BYTES
"""A batch as clients make it, with room for a command that has to be answered as too large."""
ASK_BYTES = 256 * 1024


def take_push(services: Services, request: Asked, body: bytes) -> Response[bytes]:
    """Judge the caller's commands."""
    message = messages.read(request, body, PushRequest, limit=PUSH_BYTES)
    messages.check_protocol(message.protocol)
    found = caller(services, request, leaving=True)
    same_device(found, message.device)
    sender = Sender(person=found.person, device=found.device, leaving=found.leaving)
    return messages.answer(request, services.pusher.push(sender, message))


def read_page(
    services: Services,
    request: Asked,
    body: bytes,
    kind: type[Any],
    page: Callable[..., object],
    **more: Any,
) -> Response[bytes]:
    """Answer one page for the caller, everything from one snapshot."""
    message = messages.read(request, body, kind, limit=ASK_BYTES)
    messages.check_protocol(message.protocol)
    with reading(services, request) as (conn, found):
        same_device(found, message.device)
        configuration = services.configurations.current(conn)
        viewer = load_viewer(conn, found.person, services.trees.current(conn), configuration)
        return messages.answer(request, page(conn, viewer, message, **more))


def routes(services: Services) -> Router:
    """The addresses of this module."""

    @post("/push", sync_to_thread=True)
    def push_route(request: Asked, body: RawBody) -> Response[bytes]:
        return take_push(services, request, body)

    @post("/pull", sync_to_thread=True)
    def pull_route(request: Asked, body: RawBody) -> Response[bytes]:
        return read_page(services, request, body, PullRequest, pull, now=services.clock.now())

    @post("/tickets", sync_to_thread=True)
    def tickets_route(request: Asked, body: RawBody) -> Response[bytes]:
        return read_page(services, request, body, TicketsRequest, tickets)

    @post("/backfill", sync_to_thread=True)
    def backfill_route(request: Asked, body: RawBody) -> Response[bytes]:
        return read_page(services, request, body, BackfillRequest, backfill, now=services.clock.now())

    @post("/digest", sync_to_thread=True)
    def digest_route(request: Asked, body: RawBody) -> Response[bytes]:
        return read_page(services, request, body, DigestRequest, shares)

    @get("/poke")
    async def poke_route(request: Asked) -> Stream:
        found = await sync_to_thread(caller, services, request)
        settings = services.settings
        stream = events(
            services.hub,
            found.person,
            gap_ms=settings.poke_gap_ms,
            keep_alive_s=settings.poke_keep_alive_s,
        )
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Stream(stream, media_type="text/event-stream", headers=headers)

    handlers = [push_route, pull_route, tickets_route, backfill_route, digest_route, poke_route]
    return Router(path="/v1/sync", route_handlers=handlers)
