"""First sync: a new desktop fetches every ticket row by row, encrypted and indexed."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.bench.desktop import Desk, collected_apart
from tests.bench.figures import Figures
from tests.bench.limits import plain_insert_s
from tests.bench.server import come_to_rest, make_database, serving


def run(folder: Path, tickets: int) -> Figures:
    """Measure one first sync of head office, row by row."""
    return measured(folder, make_database(folder, tickets), Figures("first-sync"), snapshots=False)


def measured(folder: Path, database: str, figures: Figures, *, snapshots: bool) -> Figures:
    """The first sync of a person who may see everything, from a snapshot if there is one and it is wished for."""
    with serving(folder, database) as server:
        desk = Desk(folder, server.address, "hq-one", snapshots=snapshots)
        come_to_rest(server)
        server_before, cpu, start = server.cpu_s(), time.process_time(), time.perf_counter()
        with collected_apart():
            usable, synced = _until_synced(desk, start)
        desktop_cpu, server_cpu = time.process_time() - cpu, server.cpu_s() - server_before
        server_mb, received = server.memory_mb(), sum(desk.answers)
        desk.settle()
        indexed = time.perf_counter() - start
    tables = _rows(desk)
    desk.close()
    figures.add("tickets", len(tables["ticket"]))
    figures.add("rows", sum(map(len, tables.values())))
    figures.add("usable_after_s", usable)
    figures.add("tickets_per_s", len(tables["ticket"]) / synced)
    figures.add("with_search_index_s", indexed)
    figures.beside("sync", synced, plain_insert_s(folder, tables), "plain_sqlite_insert")
    figures.add("received_mb", received / 1e6)
    figures.add("desktop_cpu_s", desktop_cpu)
    figures.add("server_cpu_s", server_cpu)
    figures.add("server_memory_mb", server_mb)
    return figures


def _until_synced(desk: Desk, start: float) -> tuple[float, float]:
    """Step until every row is here; returns after how many seconds the first tickets were, and the last."""
    usable = synced = 0.0
    while True:
        step = desk.engine.step()
        if step.did == "failed":
            raise SystemExit(f"the engine failed: {step.error}")
        if step.did in ("waited", "indexed"):
            return usable, synced  # a step of rest, or of the index, is no part of it
        synced = time.perf_counter() - start
        if not usable and step.changed.tickets:
            usable = synced


def _rows(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    with desk.replica.read() as conn:
        return {
            name: [tuple(row) for row in conn.execute(text(f"SELECT * FROM {name}"))]
            for name in ("ticket", "entry", "personal")
        }
