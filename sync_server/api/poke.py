"""Pokes: a hint to those whose scope a change touches; holds no thread, no database connection (SYNC §3, §7)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from domain.wire import codec
from sync_server.feed.touches import Touch

K = TypeVar("K")

FROM_HEAD = 1 << 62
"""Later than any change: reading from there tells the head alone."""
READ_GAP_S = 0.02
"""Between two looks at the feed while much is written."""

Grants = frozenset[tuple[str, str]]
"""The (unit, line) of each grant; an empty line is every line."""


Above = Callable[[str], Iterable[str]]
"""Gives a unit's id and those of all above it."""
Look = tuple[int, tuple[Touch, ...], Above]
"""One look at the feed: its head, what was touched, and the tree as of then."""


class Listener:
    """One open connection: woken when something in its person's scope moved."""

    def __init__(self, person: str, grants: Grants) -> None:
        self.person, self.grants = person, grants
        self.head = 0
        self.woken = asyncio.Event()

    def poke(self, head: int) -> None:
        """Wake the connection; several pokes before it looks are one."""
        self.head = max(self.head, head)
        self.woken.set()


class PokeHub:
    """Looks at the feed once for all connections and wakes those concerned."""

    def __init__(
        self,
        *,
        read: Callable[[int], Awaitable[Look]],
        grants_of: Callable[[str], Awaitable[Grants]],
        look_every_s: float = 5.0,
    ) -> None:
        self._read, self._grants_of = read, grants_of
        self._look_every_s = look_every_s
        self._by_person: dict[str, set[Listener]] = {}
        self._by_grant: dict[tuple[str, str], set[Listener]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moved = asyncio.Event()
        self._seq = 0
        self.stopped = False

    @property
    def listening(self) -> int:
        """How many connections are open."""
        return len(self._everyone())

    def changed(self) -> None:
        """Say that the feed may have moved; from any thread, after the commit."""
        self._call(self._moved.set)

    def stop(self) -> None:
        """End every connection; from any thread."""
        self._call(self._stop)

    def _stop(self) -> None:
        self.stopped = True
        for listener in self._everyone():
            listener.woken.set()

    def _call(self, what: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # the loop ended in this very moment
                loop.call_soon_threadsafe(what)

    async def run(self) -> None:
        """Watch the feed until cancelled; also looks by itself, since other processes write too."""
        self._loop = asyncio.get_running_loop()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), self._look_every_s)
            self._moved.clear()
            if self._by_person:
                await self._look()
            await asyncio.sleep(READ_GAP_S)

    async def _look(self) -> None:
        try:
            head, touches, above = await self._read(self._seq)
        except Exception:  # noqa: BLE001 - the next look may succeed; a hint is never worth more
            return
        restored, self._seq = head < self._seq, head
        if restored:
            touches = (Touch(everyone=True),)
        for touch in touches:
            if touch.grants:
                await self._granted(touch.people)
            for listener in self._concerned(touch, above):
                listener.poke(head)

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
                grants = await self._grants_of(person)
                self._leave(listener)
                listener.grants = grants
                self._join(listener)

    async def open(self, person: str) -> Listener:
        """A new connection of a person; every change from now on pokes it."""
        listener = Listener(person, await self._grants_of(person))
        if not self._by_person:
            # While nobody listens nothing is read: begin at the head.
            self._seq = (await self._read(FROM_HEAD))[0]
        self._join(listener)
        self._moved.set()
        return listener

    def close(self, listener: Listener) -> None:
        """A connection is gone."""
        self._leave(listener)

    def _join(self, listener: Listener) -> None:
        self._by_person.setdefault(listener.person, set()).add(listener)
        for grant in listener.grants:
            self._by_grant.setdefault(grant, set()).add(listener)

    def _leave(self, listener: Listener) -> None:
        _drop(self._by_person, listener.person, listener)
        for grant in listener.grants:
            _drop(self._by_grant, grant, listener)


def _drop(kept: dict[K, set[Listener]], key: K, listener: Listener) -> None:
    members = kept.get(key, set())
    members.discard(listener)
    if not members:
        kept.pop(key, None)


async def events(hub: PokeHub, person: str, *, gap_ms: int, keep_alive_s: float) -> AsyncIterator[bytes]:
    """The events of one connection: `poke` with the head, coalesced, and comments to keep it open."""
    listener = await hub.open(person)
    try:
        yield b"retry: 2000\n: open\n\n"
        while not hub.stopped:
            try:
                await asyncio.wait_for(listener.woken.wait(), keep_alive_s)
            except TimeoutError:
                yield b": here\n\n"
                continue
            listener.woken.clear()
            if not hub.stopped:
                yield b"event: poke\ndata: " + codec.encode({"head": listener.head}) + b"\n\n"
                await asyncio.sleep(gap_ms / 1000)
    finally:
        hub.close(listener)
