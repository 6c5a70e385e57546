"""What waits for somebody is given out when capacity frees, a shift begins, or skills are no longer asked for."""

from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from domain.entities.routing import Roster
from domain.wire.commands import ChangeStatus, TakeTicket
from sync_server.jobs.routing import Rerouting
from sync_server.store import tables as t
from sync_server.store.configuration_changes import Author
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.engine import Store
from sync_server.store.routing import CLAIM_MS, claim_waiting, waiting
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.chain import START, Chain
from tests.sync_server.push.test_routing import DESK, configure, holder, routed, to_desk


@pytest.fixture
def chain(store: Store) -> Chain:
    """The chain."""
    return Chain(store)


def test_capacity_that_frees_is_given_to_who_waited_longest(chain: Chain) -> None:
    """A resolved ticket frees its holder: the oldest that waits is theirs at the next turn, and only that one."""
    rosters = [("roster", Roster(id=one, capacity=1)) for one in ("amy", "ben")]
    configure(chain, ("team", DESK), to_desk(how="least_loaded"), *rosters)
    four = [chain.create(channel="phone") for _ in range(4)]
    for one in four:
        chain.do("max", one)
    assert [holder(chain, one.ticket_id) for one in four] == ["amy", "ben", None, None]
    job = Rerouting(chain)
    assert job.run() == 0  # nobody has capacity, nothing is due
    taken = chain.command("take", TakeTicket(), ticket=four[0].ticket_id)
    chain.do("amy", taken, chain.command("status", ChangeStatus(to="resolved"), ticket=four[0].ticket_id))
    assert job.run() == 2
    assert [holder(chain, one.ticket_id) for one in four] == ["amy", "ben", "amy", None]
    with chain.store.read() as conn:
        assert [one.ticket for one in waiting(conn, [one.ticket_id for one in four])] == [four[3].ticket_id]


def test_skills_are_relaxed_after_their_time_and_said_so(chain: Chain) -> None:
    """Until the time-out nobody without the skill gets it; after it anybody does, and the timeline says why."""
    configure(chain, ("team", DESK), to_desk(how="least_loaded", skills=("coffee",), relax_s=60))
    new = chain.create(channel="phone")
    chain.do("max", new)
    job = Rerouting(chain)
    while chain.clock.now() < START + 30_000:
        pass
    assert (job.run(), holder(chain, new.ticket_id)) == (0, None)
    while chain.clock.now() < START + 90_000:
        pass
    assert (job.run(), holder(chain, new.ticket_id)) == (1, "amy")
    assert routed(chain, new.ticket_id)[-1]["reason"]["relaxed"] == ["coffee"]


def test_a_worker_that_died_gives_its_tickets_back(chain: Chain) -> None:
    """What a worker claimed and never looked at is due again a minute later; meanwhile nobody else takes it."""
    away: dict[str, Any] = {"away": ((0, START + 5_000),)}
    rosters = [("roster", Roster(id=one, **away)) for one in ("amy", "ben")]
    configure(chain, ("team", DESK), to_desk(how="round_robin"), *rosters)
    new = chain.create(channel="phone")
    chain.do("max", new)
    with chain.store.write() as conn:
        conn.execute(update(t.routing_wait).values(due_at=START))
        conn.commit()
    now = chain.clock.now()
    with chain.store.write() as conn:
        assert claim_waiting(conn, now=now, limit=9) == [new.ticket_id]
        conn.commit()
    with chain.store.write() as conn:
        assert claim_waiting(conn, now=now + CLAIM_MS - 1, limit=9) == []
    while chain.clock.now() < now + CLAIM_MS:
        pass
    Rerouting(chain).run()
    assert holder(chain, new.ticket_id) == "amy"


def test_what_somebody_took_meanwhile_stays_theirs(chain: Chain) -> None:
    """A ticket that was taken from the queue by hand is theirs; it waits no longer."""
    configure(chain, ("team", DESK), to_desk(how="round_robin", skills=("coffee",), relax_s=1))
    new = chain.create(channel="phone")
    chain.do("max", new)
    chain.do("eva", chain.command("take", TakeTicket(), ticket=new.ticket_id))
    while chain.clock.now() < START + 60_000:
        pass
    assert (Rerouting(chain).run(), holder(chain, new.ticket_id)) == (1, "eva")
    with chain.store.read() as conn:
        assert waiting(conn, [new.ticket_id]) == []


@pytest.mark.parametrize("kind", ["roster", "team"])
def test_a_changed_roster_reaches_what_waits_at_once(chain: Chain, kind: str) -> None:
    """Who comes on shift, or joins, is given what waits at the next turn, not minutes later."""
    away = [("roster", Roster(id=one, away=((0, START + 10**9),))) for one in ("amy", "ben")]
    configure(chain, ("team", DESK), to_desk(how="round_robin"), *away)
    new = chain.create(channel="phone")
    chain.do("max", new)
    assert (Rerouting(chain).run(), holder(chain, new.ticket_id)) == (0, None)
    edited = Roster(id="ben") if kind == "roster" else replace(DESK, members=(*DESK.members, "eva"))
    with chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=chain.ids, at=chain.clock.now())
        write_configuration(work, [Edit(kind=kind, id=edited.id, entity=edited)], author=Author())
        work.commit()
    assert (Rerouting(chain).run(), holder(chain, new.ticket_id)) == (1, "ben" if kind == "roster" else "eva")
