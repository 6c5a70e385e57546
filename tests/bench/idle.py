"""Idle desktops: how many streams one process holds while twenty changes a second happen in the stores."""

import asyncio
import random
import resource
import time
from pathlib import Path

from domain.wire import codec
from domain.wire.commands import Command, Reply, payload
from domain.wire.protocol import PROTOCOL
from domain.wire.sync import PushAnswer, PushRequest
from sync_server.clock import SystemClock, SystemIds
from tests.bench.crowd import Crowd, make_crowd
from tests.bench.figures import Figures
from tests.bench.limits import connects_per_s
from tests.bench.server import serving
from tests.bench.simulated import Counts, Simulated
from tests.processes import Server

SEED = 20261121
CHANGES_PER_S, CHANGING_S, QUIET_S = 20, 15, 5
AT_ONCE = 100
ARRIVES_S = 30.0


def run(folder: Path, desktops: int) -> Figures:
    """Connect, be quiet, change; measure memory, processor, bytes, useless pulls and what did not arrive."""
    figures = Figures("idle")
    crowd = make_crowd(folder, desktops)
    with serving(folder, crowd.database) as server:
        asyncio.run(_Idle(crowd, server, figures).run())
    figures.add("limit_connects_per_s", connects_per_s())
    return figures


class _Idle:
    def __init__(self, crowd: Crowd, server: Server, figures: Figures) -> None:
        self._crowd, self._server, self._figures = crowd, server, figures
        self._dice = random.Random(SEED)
        self._counts = Counts()
        self._desks = [Simulated(one, server.port, self._counts, self._dice) for one in crowd.members]
        self._expected: dict[str, dict[str, float]] = {}
        """Device → ticket → when its change was answered."""

    async def run(self) -> None:
        """The whole course."""
        figures, counts = self._figures, self._counts
        figures.add("desktops", len(self._desks))
        before_mb = self._server.memory_mb()
        async with asyncio.timeout(600):
            start, cpu = time.perf_counter(), self._server.cpu_s()
            streams = await self._connect()
            figures.add("connected_s", time.perf_counter() - start)
            figures.add("connecting_server_cpu_s", self._server.cpu_s() - cpu)
            figures.add("streams", counts.streams)
            held_mb = self._server.memory_mb()
            figures.add("server_mb", held_mb)
            figures.add("kb_per_desktop", (held_mb - before_mb) * 1000 / len(self._desks))
            cpu = self._server.cpu_s()
            await asyncio.sleep(QUIET_S)
            figures.add("quiet_server_cpu_share", (self._server.cpu_s() - cpu) / QUIET_S)
            await self._changes()
            for task in streams:
                task.cancel()
            await asyncio.gather(*streams, return_exceptions=True)
            await asyncio.gather(*(desk.close() for desk in self._desks))
        if counts.odd:
            raise SystemExit(f"answers that should not be: {counts.odd[:3]}")

    async def _connect(self) -> list[asyncio.Task[None]]:
        """Everybody pulls the head, then keeps a stream open."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def first(desk: Simulated) -> asyncio.Task[None]:
            async with gate:
                await desk.catch_up()
                task = asyncio.create_task(desk.listen())
                while not desk.streams():
                    await asyncio.sleep(0.01)
                return task

        tasks = await asyncio.gather(*(first(desk) for desk in self._desks))
        while any(desk.pulling for desk in self._desks):
            await asyncio.sleep(0.05)
        return list(tasks)

    async def _changes(self) -> None:
        figures, counts = self._figures, self._counts
        counts.pulls = counts.useless = counts.pokes = 0
        sent, received = counts.bytes_sent, counts.bytes_received
        cpu, own_cpu = self._server.cpu_s(), _own_cpu_s()
        start = time.perf_counter()
        await self._push_steadily()
        lost = await self._arrived()
        took = time.perf_counter() - start
        figures.add("changes_per_s", CHANGES_PER_S)
        figures.add("pulls_per_s", counts.pulls / took)
        figures.add("useless_pulls_share", counts.useless / max(1, counts.pulls))
        figures.add("not_arrived", lost)
        figures.spread("arrives_after", self._taken())
        figures.add("refused", counts.refused)
        figures.add("changing_server_cpu_share", (self._server.cpu_s() - cpu) / took)
        figures.add("load_cpu_share", (_own_cpu_s() - own_cpu) / took)
        figures.add("sent_kb", (counts.bytes_sent - sent) / 1000)
        figures.add("received_kb", (counts.bytes_received - received) / 1000)

    async def _push_steadily(self) -> None:
        """Replies from the stores' own desktops, evenly over the time; each ticket is changed once."""
        ids, clock = SystemIds(), SystemClock()
        by_store = {one.member.unit: one for one in self._desks if one.member.in_store}
        stores = sorted(store for store in by_store if self._crowd.tickets.get(store))
        pushes, used = [], dict.fromkeys(stores, 0)
        start = time.perf_counter()
        for number in range(CHANGES_PER_S * CHANGING_S):
            store = self._dice.choice(stores)
            ticket = self._crowd.tickets[store][used[store] % len(self._crowd.tickets[store])]
            used[store] += 1
            reply = Command(
                id=ids.new(),
                ticket_id=ticket,
                kind="reply",
                set=payload(Reply(body="已处理，请查收。")),
                at=clock.now(),
            )
            request = PushRequest(
                protocol=PROTOCOL,
                device=by_store[store].member.device,
                push_no=number + 1,
                commands=(reply,),
            )
            await asyncio.sleep(max(0.0, start + number / CHANGES_PER_S - time.perf_counter()))
            pushes.append(asyncio.create_task(self._push(by_store[store], request, store)))
        await asyncio.gather(*pushes)

    async def _push(self, desk: Simulated, request: PushRequest, store: str) -> None:
        answer = codec.decode(await desk.push(request), PushAnswer)
        if answer.verdicts[0].status != "applied":
            raise SystemExit(f"a change was not taken: {answer.verdicts}")
        now = time.perf_counter()
        for device in self._crowd.concerned(store):
            self._expected.setdefault(device, {})[request.commands[0].ticket_id] = now

    async def _arrived(self) -> int:
        """Wait until every change is with everybody concerned; returns how many are not."""
        deadline = time.perf_counter() + ARRIVES_S
        while (lost := self._missing()) and time.perf_counter() < deadline:
            await asyncio.sleep(0.05)
        return lost

    def _missing(self) -> int:
        return sum(
            desk.put.get(ticket) is None
            for desk in self._desks
            for ticket in self._expected.get(desk.member.device, ())
        )

    def _taken(self) -> list[float]:
        return [
            max(0.0, desk.put[ticket] - at)
            for desk in self._desks
            for ticket, at in self._expected.get(desk.member.device, {}).items()
            if ticket in desk.put
        ]


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
