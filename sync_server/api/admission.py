"""Admission: a bounded number of requests at once, the others get a time to come back (SYNC §7)."""

import random
from collections.abc import Callable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from domain.wire import codec
from domain.wire.sync import Problem
from sync_server.api.problems import MEDIA_TYPE

SLOT_S = 10
"""Those turned away are spread over this many seconds."""
UNBOUNDED = frozenset({"/v1/sync/poke", "/v1/health"})


class Admission:
    """Counts requests in work and answers 503 beyond the limit, without a thread or a database connection."""

    def __init__(self, app: ASGIApp, *, most: int, chance: Callable[[], float] = random.random) -> None:
        self._app, self._most, self._chance = app, most, chance
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in or turn it away."""
        if scope["type"] != ScopeType.HTTP or scope["path"] in UNBOUNDED:
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            await self._turn_away(send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1

    async def _turn_away(self, send: Send) -> None:
        wait_s = 1 + int(self._chance() * SLOT_S)
        problem = Problem(title="busy", status=503, code="busy", message={"retry_after_s": wait_s})
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"retry-after", str(wait_s).encode()),
        ]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": codec.encode(problem), "more_body": False})
