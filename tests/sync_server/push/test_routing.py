"""Routing on a real database: who gets what is new, who waits, and what the timeline says of it (RULES §7)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, select

from domain.entities.conditions import Condition, Conditions
from domain.entities.org import Team
from domain.entities.routing import Roster, RoutingRule
from domain.entities.ticket import Changes
from domain.rules.routing import Wanted
from domain.wire import codec
from domain.wire.commands import ChangeStatus, TakeTicket
from sync_server.push.placing import Placing
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.routing import waiting
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.chain import Chain

DESK = Team(id="desk", name="Desk", unit="east", members=("amy", "ben"), lead="eva")


@pytest.fixture
def chain(store: Store) -> Chain:
    """The chain."""
    return Chain(store)


def configure(chain: Chain, *entities: tuple[str, Any]) -> None:
    """Add configuration as an administrator would have."""
    with chain.store.write() as conn:
        rows = [
            {"kind": kind, "id": one.id, "version": 1, "deleted": False, "audience": "server",
             "body": codec.encode(one).decode(), "at": 0, "person": None}
            for kind, one in entities
        ]  # fmt: skip
        conn.execute(insert(t.config), rows)
        conn.execute(t.counter.update().where(t.counter.c.name == "config").values(value=2))
        conn.commit()


def to_desk(**more: Any) -> tuple[str, RoutingRule]:
    """A rule that sends everything that came by phone to the desk."""
    when = Conditions(all=(Condition(field="channel", op="is", value="phone"),))
    return "routing", RoutingRule(id="desk", name="To the desk", team="desk", conditions=when, **more)


def routed(chain: Chain, ticket: str) -> list[dict[str, Any]]:
    """What the timeline says of routing, oldest first."""
    entries = chain.whole("max", ticket).put[0].entries
    return [one.detail for one in entries if one.kind == "routed"]


def holder(chain: Chain, ticket: str) -> str | None:
    """Who has the ticket."""
    return chain.whole("max", ticket).put[0].ticket.assignee


def test_a_push_of_many_goes_round_and_the_turn_is_kept(chain: Chain) -> None:
    """Tickets of one push go to the team's people in turn, and the next push goes on where it ended."""
    configure(chain, ("team", DESK), to_desk(how="round_robin"))
    commands = [chain.create(channel="phone") for _ in range(3)]
    chain.do("max", *commands)
    last = chain.create(channel="phone")
    chain.do("max", last)
    assert [holder(chain, one.ticket_id) for one in (*commands, last)] == ["amy", "ben", "amy", "ben"]
    assert routed(chain, last.ticket_id)[0]["reason"]["why"] == "round_robin"


def test_the_least_loaded_counts_priorities_and_waiting_for_the_customer_frees(chain: Chain) -> None:
    """Who holds an urgent one holds more than who holds two normal ones; what waits for a customer is no load."""
    configure(chain, ("team", DESK), to_desk(how="least_loaded"))
    urgent = chain.create(priority="urgent", assignee="amy")
    normal = [chain.create(org="e2", assignee="ben") for _ in range(2)]
    new = chain.create(channel="phone")
    chain.do("max", urgent, *normal, new)
    assert holder(chain, new.ticket_id) == "ben"
    assert routed(chain, new.ticket_id)[0]["reason"]["load"] == 3
    chain.do("amy", chain.command("take", TakeTicket(), ticket=urgent.ticket_id))
    chain.do("amy", chain.command("status", ChangeStatus(to="pending"), ticket=urgent.ticket_id))
    then = chain.create(channel="phone")
    chain.do("max", then)
    assert holder(chain, then.ticket_id) == "amy"


