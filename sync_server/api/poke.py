"""Pokes: a hint to those whose scope a change touches; holds no thread, no database connection (SYNC §3, §7).

A connection costs its own waiting coroutine and nothing else: no timer, no second task. The hub looks at the feed once
for all, finds those concerned by their grants, and writes through short tasks, at most one for a connection.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from domain.wire import codec
from sync_server.feed.touches import Touch

K = TypeVar("K")

FROM_HEAD = 1 << 62
"""Later than any change: reading from there tells the head alone."""
UNKNOWN = -1
"""The head of a connection whose device has not pulled through this process yet."""
READ_GAP_S = 0.02
"""Between two looks at the feed while much is written."""
OPENED = b"retry: 2000\n: open\n\n"
HERE = b": here\n\n"
BURST = 3
"""Pokes that follow each other at once after a quiet time; a gap for each of them has to pass before as many may again.
What a job wrote a moment ago does not hold up what a person writes now."""

Grants = frozenset[tuple[str, str]]
"""The (unit, line) of each grant; an empty line is every line."""
Above = Callable[[str], Iterable[str]]
"""Gives a unit's id and those of all above it."""
Look = tuple[int, tuple[Touch, ...], Above]
"""One look at the feed: its head, what was touched, and the tree as of then."""
Write = Callable[[bytes, bool], Awaitable[None]]
"""Sends bytes on one connection; the flag says whether more will follow."""


class Listener:
    """One open connection: told of something in its person's scope, once in a gap, and a few times at once."""

    def __init__(self, person: str, device: str, write: Write, *, gap_s: float) -> None:
        self.person, self.device = person, device
        self.grants: Grants = frozenset()
        self.head = self.pulled = UNKNOWN
        self.poked_at = self.sent_at = time.monotonic()
        self.reads = self.applied = 0
        self._write, self._gap_s = write, gap_s
        self._due = False
        self._paid_at = 0.0  # when a gap will have passed for each poke sent so far
        self._writing: asyncio.Task[None] | None = None

    @property
    def behind_s(self) -> float:
        """How long it has known of something that it has not pulled; 0 when it is current."""
        waits = self.head > self.pulled > UNKNOWN
        return time.monotonic() - self.poked_at if waits else 0.0

    def poke(self, head: int) -> None:
        """Tell it soon; several pokes before that are one."""
        if not self.behind_s:
            self.poked_at = time.monotonic()
        self.head = max(self.head, head)
        if not self._due:
            self._due = True
            wait_s = self._paid_at - (BURST - 1) * self._gap_s - time.monotonic()
            asyncio.get_running_loop().call_later(max(0.0, wait_s), self._tell)

    def _tell(self) -> None:
        self._due = False
        # What it has pulled meanwhile it need not pull again.
        if self.head > self.pulled:
            self._paid_at = max(self._paid_at, time.monotonic()) + self._gap_s
            self.send(b"event: poke\ndata: " + codec.encode({"head": self.head}) + b"\n\n")

    def send(self, event: bytes, *, more: bool = True) -> None:
        """Write an event; one that can't take it yet keeps its newest poke for the next time."""
        if self._writing is not None and not self._writing.done() and more:
            if event is not HERE:
                self._due = True
                asyncio.get_running_loop().call_later(self._gap_s, self._tell)
            return
        self.sent_at = time.monotonic()
        self._writing = asyncio.ensure_future(_quietly(self._write(event, more)))


async def _quietly(writing: Awaitable[None]) -> None:
    with suppress(OSError, RuntimeError):  # the connection has just ended
        await writing


