"""Reports: the overview of the last 30 days over every ticket, for head office, a province and a store.

In the chain's general generator tickets come in no order of time; here they come as in life, with clocks.
"""

import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update

from domain.entities.configuration import Configuration
from domain.wire.reports import Question
from sync_server.access.viewer import load_viewer
from sync_server.reports.frame import frame
from sync_server.reports.overview import overview
from sync_server.store import tables as t
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.migrations import upgrade
from sync_server.store.organisation import TreeCache
from tests.bench.figures import Figures
from tests.bench.generator import DAY_MS, NOW, SEED, STORES, fill
from tests.bench.limits import seconds

A_DAY, SLICE, ROUNDS = 1_400, 20_000, 5
HOUR_MS = 3_600_000
WHO = {"head_office": ("hq-one", ""), "province": ("hq-one", "p01"), "store": ("store-one", "")}


def run(folder: Path, tickets: int) -> Figures:
    """Measure the overview beside a plain count of the period's rows."""
    figures = Figures("reports")
    file = folder / "server.sqlite3"
    store = Store(f"sqlite:///{file}")
    upgrade(store.engine)
    fill(store, 0)
    _fill(store, tickets)
    limit = _plain(file)
    for name, (person, unit) in WHO.items():
        taken, created = _asked(store, person, unit)
        figures.add(f"{name}_created", created)
        figures.beside(name, taken, limit, "plain_count")
    store.close()
    return figures


def _asked(store: Store, person: str, unit: str) -> tuple[float, int]:
    last = datetime.fromtimestamp(NOW / 1000, UTC).date()
    question = Question(first=last - timedelta(days=29), last=last, unit=unit)
    taken, created = [], 0
    for _ in range(ROUNDS):
        with store.read() as conn:
            start = time.perf_counter()
            viewer = load_viewer(conn, person, TreeCache().current(conn), ConfigurationCache().current(conn))
            created = overview(conn, frame(viewer, question, Configuration(), NOW)).period.created
            taken.append(time.perf_counter() - start)
    return sorted(taken)[ROUNDS // 2], created


def _plain(file: Path) -> float:
    """The machine's limit: sum a column over the period's tickets and clocks, as SQLite does at best."""
    conn = sqlite3.connect(file)
    since = (NOW - 30 * DAY_MS,)

    def scan() -> None:
        conn.execute("SELECT sum(rev) FROM ticket WHERE created_at >= ?", since).fetchone()
        conn.execute(
            "SELECT sum(elapsed_s) FROM sla_clock WHERE metric = 'resolution' AND stopped_at >= ?", since
        )

    scan()
    taken = seconds(scan)
    conn.close()
    return taken


def _fill(store: Store, count: int) -> None:
    dice = random.Random(SEED)
    with store.write() as conn:
        made: dict[str, list[dict[str, Any]]] = {"ticket": [], "sla_clock": []}
        for n, (ticket, clocks) in enumerate(_rows(dice, count), start=1):
            made["ticket"].append(ticket)
            made["sla_clock"] += clocks
            if n % SLICE == 0 or n == count:
                conn.execute(insert(t.ticket), made["ticket"])
                conn.execute(insert(t.sla_clock), made["sla_clock"])
                made = {"ticket": [], "sla_clock": []}
        conn.execute(update(t.feed_head).values(seq=count))
        conn.commit()


def _rows(dice: random.Random, count: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    gap = DAY_MS // A_DAY
    for n in range(count):
        created = NOW - (count - n) * gap + dice.randrange(gap)
        took_s, answered_s = int(dice.lognormvariate(9.2, 1.0)), int(dice.lognormvariate(6.7, 0.9))
        age_days = (NOW - created) / DAY_MS
        is_open = dice.random() < (0.6 if age_days < 1 else 0.1 if age_days < 5 else 0.002)
        solved = None if is_open or created + took_s * 1000 > NOW else created + took_s * 1000
        id = f"{n:032x}"
        spent = (("first_response", answered_s, 1800), ("resolution", took_s, 28_800))
        stops = {"first_response": created + answered_s * 1000, "resolution": solved}
        clocks = [
            {
                "ticket": id, "metric": metric, "cycle": 1, "state": "met" if _past(stops[metric]) else "running",
                "started_at": created, "due_at": created + budget_s * 1000, "stopped_at": _past(stops[metric]),
                "elapsed_s": took, "breached": took > budget_s,
            }
            for metric, took, budget_s in spent
        ]  # fmt: skip
        yield _ticket(dice, n, id, created, solved), clocks


def _past(at: int | None) -> int | None:
    return at if at is not None and at <= NOW else None


def _ticket(dice: random.Random, n: int, id: str, created: int, solved: int | None) -> dict[str, Any]:
    due = None if solved else created + 8 * HOUR_MS
    return {
        "id": id, "rev": 1, "number": str(100_001 + n), "provisional": None, "type": "incident",
        "status": "resolved" if solved else "open", "priority": "normal",
        "category": f"c{int(dice.random() ** 2 * 60):02}", "template": "c", "template_version": 1,
        "org": f"s{int(dice.random() ** 1.5 * STORES):03}", "line": "retail", "team": "care", "assignee": "hq-one",
        "creator": None, "cc": "[]", "tags": "[]", "requester": "customer", "channel": "desktop",
        "subject": f"No. {n}, the till does not print and the queue is long", "fields": "{}", "hold_reason": None,
        "hold_until": None, "created_at": created, "updated_at": solved or created, "sent_at": created,
        "taken_at": created, "resolved_at": solved, "closed_at": None, "policy": "standard", "policy_version": 1,
        "due_at": due, "due_metric": "resolution" if due else None, "sla_state": "running" if due else "met",
        "sla_remaining_s": None, "soon_at": due - HOUR_MS if due else None,
    }  # fmt: skip
