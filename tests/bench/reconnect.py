"""Everybody comes back at once after a restart: how long until all are current, and whether nothing was lost."""

import asyncio
import random
import time
from collections import defaultdict
from pathlib import Path

from domain.wire.commands import Command, Reply, payload
from sync_server.clock import SystemClock, SystemIds
from sync_server.push.pipeline import Pusher
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from tests.bench.crowd import Crowd, make_crowd
from tests.bench.figures import Figures
from tests.bench.limits import connects_per_s
from tests.bench.server import serving
from tests.bench.simulated import Counts, Simulated
from tests.processes import Server

SEED = 20261121
CHANGES, BATCH = 600, 50
"""What half a minute brings at twenty changes a second."""
AT_ONCE = 60
LONGEST_S = 300


def run(folder: Path, desktops: int) -> Figures:
    """Learn the head, stop the server, change much, start it, let all come at once."""
    figures = Figures("reconnect")
    crowd = make_crowd(folder, desktops)
    before, counts = Counts(), Counts()
    with serving(folder, crowd.database) as server:
        dice = random.Random(SEED)
        desks = [Simulated(one, server.port, before, dice) for one in crowd.members]
        asyncio.run(_begin(desks))
    expected = _change(crowd)
    for desk in desks:
        desk.counts = counts
    server.start()
    try:
        asyncio.run(_all_come(desks, server, figures))
    finally:
        server.stop()
    missing = sum(len(expected[desk.member.unit] - desk.put.keys()) for desk in desks)
    figures.add("lost", missing)
    figures.add("rows_received", sum(desk.rows for desk in desks))
    figures.add("refused_503", counts.refused)
    figures.add("broken", counts.broken)
    figures.add("other_refusals", len(counts.odd))
    figures.add("sent_kb", counts.bytes_sent / 1000)
    figures.add("received_kb", counts.bytes_received / 1000)
    figures.add("limit_connects_per_s", connects_per_s())
    if counts.odd:
        raise SystemExit(f"answers that should not be: {counts.odd[:3]}")
    return figures


async def _begin(desks: list[Simulated]) -> None:
    """Everybody learns the head and their scope, in good order."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(desk: Simulated) -> None:
        async with gate:
            await desk.catch_up()

    await asyncio.wait_for(asyncio.gather(*(one(desk) for desk in desks)), LONGEST_S)
    await asyncio.gather(*(desk.close() for desk in desks))


def _change(crowd: Crowd) -> dict[str, set[str]]:
    """Reply to tickets in all stores while nobody serves; returns unit → tickets that changed for those there."""
    store, ids, clock = Store(crowd.database), SystemIds(), SystemClock()
    pusher = Pusher(store, trees=TreeCache(), configurations=ConfigurationCache(), clock=clock, ids=ids)
    tickets = [(unit, one) for unit, found in crowd.tickets.items() for one in found]
    chosen = random.Random(SEED).sample(tickets, min(CHANGES, len(tickets)))
    expected: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(chosen), BATCH):
        batch = chosen[start : start + BATCH]
        body = payload(Reply(body="已处理，请查收。"))
        pusher.submit([Command(id=ids.new(), ticket_id=one, kind="reply", set=body) for _, one in batch])
        for unit, one in batch:
            for place in (unit, crowd.area_of[unit], "hq"):
                expected[place].add(one)
    store.close()
    return expected


async def _all_come(desks: list[Simulated], server: Server, figures: Figures) -> None:
    """All at the same instant: the stream and the first pull of each."""
    start, cpu = time.perf_counter(), server.cpu_s()
    streams = [asyncio.create_task(desk.listen()) for desk in desks]
    for desk in desks:
        desk.current_at = 0.0
        desk.look()
    async with asyncio.timeout(LONGEST_S):
        while not all(desk.current_at for desk in desks):
            await asyncio.sleep(0.02)
        figures.add("server_cpu_s", server.cpu_s() - cpu)
        while not all(desk.streams() for desk in desks):
            await asyncio.sleep(0.02)
    figures.add("desktops", len(desks))
    figures.add("changes", CHANGES)
    figures.spread("current_after", [desk.current_at - start for desk in desks])
    figures.add("all_current_s", max(desk.current_at for desk in desks) - start)
    figures.add("all_streams_s", time.perf_counter() - start)
    figures.add("server_mb", server.memory_mb())
    for task in streams:
        task.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    await asyncio.gather(*(desk.close() for desk in desks))
