"""First sync: a new desktop fetches every ticket row by row, encrypted and indexed."""

import time
from pathlib import Path

from sqlalchemy import text

from tests.bench.desktop import Desk
from tests.bench.figures import Figures
from tests.bench.limits import plain_insert_s
from tests.bench.server import make_database, serving


def run(folder: Path, tickets: int) -> Figures:
    """Measure one first sync of head office."""
    figures = Figures("first-sync")
    database = make_database(folder, tickets)
    with serving(folder, database) as server:
        desk = Desk(folder, server.address, "hq-one")
        start, usable = time.perf_counter(), 0.0
        cpu, server_before = time.process_time(), server.cpu_s()
        while True:
            step = desk.engine.step()
            if step.did == "failed":
                raise SystemExit(f"the engine failed: {step.error}")
            if not usable and step.changed.tickets:
                usable = time.perf_counter() - start
            if step.did in ("waited", "indexed"):
                break
        synced = time.perf_counter() - start
        desktop_cpu = time.process_time() - cpu
        server_cpu, server_mb = server.cpu_s() - server_before, server.memory_mb()
        desk.settle()
        indexed = time.perf_counter() - start
        with desk.replica.read() as conn:
            held = conn.execute(text("SELECT count(*) FROM ticket")).scalar_one()
            tables = {
                name: [tuple(row) for row in conn.execute(text(f"SELECT * FROM {name}"))]
                for name in ("ticket", "entry", "personal")
            }
        desk.close()
    figures.add("tickets", held)
    figures.add("rows", sum(map(len, tables.values())))
    figures.add("usable_after_s", usable)
    figures.add("tickets_per_s", held / synced)
    figures.add("with_search_index_s", indexed)
    figures.beside("sync", synced, plain_insert_s(folder, tables), "plain_sqlite_insert")
    figures.add("desktop_cpu_s", desktop_cpu)
    figures.add("server_cpu_s", server_cpu)
    figures.add("server_memory_mb", server_mb)
    return figures
