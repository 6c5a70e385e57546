"""Long work stands back while people are answered, and comes to its end all the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_server.feed.snapshot import Snapshots
from sync_server.jobs.giving_way import LOOK_S, SHARE, GivingWay
from sync_server.store.engine import Store
from tests.sync_server.chain import Chain


class Watch:
    """Seconds that pass only by work and by sleep."""

    def __init__(self) -> None:
        self.seconds = self.slept = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept += seconds

    def work(self, seconds: float) -> None:
        """Let time pass as work does."""
        self.seconds += seconds


def test_nobody_waits_where_nobody_else_is_at_work() -> None:
    """A machine at rest does the work in one go."""
    watch = Watch()
    give_way = GivingWay(lambda: False, now=watch.now, sleep=watch.sleep)
    watch.work(1.0)
    give_way()
    assert watch.slept == 0


def test_it_goes_on_as_soon_as_the_others_are_answered() -> None:
    """What is asked meanwhile is waited for, and no longer."""
    watch = Watch()
    busy: Iterator[bool] = iter([True, True, True, False])
    give_way = GivingWay(lambda: next(busy), now=watch.now, sleep=watch.sleep)
    watch.work(1.0)
    give_way()
    assert watch.slept == pytest.approx(3 * LOOK_S)


def test_it_waits_no_longer_than_its_share() -> None:
    """Where others are at work all day each step waits for so many times what it took, and the work gets done."""
    watch = Watch()
    give_way = GivingWay(lambda: True, now=watch.now, sleep=watch.sleep)
    for step in range(1, 4):
        watch.work(0.1)
        give_way()
        assert watch.slept == pytest.approx(step * SHARE * 0.1, abs=step * LOOK_S)


def test_a_snapshot_gives_way_between_its_steps(store: Store, tmp_path: Path) -> None:
    """While it is made it uses one connection, by which the job knows others from itself."""
    chain = Chain(store)
    chain.do("max", *(chain.create("e1") for _ in range(3)))
    seen: list[int] = []
    snapshots = Snapshots(tmp_path)
    made = snapshots.build(store, "a", give_way=lambda: seen.append(store.connections_in_use()))
    assert sum(part.tickets for part in made.parts) == 3
    assert set(seen) == {1}
