"""A worker that only sends, as a process of its own: `python -m tests.sync_server.jobs.delivering URL FOLDER NOW`."""

import sys
from pathlib import Path

from sync_server.channels.secrets import ChannelSecrets
from sync_server.jobs.deliveries import Deliveries
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from tests.sync_server.jobs.sweeping import StillClock


def worker(store: Store, folder: Path, now: int) -> Deliveries:
    """A worker over a store at an instant."""
    return Deliveries(
        store,
        configurations=ConfigurationCache(),
        trees=TreeCache(),
        clock=StillClock(now),
        secrets=ChannelSecrets(folder, {}),
    )


if __name__ == "__main__":
    store = Store(sys.argv[1])
    print(worker(store, Path(sys.argv[2]), int(sys.argv[3])).run())
    store.close()
