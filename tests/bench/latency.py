"""Latency: from the commit of a gesture on one desktop until another desktop, a process of its own, shows it."""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import requests
import structlog
from sqlalchemy import text

from desktop.commands.write import reply
from desktop.replica.changed import Changed
from desktop.sync.pokes import PokeStream, Stream, http_stream
from desktop.sync.worker import SyncWorker
from tests.bench.desktop import Desk
from tests.bench.figures import Figures
from tests.bench.limits import commit_s, round_trip_s
from tests.bench.server import make_database, serving

SAMPLES, TICKETS = 600, 100
"""A 99th percentile of few samples is their maximum; and no ticket shall grow while it is measured."""
TIME_OUT_S, STARTS_S, SETTLES_S = 20, 600, 2
REST_S = (0.25, 0.4)
"""Between two samples, by lot: else they keep step with the server's jobs."""
STAGES = ("committed", "push sent", "push answered", "poked", "pull sent", "pull answered", "visible")
SLOWEST = 5

Marks = dict[str, float]
"""When something last happened, by the steady clock, which all processes of a machine share."""


@dataclass(frozen=True)
class _Heard:
    """What the other desktop says: tickets that its screens were just told of, and what happened before."""

    tickets: frozenset[str]
    marks: Marks


def run(folder: Path, tickets: int) -> Figures:
    """Measure commit on one desktop → visible on another, with live pokes."""
    figures = Figures("latency")
    database = make_database(folder, tickets)
    with serving(folder, database) as server:
        store = Desk(folder, server.address, "store-one")
        store.settle()
        ours, theirs = multiprocessing.Pipe()
        spawned = multiprocessing.get_context("spawn")
        other = spawned.Process(target=_other_desk, args=(folder, server.address, theirs), daemon=True)
        other.start()
        _next(ours, STARTS_S)
        samples = list(_samples(store, ours))
        ours.send("done")
        other.join(TIME_OUT_S)
        store.close()
    taken = [marks["visible"] - marks["begun"] for marks in samples]
    figures.spread("visible", taken)
    figures.add("visible_p90_ms", sorted(taken)[int(len(taken) * 0.9)] * 1000)
    figures.add("visible_max_ms", max(taken) * 1000)
    _tell_stages(figures, samples)
    figures.add(
        "limit_two_commits_and_three_round_trips_ms", (2 * commit_s(folder) + 3 * round_trip_s()) * 1000
    )
    return figures


def _samples(store: Desk, heard: Connection) -> Iterator[Marks]:
    """Reply to one ticket after another; each waits until the other desktop shows it."""
    dice = random.Random(1)
    marks: Marks = {}
    worker = _worker(store, marks, lambda changed: None)
    worker.start()
    time.sleep(SETTLES_S)
    tickets = _some_tickets(store)
    for number in range(SAMPLES):
        ticket, begun = tickets[number % len(tickets)], time.perf_counter()
        reply(store.runner, ticket, body=f"第 {number} 次回复")
        committed = time.perf_counter()
        worker.wake()
        while ticket not in (told := _next(heard, TIME_OUT_S)).tickets:
            pass
        pushed = {name: at for name, at in marks.items() if name.startswith("push")}
        all_marks = {**told.marks, **pushed, "begun": begun, "committed": committed}
        yield {name: at for name, at in all_marks.items() if at >= begun}
        time.sleep(dice.uniform(*REST_S))
    worker.stop()


def _next(heard: Connection, limit_s: float) -> Any:
    if not heard.poll(limit_s):
        raise SystemExit("a change did not arrive")
    return heard.recv()


def _other_desk(folder: Path, address: str, tells: Connection) -> None:
    """The process of the desktop that is looked at: says what its screens are told of, until it is told to end."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    desk, marks = Desk(folder, address, "hq-one"), Marks()
    desk.settle()

    def seen(changed: Changed) -> None:
        marks["visible"] = time.perf_counter()
        tells.send(_Heard(frozenset(changed.tickets), {**marks}))

    worker = _worker(desk, marks, seen)
    worker.start()
    tells.send("ready")
    tells.recv()
    worker.stop()
    desk.close()


class _Marked:
    """A stream of pokes that notes when one came."""

    def __init__(self, stream: Stream, marks: Marks) -> None:
        self._stream, self._marks = stream, marks

    def heads(self) -> Iterator[int]:
        """What comes."""
        for head in self._stream.heads():
            self._marks["poked"] = time.perf_counter()
            yield head

    def close(self) -> None:
        """End it."""
        self._stream.close()


def _worker(desk: Desk, marks: Marks, changed: Callable[[Changed], None]) -> SyncWorker:
    opened = http_stream(desk.transport)

    def answered(answer: requests.Response, *_: Any, **__: Any) -> None:
        if (kind := answer.url.rpartition("/")[2]) in ("push", "pull"):
            marks[f"{kind} answered"] = now = time.perf_counter()
            marks[f"{kind} sent"] = now - answer.elapsed.total_seconds()

    desk.transport._session.hooks["response"].append(answered)
    return SyncWorker(
        desk.engine,
        clock=desk.clock,
        time=desk.time,
        changed=changed,
        state_changed=lambda state: None,
        pokes=PokeStream(lambda: _Marked(opened(), marks), clock=desk.clock),
    )


def _tell_stages(figures: Figures, samples: list[Marks]) -> None:
    """When each stage was reached: the median of all samples, and the slowest ones."""
    ordered = sorted(samples, key=lambda marks: marks["visible"] - marks["begun"])
    for stage in STAGES:
        reached = sorted(marks[stage] - marks["begun"] for marks in samples if stage in marks)
        figures.add(f"{stage.replace(' ', '_')}_at_p50_ms", reached[len(reached) // 2] * 1000)
    for number, marks in enumerate(reversed(ordered[-SLOWEST:]), start=1):
        told = [f"{stage} {(marks[stage] - marks['begun']) * 1000:.0f}" for stage in STAGES if stage in marks]
        figures.add(f"slowest_{number}", ", ".join(told))


def _some_tickets(desk: Desk) -> list[str]:
    with desk.replica.read() as conn:
        query = text("SELECT id FROM ticket WHERE status != 'closed' AND org = 's000' LIMIT :most")
        return [str(id) for (id,) in conn.execute(query, {"most": TICKETS})]
