"""Catching up: a desktop that was away fetches many changes at once."""

import time
from pathlib import Path

from sqlalchemy import text

from domain.wire.commands import Command, Reply, payload
from sync_server.clock import SystemClock, SystemIds
from sync_server.push.pipeline import Pusher
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from tests.bench.desktop import Desk, collected_apart
from tests.bench.figures import Figures
from tests.bench.limits import plain_insert_s, round_trip_s, seconds
from tests.bench.server import come_to_rest, make_database, serving

CHANGES = 10_000
BATCH = 100


def run(folder: Path, tickets: int) -> Figures:
    """Measure how long 10,000 changes of as many tickets take to arrive."""
    figures = Figures("catch-up")
    database = make_database(folder, tickets)
    changes = min(CHANGES, tickets)
    with serving(folder, database) as server:
        desk = Desk(folder, server.address, "hq-one")
        desk.settle()
    _change(database, changes)
    with serving(folder, database) as server:
        desk.move_to(server.address)
        come_to_rest(server)
        # The server's own start: what it keeps of the feed it reads for whoever comes first.
        figures.add("first_page_cold_s", seconds(desk.ask_ahead))
        figures.add("first_page_warm_s", seconds(desk.ask_ahead))
        desk.look()
        server_before, cpu = server.cpu_s(), time.process_time()
        with collected_apart():
            took, verified, pulls = _caught_up(desk)
        figures.add("server_cpu_s", server.cpu_s() - server_before)
        figures.add("desktop_cpu_s", time.process_time() - cpu)
    with desk.replica.read() as conn:
        rows = [tuple(row) for row in conn.execute(text("SELECT * FROM entry WHERE rev > 1"))]
    desk.close()
    figures.add("changes", len(rows))
    figures.add("pages", pulls)
    figures.add("changes_per_s", len(rows) / took)
    figures.add("verified_after_s", verified)
    limit = plain_insert_s(folder, {"entry": rows}) + pulls * round_trip_s()
    figures.beside("catch_up", took, limit, "plain_insert_and_round_trips")
    return figures


def _caught_up(desk: Desk) -> tuple[float, float, int]:
    """Step to rest; returns after how many seconds the last row was here, and all was compared, and the pulls."""
    start, took, verified, pulls = time.perf_counter(), 0.0, 0.0, 0
    while True:
        step = desk.engine.step()
        if step.did == "failed":
            raise SystemExit(f"the engine failed: {step.error}")
        if step.did in ("waited", "indexed"):
            return took, verified, pulls
        verified = time.perf_counter() - start
        pulls += step.did == "pulled"
        if step.changed.tickets:
            took = verified


def _change(database: str, count: int) -> None:
    """Reply to that many tickets, through the push pipeline, while nobody serves."""
    store = Store(database)
    ids = SystemIds()
    pusher = Pusher(
        store, trees=TreeCache(), configurations=ConfigurationCache(), clock=SystemClock(), ids=ids
    )
    with store.read() as conn:
        wanted = text("SELECT id FROM ticket WHERE status != 'closed' ORDER BY id LIMIT :n")
        tickets = list(conn.execute(wanted, {"n": count}).scalars())
    for start in range(0, len(tickets), BATCH):
        pusher.submit(
            [
                Command(
                    id=ids.new(), ticket_id=one, kind="reply", set=payload(Reply(body="已处理，请查收。"))
                )
                for one in tickets[start : start + BATCH]
            ]
        )
    store.close()
