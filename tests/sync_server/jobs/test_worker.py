"""The worker runs its jobs in threads, survives their failures, and stops."""

import threading
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from domain.wire.identity import DeviceName
from sync_server.access import devices, tokens
from sync_server.access.tokens import Caller, Lifetimes
from sync_server.channels.secrets import ChannelSecrets
from sync_server.clock import SystemClock, SystemIds
from sync_server.feed.snapshot import Snapshots
from sync_server.jobs.blobs import BlobClean
from sync_server.jobs.calendar_years import CalendarYears
from sync_server.jobs.deliveries import Deliveries
from sync_server.jobs.snapshots import SnapshotJob
from sync_server.jobs.upkeep import Spans, Upkeep
from sync_server.jobs.worker import Worker
from sync_server.store import tables as t
from sync_server.store.blob_files import BlobFiles
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from tests.sync_server.chain import Chain

WAIT_S = 30


class Job:
    """A job that fails at first and then says that it ran."""

    def __init__(self) -> None:
        self.turns = 0
        self.ran = threading.Event()

    def run(self) -> int:
        """One turn."""
        self.turns += 1
        if self.turns == 1:
            raise OSError("not yet")
        self.ran.set()
        return 1


def _worker(store: Store, sweep: Any, closing: Any) -> Worker:
    files = BlobFiles(Path("unused"))
    clock = SystemClock()
    blobs = BlobClean(store, files, clock=clock)
    upkeep = Upkeep(store, clock=clock, nonces=SystemIds(), spans=Spans())
    return Worker(
        store,
        clock=clock,
        sweep=sweep,
        closing=closing,
        blobs=blobs,
        upkeep=upkeep,
        snapshots=SnapshotJob(store, Snapshots(Path("unused")), TreeCache(), SystemIds()),
        years=CalendarYears(
            store, configurations=ConfigurationCache(), clock=clock, ids=SystemIds(), nonces=SystemIds()
        ),
        deliveries=Deliveries(
            store,
            configurations=ConfigurationCache(),
            trees=TreeCache(),
            clock=clock,
            secrets=ChannelSecrets(Path("unused"), {}),
        ),
        urging=sweep,
        automations=closing,
        flows=sweep,
        routing=sweep,
        remeasuring=closing,
        sweep_every_s=1,
    )


def test_job_that_failed_is_tried_again(sqlite_template: Path, tmp_path: Path) -> None:
    """One bad turn doesn't end the worker; stopping waits for the job in hand."""
    store = Store(f"sqlite:///{tmp_path / 'x'}")
    sweep, closing = Job(), Job()
    worker = _worker(store, sweep, closing)
    worker.start()
    assert sweep.ran.wait(WAIT_S)
    worker.stop()
    assert closing.turns == 0
    store.close()


def test_tokens_past_their_time_are_cleaned_away(store: Store) -> None:
    """Tokens long expired go; until then they say so, and valid ones stay."""
    chain = Chain(store)
    with store.write() as conn:
        device = devices.known_or_new(conn, chain.ids, person="amy", wanted=DeviceName(), now=0)
        caller = Caller(person="amy", device=device.id)
        tokens.issue(conn, caller, Lifetimes(access_s=60, refresh_s=600), now=0)
        assert tokens.clean(conn, now=60_000 + tokens.KEPT_S * 1000 - 1) == 0
        assert tokens.clean(conn, now=60_000 + tokens.KEPT_S * 1000) == 1
        assert conn.execute(select(func.count()).select_from(t.token)).scalar_one() == 1
        conn.rollback()
