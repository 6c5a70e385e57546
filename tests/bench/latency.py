"""Latency: from the commit of a gesture on one desktop until another desktop shows it."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from desktop.commands.write import reply
from desktop.replica.changed import Changed
from desktop.sync.pokes import PokeStream, http_stream
from desktop.sync.worker import SyncWorker
from tests.bench.desktop import Desk
from tests.bench.figures import Figures
from tests.bench.limits import commit_s, round_trip_s
from tests.bench.server import make_database, serving

SAMPLES = 100
TIME_OUT_S = 20


def run(folder: Path, tickets: int) -> Figures:
    """Measure commit on one desktop → visible on another, with live pokes."""
    figures = Figures("latency")
    database = make_database(folder, tickets)
    with serving(folder, database) as server:
        store, office = (Desk(folder, server.address, login) for login in ("store-one", "hq-one"))
        for desk in (store, office):
            desk.settle()
        arrived = threading.Event()
        waited_for: set[str] = set()

        def seen(changed: Changed) -> None:
            if waited_for & set(changed.tickets):
                arrived.set()

        workers = [_worker(store, lambda changed: None), _worker(office, seen)]
        taken = []
        ticket = _a_ticket(store)
        for worker in workers:
            worker.start()
        time.sleep(2)
        for number in range(SAMPLES):
            arrived.clear()
            waited_for.add(ticket)
            start = time.perf_counter()
            reply(store.runner, ticket, body=f"第 {number} 次回复")
            workers[0].wake()
            if not arrived.wait(TIME_OUT_S):
                raise SystemExit("a change did not arrive")
            taken.append(time.perf_counter() - start)
            waited_for.clear()
            time.sleep(0.3)
        for worker in workers:
            worker.stop()
        for desk in (store, office):
            desk.close()
    figures.spread("visible", taken)
    figures.add(
        "limit_two_commits_and_three_round_trips_ms", (2 * commit_s(folder) + 3 * round_trip_s()) * 1000
    )
    return figures


def _worker(desk: Desk, changed: Callable[[Changed], None]) -> SyncWorker:
    pokes = PokeStream(http_stream(desk.transport), clock=desk.clock)
    return SyncWorker(
        desk.engine,
        clock=desk.clock,
        time=desk.time,
        changed=changed,
        state_changed=lambda state: None,
        pokes=pokes,
    )


def _a_ticket(desk: Desk) -> str:
    with desk.replica.read() as conn:
        query = text("SELECT id FROM ticket WHERE status != 'closed' AND org = 's000' LIMIT 1")
        return str(conn.execute(query).scalar_one())
