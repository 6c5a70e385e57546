"""Admission: of each kind of request so many run, so many wait for their turn, the others get a time slot (SYNC §7).

The kinds have bounds of their own, so that first syncs and pulls never starve a push. Waiting holds no thread and no
database connection, and a body is read before a place is taken: one who uploads slowly keeps nobody waiting.
"""

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPRequestEvent, Receive, Scope, Send

from domain.wire import codec
from domain.wire.sync import Problem
from sync_server.api.problems import MEDIA_TYPE

Kind = Literal["push", "pull", "fill", "files", "other"]
MOST_SLOT_S = 60.0
LEAST_SLOT_S = 0.25
BODY_S = 30.0
SMOOTHING = 0.05
FIRST_GUESS_S = 0.005
"""Before anything is measured, just when everybody comes after a restart: a guess too short costs a few of them another
refusal, one too long keeps all of them waiting beside an idle server."""
SPARE = 1.25
"""Slots lie so much further apart than places become free: those who come in theirs find one."""
MOST_ADVICE_MS = 5_000
UNBOUNDED = frozenset({"/v1/sync/poke", "/v1/health"})
PREFIXES: tuple[tuple[str, Kind], ...] = (
    ("/v1/sync/push", "push"),
    ("/v1/sync/pull", "pull"),
    ("/v1/sync/", "fill"),
    ("/v1/attachments", "files"),
)
SHARES: Mapping[Kind, float] = {"push": 0.5, "pull": 0.375, "fill": 0.25, "files": 0.25, "other": 0.25}
"""How much of the handlers one kind may take; none may take them all."""
PUSHES_TOGETHER = 24
"""Pushes beyond their share that are let in as well: they wait for one commit together, each on a thread that holds
no database connection, and the more come together the fewer commits there are (decision 0006)."""


class Gate:
    """One kind of request: who runs, who waits, and when the next who is turned away is to come again."""

    def __init__(
        self,
        *,
        running: int,
        waiting: int,
        chance: Callable[[], float] = random.random,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_running, self._most_waiting = running, waiting
        self._chance, self._now = chance, now
        self.running = self.admitted = self.refused = 0
        self._line: deque[asyncio.Future[None]] = deque()
        self._interval_s = FIRST_GUESS_S
        self._left_at = 0.0
        self._next_slot_at = 0.0

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._line)

    def is_full(self) -> bool:
        """Whether nobody more may wait."""
        return self.running >= self._most_running and len(self._line) >= self._most_waiting

    def advice_ms(self) -> int:
        """How long those who are answered are asked to stay away: nothing until half the line is taken."""
        share = len(self._line) / max(1, self._most_waiting)
        if share <= 0.5:
            return 0
        return int(MOST_ADVICE_MS * (share - 0.5) * 2 * (0.5 + self._chance()))

    def slot_s(self) -> float:
        """The next free time slot, in seconds from now: as many a second as are served in a second."""
        self.refused += 1
        now = self._now()
        behind = now + (len(self._line) + self.running) * self._interval_s
        self._next_slot_at = max(self._next_slot_at + self._interval_s * SPARE, behind)
        if self._next_slot_at - now > MOST_SLOT_S:
            # So many that the slots lie too far ahead: they come again spread over the time that is left.
            return MOST_SLOT_S * (0.5 + self._chance() / 2)
        return max(LEAST_SLOT_S, self._next_slot_at - now)

    async def enter(self) -> None:
        """Wait for one's turn; whoever enters calls `leave`."""
        if self.running < self._most_running:
            self.running += 1
        else:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._line.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._give_up(turn)
                raise
        self.admitted += 1

    def _give_up(self, turn: "asyncio.Future[None]") -> None:
        if turn.done() and not turn.cancelled():
            self.leave()  # it was given the place just as it went away
        elif turn in self._line:
            self._line.remove(turn)

    def leave(self) -> None:
        """Give the place to the next in line."""
        now = self._now()
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                # Measured while there is a line: how often a place becomes free.
                taken = min(1.0, now - self._left_at)
                self._interval_s += SMOOTHING * (taken - self._interval_s)
                self._left_at = now
                turn.set_result(None)
                return
        self._left_at = now
        self.running -= 1


def make_gates(*, handlers: int, waiting: int) -> dict[Kind, Gate]:
    """The gates of a server with so many handler threads, each with so many places to wait."""
    running = {kind: max(1, int(handlers * share)) for kind, share in SHARES.items()}
    running["push"] += PUSHES_TOGETHER
    return {kind: Gate(running=most, waiting=waiting) for kind, most in running.items()}


def handler_threads(handlers: int) -> int:
    """How many threads there are for so many handlers: with those on which pushes wait for each other."""
    return handlers + PUSHES_TOGETHER


def kind_of(path: str) -> Kind:
    """Which bounds a request falls under."""
    return next((kind for prefix, kind in PREFIXES if path.startswith(prefix)), "other")


class Admission:
    """Stands before the whole application: reads the body, waits at the gate, or answers 503 with a time slot.

    Before it, so that turning somebody away costs next to nothing just when there are most of them.
    """

    def __init__(self, app: ASGIApp, *, gates: Mapping[Kind, Gate], body_bytes: int) -> None:
        self._app, self._gates, self._body_bytes = app, gates, body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in or turn it away."""
        if scope["type"] != ScopeType.HTTP or scope["path"] in UNBOUNDED:
            await self._app(scope, receive, send)
            return
        gate = self._gates[kind_of(scope["path"])]
        if gate.is_full():
            await _turn_away(gate, send)
            return
        try:
            body = await asyncio.wait_for(_body(receive, self._body_bytes), BODY_S)
        except TimeoutError:
            await _say(send, Problem(title="timeout", status=408, code="timeout"))
            return
        if body is None:
            return  # the client went away
        if gate.is_full():
            await _turn_away(gate, send)
            return
        await gate.enter()
        try:
            await self._app(scope, _replaying(body, receive), send)
        finally:
            gate.leave()


async def _body(receive: Receive, limit: int) -> list[HTTPRequestEvent] | None:
    """The request's body as it came, or as much of it as shows that it is too large; None: the client is gone."""
    taken: list[HTTPRequestEvent] = []
    size = 0
    while size <= limit:
        message = await receive()
        if message["type"] != "http.request":
            return None
        taken.append(message)
        size += len(message["body"])
        if not message["more_body"]:
            break
    return taken


def _replaying(taken: list[HTTPRequestEvent], receive: Receive) -> Receive:
    """Gives what was read first, then what comes."""
    left = deque(taken)

    async def replay() -> HTTPReceiveMessage:
        if left:
            return left.popleft()
        return cast("HTTPReceiveMessage", await receive())

    return replay


async def _turn_away(gate: Gate, send: Send) -> None:
    wait_s = gate.slot_s()
    message = {"retry_after_s": math.ceil(wait_s), "retry_after_ms": int(wait_s * 1000)}
    await _say(send, Problem(title="busy", status=503, code="busy", message=message))


async def _say(send: Send, problem: Problem) -> None:
    body = codec.encode(problem)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    if "retry_after_s" in problem.message:
        headers.append((b"retry-after", str(problem.message["retry_after_s"]).encode()))
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
