"""Who is poked by which change, and how often."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from sync_server.api.poke import FROM_HEAD, Grants, Look, PokeHub, events
from sync_server.feed.touches import Touch, touches_since
from tests.sync_server.api.house import House

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
        self.hub = PokeHub(read=self._read, grants_of=self._grants_of, look_every_s=60)

    async def _read(self, seq: int) -> Look:
        self.looks += 1
        if self.broken:
            raise OSError("the database is away")
        return len(self.touches), tuple(self.touches[min(seq, FROM_HEAD) :]), lambda unit: ABOVE.get(unit, ())

    async def _grants_of(self, person: str) -> Grants:
        return self.grants.get(person, frozenset())

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
    listeners = {person: await feed.hub.open(person) for person in people}
    for listener in listeners.values():
        listener.woken.clear()
    acts()
    await asyncio.sleep(0.2)
    task.cancel()
    return {person for person, listener in listeners.items() if listener.woken.is_set()}


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


async def _next(stream: AsyncIterator[bytes]) -> bytes:
    return await asyncio.wait_for(anext(stream), 5)


async def _stream() -> tuple[list[bytes], int]:
    feed = Feed()
    task = asyncio.create_task(feed.hub.run())
    stream = events(feed.hub, "amy", gap_ms=50, keep_alive_s=0.2)
    heard = [await _next(stream)]
    for _ in range(3):
        feed.happens(_at("e1"))
    heard.append(await _next(stream))
    heard.append(await _next(stream))
    waiting = asyncio.ensure_future(anext(stream, b"end"))
    feed.hub.stop()
    heard.append(await asyncio.wait_for(waiting, 5))
    task.cancel()
    return heard, feed.hub.listening


def test_stream_tells_the_head_once_and_keeps_itself_open() -> None:
    """Several changes are one event with the newest head; in quiet times a comment; at the end it closes."""
    heard, listening = asyncio.run(_stream())
    assert heard[0].startswith(b"retry:")
    assert heard[1:] == [b'event: poke\ndata: {"head":3}\n\n', b": here\n\n", b"end"]
    assert listening == 0


def test_touches_name_places_and_participants(house: House) -> None:
    """From the feed: where a ticket was and is, who takes part, and what concerns everybody."""
    create = house.chain.create("e1", cc=("wes",))
    house.chain.do("amy", create)
    with house.services.store.read() as conn:
        head, touches = touches_since(conn, 0)
    assert head == len(touches) == 1
    assert touches[0].places == {("e1", "retail")}
    assert {"amy", "wes"} <= touches[0].people
