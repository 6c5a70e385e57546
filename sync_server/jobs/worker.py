"""The worker: runs every job in its turn, for as long as the process lives."""

from collections.abc import Callable
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from sync_server.access import tokens
from sync_server.clock import Clock
from sync_server.jobs.automations import Automations
from sync_server.jobs.blobs import BlobClean
from sync_server.jobs.calendar_years import CalendarYears
from sync_server.jobs.closing import Closing
from sync_server.jobs.deliveries import Deliveries
from sync_server.jobs.flows import FlowTimes
from sync_server.jobs.remeasuring import Remeasuring
from sync_server.jobs.routing import Rerouting
from sync_server.jobs.snapshots import SnapshotJob
from sync_server.jobs.sweep import Sweep
from sync_server.jobs.upkeep import Upkeep
from sync_server.jobs.urging import UrgeLadder
from sync_server.store.engine import Store

CLOSE_EVERY_S = 600
AUTOMATE_EVERY_S = 30
CLEAN_EVERY_S = 3600
SNAPSHOT_EVERY_S = 60
DELIVER_EVERY_S = 5

log = structlog.get_logger("worker")


class Worker:
    """Ticks jobs on a scheduler; a job that fails is logged and tried again at its next turn."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        sweep: Sweep,
        closing: Closing,
        blobs: BlobClean,
        upkeep: Upkeep,
        snapshots: SnapshotJob,
        years: CalendarYears,
        deliveries: Deliveries,
        urging: UrgeLadder,
        automations: Automations,
        flows: FlowTimes,
        routing: Rerouting,
        remeasuring: Remeasuring,
        sweep_every_s: int,
    ) -> None:
        self._store, self._clock = store, clock
        make: Any = BackgroundScheduler  # ships no types
        # What was missed while the machine slept is caught up once.
        self._scheduler = make(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._add("sweep", sweep.run, sweep_every_s)
        self._add("urging", urging.run, sweep_every_s)
        self._add("flows", flows.run, sweep_every_s)
        self._add("routing", routing.run, sweep_every_s)
        self._add("automations", automations.run, AUTOMATE_EVERY_S)
        self._add("remeasure", remeasuring.run, AUTOMATE_EVERY_S)
        self._add("close", closing.run, CLOSE_EVERY_S)
        self._add("clean_tokens", self._clean, CLEAN_EVERY_S)
        self._add("clean_attachments", blobs.run, CLEAN_EVERY_S)
        self._add("upkeep", upkeep.run, CLEAN_EVERY_S)
        self._add("calendar_years", years.run, CLEAN_EVERY_S)
        self._at_start = years
        self._add("snapshot", snapshots.run, SNAPSHOT_EVERY_S)
        self._add("deliveries", deliveries.run, DELIVER_EVERY_S)
        self._add("forget_deliveries", deliveries.forget, CLEAN_EVERY_S)

    def _add(self, name: str, job: Callable[[], int], every_s: int) -> None:
        self._scheduler.add_job(self._guarded, "interval", args=(name, job), seconds=every_s, id=name)

    def _guarded(self, name: str, job: Callable[[], int]) -> None:
        try:
            count = job()
        except Exception:  # one bad turn must not end the worker
            log.exception("job_failed", job=name)
            return
        if count:
            log.info("job_done", job=name, count=count)

    def _clean(self) -> int:
        with self._store.write() as conn:
            count = tokens.clean(conn, now=self._clock.now())
            conn.commit()
        return count

    def start(self) -> None:
        """Begin to work, in threads of the scheduler."""
        self._guarded("calendar_years", self._at_start.run)
        self._scheduler.start()

    def stop(self) -> None:
        """Stop after the job in hand."""
        self._scheduler.shutdown(wait=True)
