"""Desktops as the network sees them: raw sockets on one loop, real tokens, a stream of pokes, a pull at each."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import zstandard

from desktop.sync.hints import Hints
from desktop.sync.lanes import LaneName, Lanes
from domain.wire import codec
from domain.wire.protocol import PROTOCOL
from domain.wire.sync import Problem, PullAnswer, PullRequest, PushRequest
from tests.bench.crowd import Member

T = TypeVar("T")

ANSWER_S = 60.0
_UNPACK = zstandard.ZstdDecompressor()
_HEAD = re.compile(rb'"head":(\d+)')
MOST_BYTES = 64 * 1024 * 1024


class Counts:
    """What all desktops together did."""

    def __init__(self) -> None:
        self.bytes_sent = self.bytes_received = 0
        self.pulls = self.useless = self.pokes = self.refused = self.broken = 0
        self.streams = 0
        self.odd: list[str] = []


class AskError(Exception):
    """A request was not answered: refused for now (`advised_ms`), or the connection broke."""

    def __init__(self, advised_ms: int = 0, *, refused: bool = False) -> None:
        super().__init__()
        self.advised_ms, self.refused = advised_ms, refused


class Wire(asyncio.Protocol):
    """One connection: an answer at a time, or a stream."""

    def __init__(self, counts: Counts, heard: Callable[[bytes], None] | None = None) -> None:
        self._counts, self._heard = counts, heard
        self._got = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket's other side."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, piece: bytes) -> None:
        """Take a piece of an answer or a stream."""
        self._counts.bytes_received += len(piece)
        if self._answer is None:
            if self._heard is not None:
                self._heard(piece)
            return
        self._got += piece
        head_end = self._got.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._got[:head_end]).lower()
        status = int(head[9:12])
        if self._heard is not None and status == 200:
            rest = bytes(self._got[head_end + 4 :])
            self._settle(status, b"")
            self._heard(rest)
            return
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self._got) < head_end + 4 + length:
            return
        body = bytes(self._got[head_end + 4 : head_end + 4 + length])
        if b"content-encoding: zstd" in head:
            with _UNPACK.stream_reader(body) as reader:
                body = reader.read(MOST_BYTES)
        self._settle(status, body)

    def _settle(self, status: int, body: bytes) -> None:
        self._got.clear()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result((status, body))

    def connection_lost(self, error: Exception | None) -> None:
        """Tell whoever waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(AskError())
        if not self.lost.done():
            self.lost.set_result(None)

    async def ask(self, raw: bytes) -> bytes:
        """Send a request and wait for its answer's body; raises AskError."""
        assert self._transport is not None
        if self._transport.is_closing():
            raise AskError
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._counts.bytes_sent += len(raw)
        self._transport.write(raw)
        try:
            status: int
            body: bytes
            status, body = await asyncio.wait_for(answer, ANSWER_S)
        except TimeoutError:
            self.close()
            raise AskError from None
        if status == 503:
            problem = codec.decode(body, Problem)
            advised = problem.message.get("retry_after_ms", 0)
            raise AskError(int(advised), refused=True)
        if status != 200:
            self._counts.odd.append(f"{status} {body[:200]!r}")
            raise AskError
        return body

    def close(self) -> None:
        """Break the connection."""
        if self._transport is not None:
            self._transport.close()


