"""Resolved tickets are closed after the set days, and no sooner."""

import pytest
from sqlalchemy import select

from domain.wire.commands import ChangeStatus
from sync_server.jobs.closing import DAY_MS, SLICE, Closing
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.chain import START, Chain


class StillClock:
    """A clock that stands."""

    def __init__(self, at: int) -> None:
        self._at = at

    def now(self) -> int:
        return self._at


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _resolved(chain: Chain, count: int) -> list[str]:
    creates = [chain.create("e1") for _ in range(count)]
    for begin in range(0, count, 50):
        part = creates[begin : begin + 50]
        chain.do("amy", *part)
        chain.do(
            "amy",
            *(chain.command("status", ChangeStatus(to="resolved"), ticket=one.ticket_id) for one in part),
        )
    return [one.ticket_id for one in creates]


def _closing(chain: Chain, days_later: int, after_days: int = 7) -> Closing:
    # Past the ticking clock of the chain, whatever it has counted so far.
    clock = StillClock(START + days_later * DAY_MS + 3600 * 1000)
    return Closing(chain.store, pusher=chain.pusher, clock=clock, ids=chain.ids, after_days=after_days)


def _statuses(chain: Chain) -> list[str]:
    with chain.store.read() as conn:
        return sorted(conn.execute(select(t.ticket.c.status)).scalars())


def test_tickets_are_closed_after_the_set_days_and_not_before(chain: Chain) -> None:
    """On day six they stand resolved, on day seven they are closed, with a row that says it was automatic."""
    _resolved(chain, 2)
    chain.do("amy", chain.create("e1"))
    assert _closing(chain, 6).run() == 0
    assert _closing(chain, 7).run() == 2
    assert _statuses(chain) == ["closed", "closed", "new"]
    assert _closing(chain, 7).run() == 0
    closed = [put for put in chain.pulled("amy").put if put.ticket.status == "closed"]
    assert {put.entries[-1].detail["reason"] for put in closed} == {"automatic"}


def test_more_than_one_slice_is_closed_in_one_turn(chain: Chain) -> None:
    """Slices keep transactions short; the turn goes on until nothing is left."""
    _resolved(chain, SLICE + 10)
    assert _closing(chain, 8).run() == SLICE + 10


def test_closing_may_be_switched_off(chain: Chain) -> None:
    """Zero days means never."""
    _resolved(chain, 1)
    assert _closing(chain, 1000, after_days=0).run() == 0
