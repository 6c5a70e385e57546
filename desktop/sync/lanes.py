"""When to try again: each kind of request waits for itself, so that one that fails holds up no other (SYNC §4, §7)."""

from collections.abc import Callable
from typing import Literal

MOST_WAIT_MS = 60_000

LaneName = Literal["pull", "push", "fill", "key", "recover"]
LANES: tuple[LaneName, ...] = ("pull", "push", "fill", "key", "recover")


class Lane:
    """One kind of request: how often it failed in a row, and until when it rests."""

    def __init__(self) -> None:
        self.failures = 0
        self.rests_until = 0

    def fail(self, now: int, chance: Callable[[], float], advised_ms: int = 0) -> None:
        """Rest for what the server advises, or longer: full jitter under a doubling limit."""
        self.failures += 1
        most = min(MOST_WAIT_MS, 1000 << min(self.failures, 10))
        self.rests_until = now + max(advised_ms, int(chance() * most))

    def rest(self, now: int, ms: int) -> None:
        """Rest without having failed."""
        self.rests_until = max(self.rests_until, now + ms)

    def succeed(self) -> None:
        """Forget the failures."""
        self.failures = self.rests_until = 0

    def free(self, now: int) -> bool:
        """Whether it may be tried."""
        return now >= self.rests_until


class Lanes:
    """The lanes of one replica, and the network that all of them need."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self.network = Lane()
        self.by_name: dict[LaneName, Lane] = {name: Lane() for name in LANES}

    def free(self, name: LaneName, now: int) -> bool:
        """Whether a lane, and the network, may be tried."""
        return self.network.free(now) and self.by_name[name].free(now)

    def fail(self, name: LaneName, now: int, advised_ms: int = 0) -> None:
        """A request of this lane failed."""
        self.by_name[name].fail(now, self._chance, advised_ms)

    def lose_network(self, now: int, advised_ms: int = 0) -> None:
        """The server was not reached at all: everything waits."""
        self.network.fail(now, self._chance, advised_ms)

    def pulled(self) -> None:
        """A pull succeeded: the server is there and works."""
        self.network.succeed()
        self.by_name["pull"].succeed()

    def wake(self) -> None:
        """Let everything be tried at once; failures still count."""
        for lane in (self.network, *self.by_name.values()):
            lane.rests_until = 0

    def next_free(self, name: LaneName) -> int:
        """When a lane may be tried."""
        return max(self.network.rests_until, self.by_name[name].rests_until)

    def next_due(self, now: int, *, pull_at: int, asks_first: bool) -> int:
        """When there is something to try again: a lane that rests, or the pull.

        A restored server is asked what it lost before anything else (`asks_first`): until that lane is free, a
        pull that is due is nothing to wake up for.
        """
        resting = [at for at in map(self.next_free, self.by_name) if at > now]
        due = self.next_free("recover") if asks_first else max(pull_at, self.next_free("pull"))
        return min([*resting, due])