class PokeHub:
    """Looks at the feed once for all connections and wakes those concerned."""

    def __init__(
        self,
        *,
        read: Callable[[int], Awaitable[Look]],
        grants_of: Callable[[str], Awaitable[Grants]],
        look_every_s: float = 5.0,
        gap_s: float = 0.25,
        keep_alive_s: float = 20.0,
    ) -> None:
        self._read, self._grants_of = read, grants_of
        self._look_every_s, self._gap_s, self._keep_alive_s = look_every_s, gap_s, keep_alive_s
        self._by_person: dict[str, set[Listener]] = {}
        self._by_grant: dict[tuple[str, str], set[Listener]] = {}
        self._by_device: dict[str, set[Listener]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moved = asyncio.Event()
        self._beginning = asyncio.Lock()
        self._seq = 0
        self.stopped = False

    @property
    def listening(self) -> int:
        """How many connections are open."""
        return sum(map(len, list(self._by_person.values())))

    @property
    def slowest_s(self) -> float:
        """How long the slowest connection has been told of something without pulling it."""
        return max((one.behind_s for one in self._everyone()), default=0.0)

    def changed(self) -> None:
        """Say that the feed may have moved; from any thread, after the commit."""
        self._call(self._wake)

    def pulled(self, device: str, head: int) -> None:
        """A device was given everything up to a head: nothing before it need be poked; from any thread."""
        for listener in tuple(self._by_device.get(device, ())):
            listener.pulled = max(listener.pulled, head)

    def stop(self) -> None:
        """End every connection; from any thread."""
        self._call(self._stop)

    def _wake(self) -> None:
        self._moved.set()  # looked up now: an earlier loop had another one

    def _stop(self) -> None:
        self.stopped = True
        for listener in self._everyone():
            listener.send(b"", more=False)

    def _call(self, what: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # the loop ended in this very moment
                loop.call_soon_threadsafe(what)

    async def run(self) -> None:
        """Watch the feed until cancelled; also looks by itself, since other processes write too."""
        self._loop = asyncio.get_running_loop()
        self._moved, self._beginning = asyncio.Event(), asyncio.Lock()  # of this loop, not of one before
        keeping = asyncio.ensure_future(self._keep_alive())
        try:
            while True:
                # Not `wait_for`: of Python 3.11 it swallows a cancellation that comes with what it waits for.
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._look_every_s):
                        await self._moved.wait()
                self._moved.clear()
                if self._by_person:
                    await self._look()
                await asyncio.sleep(READ_GAP_S)
        finally:
            keeping.cancel()

    async def _keep_alive(self) -> None:
        """Say now and then that the server is there, so that nothing between closes the connection."""
        pause_s = self._keep_alive_s / 20
        while True:
            await asyncio.sleep(pause_s)
            late = time.monotonic() - self._keep_alive_s
            for listener in self._everyone():
                if listener.sent_at < late:
                    listener.send(HERE)

    async def _look(self) -> None:
        try:
            head, touches, above = await self._read(self._seq)
            restored = head < self._seq
            if restored:
                touches = (Touch(everyone=True),)
                for listener in self._everyone():
                    listener.head = listener.pulled = UNKNOWN
            for touch in touches:
                if touch.grants:
                    await self._granted(touch.people)
                for listener in self._concerned(touch, above):
                    # After a restore a head tells desktops nothing: theirs was another feed.
                    listener.poke(0 if restored else head)
            # Last: what could not be told is looked at again.
            self._seq = head
        except Exception:  # noqa: BLE001 - the next look may succeed; a hint is never worth more
            return

    def _everyone(self) -> set[Listener]:
        return set().union(*self._by_person.values())

    def _concerned(self, touch: Touch, above: Above) -> set[Listener]:
        if touch.everyone:
            return self._everyone()
        found: set[Listener] = set()
        for person in touch.people:
            found |= self._by_person.get(person, set())
        for org, line in touch.places:
            for unit in above(org):
                found |= self._by_grant.get((unit, ""), set()) | self._by_grant.get((unit, line), set())
        return found

    async def _granted(self, people: Iterable[str]) -> None:
        """Listen for what people may see from now on."""
        for person in people:
            for listener in list(self._by_person.get(person, ())):
                await self._learn(listener)

    async def _learn(self, listener: Listener) -> None:
        """Read a person's grants and listen for them; of two readings the later one counts."""
        listener.reads = number = listener.reads + 1
        grants = await self._grants_of(listener.person)
        if number > listener.applied and listener in self._by_person.get(listener.person, ()):
            self._forget_grants(listener)
            listener.applied, listener.grants = number, grants
            for grant in grants:
                self._by_grant.setdefault(grant, set()).add(listener)

    async def open(self, person: str, device: str, write: Write) -> Listener:
        """A new connection of a person; every change from now on pokes it. Its owner calls `close`."""
        listener = Listener(person, device, write, gap_s=self._gap_s)
        async with self._beginning:
            if not self._by_person:
                # While nobody listens nothing is read: begin at the head.
                self._seq = (await self._read(FROM_HEAD))[0]
            # Before its grants are read, so that no change of them falls between.
            self._by_person.setdefault(person, set()).add(listener)
            self._by_device.setdefault(device, set()).add(listener)
        try:
            await self._learn(listener)
        except BaseException:
            self.close(listener)
            raise
        self._moved.set()
        if self.stopped:
            listener.send(b"", more=False)
        return listener

    def close(self, listener: Listener) -> None:
        """A connection is gone."""
        _drop(self._by_person, listener.person, listener)
        _drop(self._by_device, listener.device, listener)
        self._forget_grants(listener)

    def _forget_grants(self, listener: Listener) -> None:
        for grant in listener.grants:
            _drop(self._by_grant, grant, listener)


def _drop(kept: dict[K, set[Listener]], key: K, listener: Listener) -> None:
    members = kept.get(key, set())
    members.discard(listener)
    if not members:
        kept.pop(key, None)