def test_nobody_eligible_leaves_it_in_the_queue_and_tells_the_lead(chain: Chain) -> None:
    """It waits in the team's queue with the reason in its timeline, the lead has a notice, a row says when again."""
    rosters = [("roster", Roster(id=one, capacity=1)) for one in ("amy", "ben")]
    configure(chain, ("team", DESK), to_desk(how="least_loaded", skills=("coffee",), relax_s=600), *rosters)
    new = chain.create(channel="phone")
    chain.do("max", new)
    stands = chain.whole("max", new.ticket_id).put[0].ticket
    assert (stands.team, stands.assignee) == ("desk", None)
    told = routed(chain, new.ticket_id)[0]
    assert (told["lead"], told["reason"]["why"]) == ("eva", "skills")
    with chain.store.read() as conn:
        assert list(conn.execute(select(t.notice.c.person, t.notice.c.kind))) == [("eva", "unplaced")]
        (waits,) = waiting(conn, [new.ticket_id])
    assert (waits.relax_at or 0) - waits.since_at == 600_000
    assert waits.due_at <= (waits.relax_at or 0)


def test_a_lead_who_may_not_see_the_ticket_is_not_told(chain: Chain) -> None:
    """The desk's lead works in the west: that a ticket of the east waits is no business of theirs."""
    rosters = [("roster", Roster(id=one, capacity=1)) for one in ("amy", "ben")]
    elsewhere = replace(DESK, lead="wes")
    configure(chain, ("team", elsewhere), to_desk(how="least_loaded", skills=("coffee",)), *rosters)
    ticket = chain.create(channel="phone")
    chain.do("max", ticket)
    assert routed(chain, ticket.ticket_id)[-1]["lead"] == "wes"
    with chain.store.read() as conn:
        assert "wes" not in set(conn.execute(select(t.notice.c.person)).scalars())


def test_a_dedicated_person_gets_their_organisation_and_only_absence_keeps_it_from_them(chain: Chain) -> None:
    """By rule `org under`: direct, whatever they hold; while they are away it stays with the team."""
    when = Conditions(all=(Condition(field="org", op="under", value="west"),))
    rule = RoutingRule(id="west", name="West is Wes's", team="desk", assignee="wes", conditions=when)
    configure(chain, ("team", DESK), ("routing", rule), ("roster", Roster(id="wes", capacity=0)))
    new = chain.create(org="w1")
    chain.do("max", new)
    assert holder(chain, new.ticket_id) == "wes"


@pytest.mark.postgres
def test_two_pushes_at_once_do_not_both_take_the_last_place(chain: Chain) -> None:
    """Of pushes that meet on the same people one waits for the other: capacity is given away once."""
    roster = [("roster", Roster(id=one, capacity=2)) for one in ("amy", "ben")]
    configure(chain, ("team", DESK), to_desk(how="least_loaded"), *roster)

    def one(person: str) -> Callable[[], object]:
        command = chain.create(channel="phone")
        return lambda: chain.pusher.submit([command], person=person)

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(one("max")) for _ in range(10)]:
            future.result()
    with chain.store.read() as conn:
        rows = conn.execute(select(t.ticket.c.assignee)).scalars().all()
        waits = conn.execute(select(t.routing_wait.c.ticket)).scalars().all()
    assert sorted(one for one in rows if one) == ["amy", "amy", "ben", "ben"]
    assert len(waits) == 6


def test_what_is_taken_back_in_a_transaction_is_no_load(chain: Chain) -> None:
    """A savepoint that is returned to leaves loads as they were before it; what stays staged counts once."""
    configure(chain, ("team", DESK))
    new = chain.create()
    chain.do("max", new)
    with chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=chain.ids, at=chain.clock.now())
        work.lock([new.ticket_id])
        placing = Placing(work, chain.configurations.current(conn))
        ticket = work.ticket(new.ticket_id)
        assert ticket is not None
        wanted = Wanted(how="least_loaded")
        back = work.savepoint()
        work.stage(Changes(ticket=replace(ticket, assignee="amy", priority="urgent")))
        assert (placing.choose(["amy"], wanted).load, placing.choose(["amy"], wanted).load) == (4, 4)
        back()
        assert placing.choose(["amy"], wanted).load == 1
        work.stage(Changes(ticket=replace(ticket, assignee="amy")))
        assert placing.choose(["amy"], wanted).load == 2
