"""Who is poked by which change, and how often."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from sync_server.api.poke import BURST, FROM_HEAD, Grants, Listener, Look, PokeHub
from sync_server.feed.touches import Touch

ABOVE = {"e1": ("e1", "east", "hq"), "w1": ("w1", "west", "hq")}
GRANTS: dict[str, Grants] = {
    "amy": frozenset({("e1", "")}),
    "eva": frozenset({("east", "retail")}),
    "wes": frozenset({("w1", "")}),
}


class Feed:
    """A feed that a test writes to, and a hub that watches it."""

    def __init__(self) -> None:
        self.grants = dict(GRANTS)
        self.touches: list[Touch] = []
        self.looks = 0
        self.broken = False
        self.reading = asyncio.Event()
        self.reading.set()
        self.hub = PokeHub(
            read=self._read, grants_of=self._grants_of, look_every_s=60, gap_s=0.05, keep_alive_s=0.4
        )
        self.heard: dict[str, list[bytes]] = {}

    async def _read(self, seq: int) -> Look:
        self.looks += 1
        if self.broken:
            raise OSError("the database is away")
        return len(self.touches), tuple(self.touches[min(seq, FROM_HEAD) :]), lambda unit: ABOVE.get(unit, ())

    async def _grants_of(self, person: str) -> Grants:
        found = self.grants.get(person, frozenset())
        await self.reading.wait()
        return found

    async def listen(self, person: str) -> Listener:
        """Open a connection whose events are kept."""
        heard = self.heard.setdefault(person, [])

        async def write(event: bytes, more: bool) -> None:
            heard.append(event if more else b"end")

        return await self.hub.open(person, f"d-{person}", write)

    def poked(self) -> set[str]:
        """Who was told that something changed."""
        return {person for person, heard in self.heard.items() if any(b"poke" in one for one in heard)}

    def mend(self) -> None:
        """The database is back."""
        self.broken = False
        self.hub.changed()

    def happens(self, *touches: Touch) -> None:
        """Commit changes."""
        self.touches += touches
        self.hub.changed()


def _at(unit: str, line: str = "retail", *people: str) -> Touch:
    return Touch(places=frozenset({(unit, line)}), people=frozenset(people))


async def _poked(feed: Feed, acts: Callable[[], None], people: Iterable[str] = tuple(GRANTS)) -> set[str]:
    """Who is woken by what happens."""
    task = asyncio.create_task(feed.hub.run())
    await asyncio.sleep(0)
    for person in people:
        await feed.listen(person)
    acts()
    await asyncio.sleep(0.2)
    task.cancel()
    return feed.poked()


def _run(feed: Feed, *touches: Touch) -> set[str]:
    return asyncio.run(_poked(feed, lambda: feed.happens(*touches)))


def test_change_pokes_those_whose_grants_cover_it() -> None:
    """A change at a unit reaches grants at it and above it, of its line or every line; nobody else."""
    assert _run(Feed(), _at("e1")) == {"amy", "eva"}
    assert _run(Feed(), _at("e1", "delivery")) == {"amy"}
    assert _run(Feed(), _at("w1")) == {"wes"}


def test_change_pokes_those_who_take_part_or_are_named() -> None:
    """Taking part reaches across units."""
    assert _run(Feed(), _at("w1", "retail", "amy")) == {"wes", "amy"}


def test_configuration_pokes_everybody() -> None:
    """What everybody holds is everybody's change."""
    assert _run(Feed(), Touch(everyone=True)) == set(GRANTS)


def test_new_grants_are_listened_for_at_once() -> None:
    """Who is granted a unit while connected is poked by what happens there from then on."""
    feed = Feed()

    def acts() -> None:
        feed.grants["amy"] = frozenset({("w1", "")})
        feed.happens(Touch(people=frozenset({"amy"}), grants=True), _at("w1"))

    assert asyncio.run(_poked(feed, acts)) == {"amy", "wes"}


def test_server_that_went_back_pokes_everybody() -> None:
    """A head below the one seen before means a restored database: everybody has to look."""
    feed = Feed()
    feed.touches = [_at("w1"), _at("w1")]

    def acts() -> None:
        feed.touches.clear()
        feed.hub.changed()

    assert asyncio.run(_poked(feed, acts)) == set(GRANTS)


def test_database_away_for_a_while_costs_no_poke() -> None:
    """A look that fails is made again; what happened meanwhile is poked then."""
    feed = Feed()

    def acts() -> None:
        feed.broken = True
        feed.happens(_at("w1"))
        asyncio.get_running_loop().call_later(0.08, feed.mend)

    assert asyncio.run(_poked(feed, acts)) == {"wes"}


def test_nobody_connected_costs_no_reading() -> None:
    """Changes while nobody listens are not read."""
    feed = Feed()
    assert asyncio.run(_poked(feed, lambda: feed.happens(_at("e1")), people=())) == set()
    assert feed.looks == 0


def test_it_ends_though_something_changed_in_that_moment() -> None:
    """Stopping a server just after a commit ends its watching: the change does not swallow the cancellation."""

    async def stopped() -> bool:
        hub = Feed().hub
        watching = asyncio.ensure_future(hub.run())
        await asyncio.sleep(0.05)
        hub._wake()
        await asyncio.sleep(0)
        watching.cancel()
        done, _ = await asyncio.wait([watching], timeout=5)
        return bool(done) and watching.cancelled()

    assert asyncio.run(stopped())