class Simulated:
    """One desktop: what it holds of the feed, its stream, and its rests as the real one keeps them."""

    def __init__(self, member: Member, port: int, counts: Counts, dice: random.Random) -> None:
        self.member, self.port, self.counts = member, port, counts
        self.cursor = self.scope_version = ""
        self.pulling = False
        self.hints = Hints()
        self.put: dict[str, float] = {}
        self.rows = 0
        self.current_at = 0.0
        self._dice = dice
        self._lanes = Lanes(dice.random)
        self._wire: Wire | None = None
        self._stream: Wire | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # The stream.

    def streams(self) -> bool:
        """Whether the stream is open."""
        return self._stream is not None and not self._stream.lost.done()

    async def listen(self) -> None:
        """Keep one stream open, opening it again as the real one does, until cancelled."""
        failures = 0
        while True:
            try:
                await self._listen_once()
                failures = 0
            except (AskError, OSError):
                failures += 1
                self.counts.broken += 1
            await asyncio.sleep(1 + self._dice.random() * min(60.0, 2.0**failures))

    async def _listen_once(self) -> None:
        wire = await self._connect(self._heard)
        head = f"GET /v1/sync/poke HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.member.token}\r\n"
        await wire.ask(f"{head}Accept: text/event-stream\r\n\r\n".encode())
        self._stream = wire
        self.counts.streams += 1
        try:
            await wire.lost
        finally:
            self.counts.streams -= 1

    def _heard(self, piece: bytes) -> None:
        pokes = piece.count(b"event: poke")
        self.counts.pokes += pokes
        # The opening counts too, as on the real desktop.
        heads = [int(told) for told in _HEAD.findall(piece)] if pokes else [0] * (b": open" in piece)
        # The last is the highest.
        if heads and self.hints.take(heads[-1]):
            self.look()

    def look(self) -> None:
        """Pull, unless a pull is under way that will look again."""
        if self.pulling:
            return
        self.pulling = True
        task = asyncio.get_running_loop().create_task(self.catch_up())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Requests.

    async def catch_up(self) -> None:
        """Pull until there is nothing more, resting as advised or as the lanes say after a failure."""
        self.pulling = True
        try:
            while True:
                self.hints.pulling()
                answer = await self.patient("pull", self._pull)
                if answer.retry_after_ms:
                    await asyncio.sleep(answer.retry_after_ms / 1000)
                at_rest = not answer.more and answer.scope is None
                if not self.hints.pulled(answer.head if at_rest else 0) and at_rest:
                    self.current_at = time.perf_counter()
                    return
        finally:
            self.pulling = False

    async def patient(self, lane: LaneName, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until it is answered, with the real desktop's lanes between the tries."""
        while True:
            wait_ms = self._lanes.next_free(lane) - _now()
            if wait_ms > 0:
                await asyncio.sleep(wait_ms / 1000)
            try:
                answer = await ask()
            except AskError as failure:
                self.counts.refused += failure.refused
                self.counts.broken += not failure.refused
                self._lanes.fail(lane, _now(), failure.advised_ms)
            except OSError:
                self.counts.broken += 1
                self._lanes.lose_network(_now())
            else:
                self._lanes.pulled()
                return answer

    async def _pull(self) -> PullAnswer:
        asked = PullRequest(
            protocol=PROTOCOL,
            device=self.member.device,
            cursor=self.cursor,
            scope_version=self.scope_version,
        )
        answer = codec.decode(await self.post("pull", asked), PullAnswer)
        now = time.perf_counter()
        self.counts.pulls += 1
        self.counts.useless += not (answer.put or answer.leave or answer.config or answer.notices)
        for put in answer.put:
            self.put[put.ticket.id] = now
        self.rows += len(answer.put)
        self.cursor, self.scope_version = answer.to_cursor, answer.scope_version
        return answer

    async def push(self, request: PushRequest) -> bytes:
        """Push once, patiently, on a connection of its own; the answer's body."""
        return await self.patient("push", lambda: self._post_apart(request))

    async def _post_apart(self, request: PushRequest) -> bytes:
        wire = await self._connect(None)
        try:
            return await wire.ask(self._raw("push", request))
        finally:
            wire.close()

    async def post(self, call: str, message: object) -> bytes:
        """One request on the kept connection."""
        if self._wire is None or self._wire.lost.done():
            self._wire = await self._connect(None)
        return await self._wire.ask(self._raw(call, message))

    def _raw(self, call: str, message: object) -> bytes:
        body = codec.encode(message)
        head = (
            f"POST /v1/sync/{call} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.member.token}\r\n"
            f"Accept-Encoding: zstd\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def _connect(self, heard: Callable[[bytes], None] | None) -> Wire:
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: Wire(self.counts, heard), "127.0.0.1", self.port)
        return wire

    async def close(self) -> None:
        """Break both connections, and begin anew when next asked to."""
        wires, self._wire, self._stream = (self._wire, self._stream), None, None
        for wire in wires:
            if wire is not None:
                wire.close()
                with suppress(asyncio.CancelledError):
                    await wire.lost


def _now() -> int:
    return time.monotonic_ns() // 1_000_000
