"""When a lane tries again."""

from desktop.sync.lanes import Lanes


def test_a_pull_that_succeeded_ends_all_waiting_for_the_network() -> None:
    """After a long outage nothing waits out what the outage had brought it to; other lanes keep their own failures."""
    lanes = Lanes(lambda: 0.9)
    for _ in range(9):
        lanes.lose_network(0)
    lanes.fail("pull", 0)
    lanes.fail("fill", 0)
    assert not lanes.free("push", 1)
    lanes.pulled()
    assert lanes.free("pull", 1)
    assert lanes.free("push", 1)
    assert not lanes.free("fill", 1)
    lanes.lose_network(0)
    assert lanes.network.rests_until <= 2_000
