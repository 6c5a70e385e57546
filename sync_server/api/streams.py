"""The address of the poke stream: server-sent events, one waiting coroutine for each connection (SYNC §3)."""

from collections.abc import Sequence

import structlog
from litestar import Request
from litestar.handlers import ASGIRouteHandler, asgi
from litestar.types import Receive, Scope, Send

from domain.errors import RefusedError
from sync_server.access import tokens
from sync_server.access.tokens import Caller
from sync_server.api.aside import Together
from sync_server.api.callers import bearer, proven
from sync_server.api.poke import OPENED, Listener, Write
from sync_server.api.services import Services

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

log = structlog.get_logger("streams")


def route(services: Services) -> ASGIRouteHandler:
    """The address of this module, below `/v1/sync`."""
    callers: Together[str, Caller | RefusedError] = Together(
        services.aside, lambda asked: _callers(services, asked)
    )

    @asgi("/poke", copy_scope=False)
    async def poke_route(scope: Scope, receive: Receive, send: Send) -> None:
        found = await callers.ask(bearer(Request(scope, receive, send)))
        if isinstance(found, RefusedError):
            raise found
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})

        async def write(event: bytes, more: bool) -> None:
            await send({"type": "http.response.body", "body": event, "more_body": more})

        listener = await _opened(services, found, write)
        if listener is None:
            await write(b"", False)
            return
        try:
            listener.send(OPENED)
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            services.hub.close(listener)

    return poke_route


async def _opened(services: Services, found: Caller, write: Write) -> Listener | None:
    """The listener, or None where the database is away: the client comes again."""
    try:
        return await services.hub.open(found.person, found.device, write)
    except Exception as error:  # noqa: BLE001 - the answer has begun: no problem can be told any more
        log.warning("stream_not_opened", device=found.device, kind=type(error).__name__)
        return None


def _callers(services: Services, asked: Sequence[str]) -> list[Caller | RefusedError]:
    """Who is behind each token, all in one snapshot."""
    now = services.clock.now()
    found: list[Caller | RefusedError] = []
    fresh: list[str] = []
    with services.store.read() as conn:
        for token in asked:
            try:
                seen = tokens.authenticate(conn, token, now=now)
            except RefusedError as error:
                found.append(proven(services, error))
            else:
                found.append(seen.caller)
                fresh += [seen.hash] if seen.first_use else []
    if fresh:
        with services.store.write() as conn:
            for hash in fresh:
                tokens.mark_used(conn, hash, now=now)
            conn.commit()
    return found
