"""A bounded number of each kind of request at once; the others get a time slot."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.wire import codec
from domain.wire.sync import Problem
from sync_server.api.admission import (
    LEAST_SLOT_S,
    MOST_SLOT_S,
    SHARES,
    Admission,
    Gate,
    Kind,
    handler_threads,
    make_gates,
)

PULL, PUSH, FILL = "/v1/sync/pull", "/v1/sync/push", "/v1/sync/backfill"


class Caller:
    """Calls an application as a server would and keeps what it is sent."""

    def __init__(self, admission: Admission, path: str = PULL, *, pieces: int = 1) -> None:
        self.sent: list[Any] = []
        self.comes = asyncio.Event()
        self.comes.set()
        self._admission, self._path, self._pieces = admission, path, pieces

    async def call(self) -> None:
        """One request."""
        scope: Any = {"type": "http", "path": self._path}
        await self._admission(scope, self._receive, self._send)

    async def _receive(self) -> Any:
        await self.comes.wait()
        self._pieces -= 1
        return {"type": "http.request", "body": b"{}", "more_body": self._pieces > 0}

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        """What was answered; 0: nothing yet."""
        return int(self.sent[0]["status"]) if self.sent else 0


class Office:
    """An application that works until it is told to end, behind gates of one place and one to wait in."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.bodies: list[bytes] = []
        self.gates: dict[Kind, Gate] = {
            kind: Gate(running=1, waiting=1, chance=lambda: 0.5, now=lambda: 0.0) for kind in SHARES
        }
        self.admission = Admission(self._work, gates=self.gates, body_bytes=100)

    async def _work(self, scope: Any, receive: Any, send: Any) -> None:
        self.bodies.append((await receive())["body"])
        await self.opened.wait()
        await send({"type": "http.response.start", "status": 200})

    async def begin(self, *callers: Caller) -> list[asyncio.Task[None]]:
        """Let them call, one after the other, as far as they come."""
        tasks = []
        for one in callers:
            tasks.append(asyncio.create_task(one.call()))
            await asyncio.sleep(0.01)
        return tasks


def _run(story: Callable[[Office], Awaitable[None]]) -> None:
    async def told() -> None:
        office = Office()
        await asyncio.wait_for(story(office), 20)

    asyncio.run(told())


def test_one_too_many_gets_a_slot_and_places_freed_are_used() -> None:
    """Beyond running and waiting: 503 with a slot in header and body; who waits is let in; then all are free."""

    async def story(office: Office) -> None:
        first, second, third, later = (Caller(office.admission) for _ in range(4))
        tasks = await office.begin(first, second, third)
        assert (first.status, second.status, third.status) == (0, 0, 503)
        office.opened.set()
        await asyncio.gather(*tasks)
        await later.call()
        assert (first.status, second.status, later.status) == (200, 200, 200)
        problem = codec.decode(third.sent[1]["body"], Problem)
        assert problem.code == "busy"
        wait_ms = problem.message["retry_after_ms"]
        assert LEAST_SLOT_S * 1000 <= wait_ms <= MOST_SLOT_S * 1000
        seconds = str(problem.message["retry_after_s"]).encode()
        assert (b"retry-after", seconds) in third.sent[0]["headers"]
        gate = office.gates["pull"]
        assert (gate.running, gate.waiting, gate.admitted, gate.refused) == (0, 0, 3, 1)

    _run(story)


def test_a_full_house_of_pulls_and_first_syncs_keeps_no_push_out() -> None:
    """Each kind has places of its own; pokes and health are never turned away."""

    async def story(office: Office) -> None:
        crowd = [Caller(office.admission, path) for path in (PULL, PULL, PULL, FILL, FILL, FILL)]
        tasks = await office.begin(*crowd)
        push, poke, health = (
            Caller(office.admission, path) for path in (PUSH, "/v1/sync/poke", "/v1/health")
        )
        tasks += await office.begin(push, poke, health)
        assert office.gates["push"].running == 1
        office.opened.set()
        await asyncio.gather(*tasks)
        assert [one.status for one in crowd] == [200, 200, 503, 200, 200, 503]
        assert (push.status, poke.status, health.status) == (200, 200, 200)

    _run(story)


def test_who_uploads_slowly_takes_no_place() -> None:
    """A body that does not come keeps nobody out; once it is there the request goes on, its body whole."""

    async def story(office: Office) -> None:
        slow, quick = Caller(office.admission), Caller(office.admission)
        slow.comes.clear()
        office.opened.set()
        tasks = await office.begin(slow, quick)
        assert (slow.status, quick.status, office.gates["pull"].running) == (0, 200, 0)
        slow.comes.set()
        await asyncio.gather(*tasks)
        assert slow.status == 200
        assert office.bodies == [b"{}", b"{}"]

    _run(story)


def test_a_body_too_large_is_left_to_the_application() -> None:
    """No more than the limit is kept; what reads on finds the rest."""

    async def story(office: Office) -> None:
        office.opened.set()
        large = Caller(office.admission, pieces=1000)
        await large.call()
        assert large.status == 200
        assert large._pieces > 900

    _run(story)


def test_one_who_goes_away_in_the_line_leaves_no_hole() -> None:
    """Cancelled while waiting, or just as its turn came: the place goes to the next."""

    async def story(office: Office) -> None:
        gate = Gate(running=1, waiting=9)
        await gate.enter()
        waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        gate.leave()
        waiting[1].cancel()
        await asyncio.wait_for(waiting[2], 5)
        assert (gate.running, gate.waiting) == (1, 0)
        gate.leave()
        assert gate.running == 0

    _run(story)


def test_slots_lie_one_service_time_apart_and_end_at_the_longest_wait() -> None:
    """Those turned away are spread as fast as requests are served; where there are too many, over the last half."""
    gate = Gate(running=1, waiting=0, chance=lambda: 0.5, now=lambda: 0.0)
    slots = [gate.slot_s() for _ in range(20_000)]
    even = slots[50:1000]
    steps = {round(later - sooner, 6) for sooner, later in itertools.pairwise(even)}
    assert len(steps) == 1
    assert max(slots) <= MOST_SLOT_S
    assert min(slots) >= LEAST_SLOT_S
    assert slots[-1] == MOST_SLOT_S * 0.75


def test_advice_comes_before_refusals() -> None:
    """From half a line on, those who are answered are asked to stay away, longer the longer the line is."""

    async def story(office: Office) -> None:
        gate = Gate(running=1, waiting=10, chance=lambda: 0.5)
        advice = []
        tasks = []
        for _ in range(11):
            tasks.append(asyncio.create_task(gate.enter()))
            await asyncio.sleep(0)
            advice.append(gate.advice_ms())
        assert gate.is_full()
        assert advice[:6] == [0] * 6
        assert advice[6:] == sorted(advice[6:])
        assert advice[6] > 0
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    _run(story)


@pytest.mark.parametrize("handlers", [1, 2, 8, 64])
def test_no_kind_takes_all_handlers(handlers: int) -> None:
    """Each kind has a place and none has them all (but where there is one), pushes that wait together counted apart."""
    gates = make_gates(handlers=handlers, waiting=4)
    together = handler_threads(handlers) - handlers
    for kind, gate in gates.items():
        most = gate._most_running - (together if kind == "push" else 0)
        assert 1 <= most <= max(1, handlers - 1)
