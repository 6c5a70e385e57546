"""First sync from a prebuilt snapshot: the same tickets, encrypted, taken in by parts."""

from pathlib import Path

from sync_server.clock import SystemIds
from sync_server.feed.snapshot import Snapshots
from sync_server.store.engine import Store
from tests.bench import first_sync
from tests.bench.figures import Figures
from tests.bench.limits import seconds
from tests.bench.server import make_database


def run(folder: Path, tickets: int) -> Figures:
    """Measure one first sync of head office from a snapshot that was made before."""
    figures = Figures("snapshot")
    database = make_database(folder, tickets)
    store = Store(database)
    figures.add("build_s", seconds(lambda: Snapshots(folder).build(store, SystemIds().new())))
    store.close()
    return first_sync.measured(folder, database, figures, snapshots=True)
