"""Stalls: how late the window's event loop is while a first sync runs in the background."""

import threading
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from desktop.replica.standing import tickets_held
from desktop.sync.state import SyncState
from desktop.sync.worker import SyncWorker
from tests.bench.desktop import Desk
from tests.bench.figures import Figures
from tests.bench.server import make_database, serving

TICK_MS, LOOK_EVERY = 2, 50
"""How often the loop is asked for, and after how many ticks it also reads, as a list does that is repainted."""


class _Watch:
    """Ticks on the event loop, notes how late, and ends the loop once everything has come."""

    def __init__(self, desk: Desk, application: QCoreApplication) -> None:
        self._desk, self._application = desk, application
        self._synced, self._last = threading.Event(), time.perf_counter()
        self.late: list[float] = []

    def state_changed(self, state: SyncState) -> None:
        """The worker tells how it stands."""
        if state.verified_at and state.progress is None:
            self._synced.set()

    def tick(self) -> None:
        """One turn of the loop."""
        self.late.append(max(0.0, time.perf_counter() - self._last - TICK_MS / 1000))
        if len(self.late) % LOOK_EVERY == 0:
            with self._desk.replica.read() as conn:
                tickets_held(conn)
        self._last = time.perf_counter()
        if self._synced.is_set():
            self._application.quit()


def run(folder: Path, tickets: int) -> Figures:
    """Measure how late each tick of the event loop is until every ticket has come."""
    figures = Figures("stall")
    database = make_database(folder, tickets)
    application = QCoreApplication.instance() or QCoreApplication([])
    with serving(folder, database) as server:
        desk = Desk(folder, server.address, "hq-one")
        watch = _Watch(desk, application)
        worker = SyncWorker(
            desk.engine,
            clock=desk.clock,
            time=desk.time,
            changed=lambda changed: None,
            state_changed=watch.state_changed,
        )
        timer = QTimer()
        timer.timeout.connect(watch.tick)
        timer.start(TICK_MS)
        worker.start()
        application.exec()
        timer.stop()
        worker.stop()
        with desk.replica.read() as conn:
            figures.add("tickets", tickets_held(conn))
        desk.close()
    figures.spread("late", watch.late)
    figures.add("late_longest_ms", max(watch.late) * 1000)
    return figures
