"""Sweep of many open clocks: first few of them are due, as on a day like others, then all of them at once.

The second is what no desk should see but after a night without a server; the gate is for both.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, insert, select

from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.migrations import upgrade
from tests.bench.figures import Figures
from tests.bench.generator import NOW, fill
from tests.bench.limits import plain_insert_s
from tests.postgres import Postgres
from tests.sync_server.jobs.sweeping import fire, prepared

SLICE = 20_000
HOUR_MS = 3_600_000
USUAL_SHARE = 100
"""One in so many is due at a usual turn: of 100,000 clocks a thousand, far more than a worker finds every 5 s."""


def run(folder: Path, tickets: int, *, database: str = "sqlite", workers: int = 1) -> Figures:
    """Fire late deadlines of tickets whose warnings an hour earlier have fired; medians are of `--runs`.

    One worker fires what is due of some tickets more than those; then all others are due, for all workers.
    """
    figures = Figures("sweep")
    figures.add("database", database)
    figures.add("workers", workers)
    with _database(folder, database) as (url, postmaster):
        store = Store(url)
        usual = tickets // USUAL_SHARE
        fill_due(store, tickets + usual)
        start = time.perf_counter()
        figures.add("usual_worker_cpu_s", _alone(url, _due(usual - 1, tickets + usual)))
        figures.add("usual_sweep_s", time.perf_counter() - start)
        assert _told(store) == usual
        figures.add("usual_fired", usual)
        with _workers(url, workers) as fire_all:
            before = _cpu(postmaster)
            start = time.perf_counter()
            spent = fire_all()
            took = time.perf_counter() - start
        figures.add("workers_cpu_s", spent)
        figures.add("database_cpu_s", _cpu(postmaster) - before)
        with store.read() as conn:
            open_steps = conn.execute(select(func.count()).where(t.sla_step.c.fired_at.is_(None))).scalar()
            written = {
                table.name: [tuple(row) for row in conn.execute(select(table))]
                for table in (t.notice, t.change)
            }
        store.close()
    assert open_steps == tickets + usual, "each ticket keeps one step that is ahead"
    assert len(written["notice"]) == tickets + usual
    figures.add("fired", tickets)
    figures.beside("sweep", took, plain_insert_s(folder, written), "plain_insert")
    return figures


def _told(store: Store) -> int:
    with store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(t.notice)).scalar_one())


def _alone(url: str, at: int = NOW) -> float:
    sweep, store = prepared(url, at)
    before = time.process_time()
    fire(sweep)
    spent = time.process_time() - before
    store.close()
    return spent


@contextlib.contextmanager
def _workers(url: str, count: int) -> Iterator[Callable[[], float]]:
    """What lets workers that are up fire all that is due, and tells the processor seconds they took."""
    if count == 1:
        yield lambda: _alone(url)
        return
    command = [sys.executable, "-m", "tests.sync_server.jobs.sweeping", url, str(NOW)]
    pipe = subprocess.PIPE
    started = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(count)]

    def fire_all() -> float:
        for one in started:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        return sum(float(one.communicate()[0].split()[-1]) for one in started)

    try:
        for one in started:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        yield fire_all
    finally:
        for one in started:
            one.kill()
            one.wait()


def _cpu(postmaster: int) -> float:
    """Processor seconds of a database's processes; 0 where it has none."""
    if not postmaster:
        return 0.0
    top = psutil.Process(postmaster)
    times = []
    for one in (top, *top.children()):
        with contextlib.suppress(psutil.NoSuchProcess):  # its time is among that of the children that ended
            times.append(one.cpu_times())
    return float(sum(one.user + one.system + one.children_user + one.children_system for one in times))


@contextlib.contextmanager
def _database(folder: Path, kind: str) -> Iterator[tuple[str, int]]:
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'server.sqlite3'}"
        store = Store(url)
        upgrade(store.engine)
        store.close()
        yield url, 0
        return
    postgres = Postgres(durable=True)
    try:
        postgres.start()
        yield postgres.new(), postgres.pid
    finally:
        postgres.stop()


def fill_due(store: Store, count: int) -> None:
    """Tickets whose deadline is due, each with a warning that has fired and an escalation that is ahead."""
    fill(store, 0)
    with store.write() as conn:
        for begin in range(0, count, SLICE):
            numbers = range(begin, min(begin + SLICE, count))
            conn.execute(insert(t.ticket), [_ticket(n, count) for n in numbers])
            conn.execute(insert(t.sla_step), [step for n in numbers for step in _steps(n, count)])
        conn.commit()


def _due(n: int, count: int) -> int:
    return NOW - (count - n) * 100


def _ticket(n: int, count: int) -> dict[str, Any]:
    due = _due(n, count)
    return {
        "id": f"{n:032x}", "rev": 1, "number": str(100_001 + n), "provisional": None, "type": "incident",
        "status": "open", "priority": "normal", "category": None, "template": "c", "template_version": 1,
        "org": f"s{n % 200:03}", "line": "retail", "team": "care", "assignee": f"p{n % 900:03}", "creator": None,
        "cc": "[]", "tags": "[]", "requester": "customer", "channel": "desktop", "subject": f"No. {n}",
        "fields": "{}", "hold_reason": None, "hold_until": None, "created_at": due - HOUR_MS,
        "updated_at": due - HOUR_MS, "sent_at": due - HOUR_MS, "taken_at": None, "resolved_at": None,
        "closed_at": None, "policy": "standard", "policy_version": 1, "due_at": due, "due_metric": "resolution",
        "sla_state": "running", "sla_remaining_s": None, "soon_at": due - HOUR_MS // 2,
    }  # fmt: skip


def _steps(n: int, count: int) -> list[dict[str, Any]]:
    """A warning that has fired, the deadline that is due, and an escalation that is ahead."""
    due, id = _due(n, count), f"{n:032x}"
    places = (("soon", due - HOUR_MS, due - HOUR_MS), ("-1", due, None), ("later", NOW + HOUR_MS, None))
    return [
        {"ticket": id, "metric": "resolution", "cycle": 1, "step": step, "due_at": at, "fired_at": fired}
        for step, at, fired in places
    ]