async def when(said: Callable[[], bool]) -> None:
    """Wait until something is so, at most some seconds."""
    async with asyncio.timeout(5):
        while not said():
            await asyncio.sleep(0.01)


def _told(story: Callable[[Feed], Awaitable[None]]) -> None:
    """Tell a story with a hub that runs."""

    async def run() -> None:
        feed = Feed()
        task = asyncio.create_task(feed.hub.run())
        await asyncio.sleep(0)
        try:
            await asyncio.wait_for(story(feed), 20)
        finally:
            task.cancel()

    asyncio.run(run())


def test_several_changes_are_one_event_and_quiet_times_a_comment() -> None:
    """Changes close together are told once with the newest head; then the stream keeps itself open, then ends."""

    async def story(feed: Feed) -> None:
        await feed.listen("amy")
        heard = feed.heard["amy"]
        for _ in range(3):
            feed.happens(_at("e1"))
        await when(lambda: len(heard) == 2)
        assert heard == [b'event: poke\ndata: {"head":3}\n\n', b": here\n\n"]
        feed.hub.stop()
        await when(lambda: heard[-1] == b"end")
        assert feed.hub.stopped

    _told(story)


def test_few_changes_in_a_row_are_each_told_at_once_and_many_keep_their_distance() -> None:
    """After a quiet time BURST pokes go without waiting; those after them come a gap apart, with the newest head."""

    async def story(feed: Feed) -> None:
        waits: list[float] = []
        loop = asyncio.get_running_loop()
        later = loop.call_later

        async def write(event: bytes, more: bool) -> None:
            return None

        def noted(wait_s: float, tell: Callable[[], object]) -> None:
            waits.append(wait_s)
            tell()

        listener = Listener("amy", "d-amy", write, gap_s=1000)
        loop.call_later = noted  # type: ignore[assignment]
        try:
            for head in range(1, BURST + 3):
                listener.poke(head)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
        finally:
            loop.call_later = later  # type: ignore[method-assign]
        assert waits[:BURST] == [0.0] * BURST
        assert [round(one / 1000) for one in waits[BURST:]] == [1, 2]

    _told(story)


def test_what_was_pulled_meanwhile_is_not_poked() -> None:
    """A device that was given the newest head before its poke was due need not pull again; the next change counts."""

    async def story(feed: Feed) -> None:
        listener = await feed.listen("amy")
        feed.hub.pulled("d-amy", 2)
        feed.happens(_at("e1"), _at("e1"))
        await asyncio.sleep(0.15)
        assert feed.poked() == set()
        assert listener.behind_s == 0
        feed.happens(_at("e1"))
        await when(lambda: feed.poked() == {"amy"})
        assert feed.hub.slowest_s > 0
        feed.hub.pulled("d-amy", 3)
        assert feed.hub.slowest_s == 0

    _told(story)


def test_restored_server_pokes_also_those_who_pulled_a_later_head() -> None:
    """Heads of before the restore say nothing: everybody is poked."""

    async def story(feed: Feed) -> None:
        feed.touches = [_at("w1")] * 5
        await feed.listen("amy")
        feed.hub.pulled("d-amy", 5)
        del feed.touches[2:]
        feed.hub.changed()
        await when(lambda: feed.poked() == {"amy"})

    _told(story)


def test_grants_that_change_while_a_stream_opens_are_listened_for() -> None:
    """An older reading of the grants that ends later does not win over a newer one."""

    async def story(feed: Feed) -> None:
        await feed.listen("wes")
        feed.reading.clear()
        opening = asyncio.create_task(feed.listen("amy"))
        await asyncio.sleep(0.01)
        feed.grants["amy"] = frozenset({("w1", "")})
        feed.happens(Touch(people=frozenset({"amy"}), grants=True))
        await asyncio.sleep(0.1)
        feed.reading.set()
        listener = await opening
        await when(lambda: listener.grants == feed.grants["amy"])
        feed.heard["amy"].clear()
        feed.happens(_at("w1"))
        await when(lambda: "amy" in feed.poked())

    _told(story)


def test_one_who_does_not_read_holds_nobody_up() -> None:
    """While a write is under way no other begins on that connection, and its newest poke comes afterwards."""

    async def story(feed: Feed) -> None:
        reads, written = asyncio.Event(), []

        async def write(event: bytes, more: bool) -> None:
            written.append(event)
            await reads.wait()

        await feed.hub.open("amy", "d-slow", write)
        await feed.listen("eva")
        for _ in range(3):
            feed.happens(_at("e1"))
            await asyncio.sleep(0.1)
        assert len(written) == 1
        assert sum(b"poke" in one for one in feed.heard["eva"]) == 3
        reads.set()
        await when(lambda: b'"head":3' in written[-1])

    _told(story)


def test_closed_connections_leave_nothing_behind() -> None:
    """After the last has gone the hub holds no person, grant or device, and reads nothing any more."""

    async def story(feed: Feed) -> None:
        listeners = [await feed.listen(person) for person in GRANTS]
        assert feed.hub.listening == len(GRANTS)
        await when(lambda: feed.looks > 1)
        for listener in listeners:
            feed.hub.close(listener)
        assert feed.hub.listening == 0
        assert (feed.hub._by_person, feed.hub._by_grant, feed.hub._by_device) == ({}, {}, {})
        looks = feed.looks
        feed.happens(_at("e1"))
        await asyncio.sleep(0.1)
        assert feed.looks == looks

    _told(story)
