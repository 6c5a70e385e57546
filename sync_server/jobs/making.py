"""Every job of the worker, made once of what the composition root hands over."""

import os
from typing import TYPE_CHECKING

from sync_server.channels.secrets import ChannelSecrets
from sync_server.feed.snapshot import Snapshots
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
from sync_server.jobs.upkeep import Spans, Upkeep
from sync_server.jobs.urging import UrgeLadder
from sync_server.jobs.worker import Worker
from sync_server.store.blob_files import BlobFiles

if TYPE_CHECKING:
    from sync_server.api.services import Services
    from sync_server.operations.tools import Tools


def make_worker(made: "Tools | Services") -> Worker:
    """A worker over a server's parts, or an operator's."""
    store, clock, ids, settings = made.store, made.clock, made.ids, made.settings
    sweep = Sweep(made.pusher, configurations=made.configurations, trees=made.trees)
    closing = Closing(store, pusher=made.pusher, clock=clock, ids=ids, after_days=settings.close_after_days)
    blobs = BlobClean(store, BlobFiles(settings.blob_folder), clock=clock)
    spans = Spans(
        keep=settings.keep_days,
        feed=settings.feed_days,
        floor=settings.feed_floor_days,
        verdicts=settings.verdict_days,
    )
    return Worker(
        store,
        clock=clock,
        sweep=sweep,
        closing=closing,
        blobs=blobs,
        upkeep=Upkeep(store, clock=clock, nonces=ids, spans=spans),
        snapshots=SnapshotJob(store, Snapshots(settings.folder), made.trees, ids),
        years=CalendarYears(store, configurations=made.configurations, clock=clock, ids=ids, nonces=ids),
        deliveries=Deliveries(
            store,
            configurations=made.configurations,
            trees=made.trees,
            clock=clock,
            secrets=ChannelSecrets(settings.folder, os.environ),
        ),
        routing=Rerouting(made),
        remeasuring=Remeasuring(
            store, pusher=made.pusher, configurations=made.configurations, trees=made.trees
        ),
        urging=UrgeLadder(store, pusher=made.pusher, clock=clock, ids=ids),
        automations=Automations(
            store,
            pusher=made.pusher,
            configurations=made.configurations,
            trees=made.trees,
            ids=ids,
        ),
        flows=FlowTimes(store, pusher=made.pusher, clock=clock, ids=ids),
        sweep_every_s=settings.sweep_every_s,
    )
