"""The poke stream: hints that something changed, read by a thread of its own (SYNC §3)."""

import random
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec
import requests
import structlog
import urllib3.exceptions

from desktop.clock import Clock
from desktop.sync.http import HttpTransport
from domain.errors import GongdanError

SHORT_MS = 60_000
"""A stream that ends sooner was cut by something between."""
CUTS = 3
REST_S = 600.0
"""After so many cuts the server is asked by polling for this long, before streaming is tried again."""
STOP_S = 2.0

log = structlog.get_logger("pokes")


class Stream(Protocol):
    """An open stream of events."""

    def heads(self) -> Iterator[int]:
        """The head that each event tells as it comes, 0 where it tells none; the opening is the first."""
        ...

    def close(self) -> None:
        """End it, from any thread, also while somebody waits for the next event."""
        ...


class PokeStream:
    """Keeps one stream open while it can; where streams are cut short, rests and leaves it to polling."""

    def __init__(
        self,
        open_stream: Callable[[], Stream],
        *,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._open, self._clock, self._chance = open_stream, clock, chance
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pokes", daemon=True)
        self._stream: Stream | None = None
        self._cuts = self._failures = 0

    def start(self, *, poked: Callable[[int], None], streaming: Callable[[bool], None]) -> None:
        """Begin; both are called on this stream's thread."""
        self._poked, self._streaming = poked, streaming
        self._thread.start()

    def stop(self) -> None:
        """End the stream and its thread."""
        self._stopping.set()
        stream = self._stream
        if stream is not None:
            stream.close()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                wait_s = self._listen()
            except Exception as error:
                log.error("bug", kind=type(error).__name__, exc_info=error)
                wait_s = REST_S
            self._stopping.wait(wait_s)

    def _listen(self) -> float:
        """Open one stream and hear it to its end; returns how many seconds to wait before the next."""
        started = self._clock.monotonic()
        opened = False
        try:
            self._stream = self._open()
            if self._stopping.is_set():
                self._stream.close()
            for head in self._stream.heads():
                if not opened:
                    opened = True
                    self._streaming(True)
                # The opening counts too: something may have moved while nobody listened.
                self._poked(head)
        except GongdanError as error:
            log.debug("no_stream", code=error.code)
        finally:
            self._stream = None
            if opened:
                self._streaming(False)
        return self._rest(opened, self._clock.monotonic() - started)

    def _rest(self, opened: bool, lived_ms: int) -> float:
        if opened and lived_ms >= SHORT_MS:
            self._cuts = self._failures = 0
            return 1 + self._chance()
        if opened:
            self._failures = 0
            self._cuts += 1
        else:
            self._failures += 1
        if self._cuts >= CUTS:
            self._cuts = 0
            return REST_S
        return 1 + self._chance() * min(60.0, 2.0**self._failures)


class HttpStream:
    """One response of the server that stays open."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response

    def heads(self) -> Iterator[int]:
        """The head of each event as it comes; 0 for the opening, a comment, and where none can be read."""
        line = bytearray()
        opened = False
        try:
            for byte in self._response.raw.stream(1, decode_content=True):
                if byte != b"\n":
                    line += byte
                    continue
                text = line.decode(errors="replace").strip()
                line.clear()
                if not opened and text:
                    opened = True
                    yield 0
                if text.startswith("data:"):
                    yield _head(text.removeprefix("data:"))
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            return
        finally:
            self._response.close()

    def close(self) -> None:
        """Shut the socket down: who reads from it is told at once."""
        connection: Any = getattr(self._response.raw, "connection", None)
        sock: socket.socket | None = getattr(connection, "sock", None)
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _head(told: str) -> int:
    try:
        return max(0, int(msgspec.json.decode(told, type=dict[str, int]).get("head", 0)))
    except msgspec.DecodeError:
        return 0


def http_stream(transport: HttpTransport) -> Callable[[], Stream]:
    """Opens the server's stream with a connection of its own."""
    return lambda: HttpStream(transport.open_pokes())
