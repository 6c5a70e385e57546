"""A worker that only sweeps, as a process of its own: `python -m tests.sync_server.jobs.sweeping URL NOW [LIMIT]`.

Says that it is ready, begins when its input gives a line or ends, and prints how many steps it fired and the
processor seconds that took.
"""

import sys
import time

from sync_server.clock import SystemIds
from sync_server.jobs.sweep import SLICE, Sweep
from sync_server.push.pipeline import Pusher
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache


class StillClock:
    """A clock that stands."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        return self.at


def prepared(url: str, now: int, *, limit: int = SLICE) -> tuple[Sweep, Store]:
    """A sweep over a database at an instant, so many steps at once."""
    store = Store(url)
    trees, configurations = TreeCache(), ConfigurationCache()
    pusher = Pusher(store, trees=trees, configurations=configurations, clock=StillClock(now), ids=SystemIds())
    return Sweep(pusher, configurations=configurations, trees=trees, limit=limit), store


def fire(sweep: Sweep) -> int:
    """Sweep until nothing is due."""
    return sweep.run()


if __name__ == "__main__":
    limit = int(sys.argv[3]) if len(sys.argv) > 3 else SLICE
    sweep, store = prepared(sys.argv[1], int(sys.argv[2]), limit=limit)
    print("ready", flush=True)
    sys.stdin.readline()
    before = time.process_time()
    fired = fire(sweep)
    print(fired, time.process_time() - before)
    store.close()
