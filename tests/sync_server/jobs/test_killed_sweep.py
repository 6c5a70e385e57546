"""Several sweeping processes on one PostgreSQL, some of them killed: every step fires once."""

import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select

from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.soundness import feed_gap
from tests.bench.generator import NOW
from tests.bench.sweep import fill_due
from tests.postgres import Postgres

pytestmark = [pytest.mark.postgres]

TICKETS, LIMIT = 5_000, 500
WAIT_S = 120


def _worker(url: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.sync_server.jobs.sweeping", url, str(NOW), str(LIMIT)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def _left(store: Store) -> int:
    step = t.sla_step.c
    with store.read() as conn:
        due = select(func.count()).where(step.fired_at.is_(None), step.due_at <= NOW)
        return int(conn.execute(due).scalar_one())


def test_killed_workers_fire_nothing_twice_and_nothing_is_left(postgres: Postgres) -> None:
    """Two share the work, one is killed as soon as something has fired; one more ends it."""
    url = postgres.new()
    store = Store(url, pool_size=2)
    try:
        fill_due(store, TICKETS)
        workers = [_worker(url), _worker(url)]
        deadline = time.monotonic() + WAIT_S
        while _left(store) == TICKETS and time.monotonic() < deadline:
            time.sleep(0.005)
        workers[0].send_signal(signal.SIGKILL)
        workers[0].communicate()
        workers[1].communicate()
        _worker(url).communicate()
        assert _left(store) == 0
        with store.read() as conn:
            told = conn.execute(select(func.count(), func.count(t.notice.c.ticket.distinct()))).one()
            assert feed_gap(conn)["missing"] == 0
        assert tuple(told) == (TICKETS, TICKETS)
    finally:
        store.close()
        postgres.drop(url)
