"""Merging, splitting, linking and urging on the server, on either database."""

import msgspec
import pytest
from sqlalchemy import insert, select, update

from domain.entities.ticket import Ticket
from domain.entities.urging import Urging
from domain.wire import codec
from domain.wire.commands import Command, CreateTicket, ReceiveMessage, Reply, SplitTicket, TakeTicket
from domain.wire.together_commands import LinkTicket, MergeTicket, UnmergeTicket, Urge
from sync_server.jobs.urging import UrgeLadder
from sync_server.push.orders import Order
from sync_server.push.sender import Sender
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.queries.tickets import entries_of, ticket_rows
from sync_server.store.rows import ticket_of
from tests.sync_server.chain import Chain

HOUR = 3_600_000


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _ticket(chain: Chain, id: str) -> Ticket:
    with chain.store.read() as conn:
        return ticket_of(ticket_rows(conn, [id])[0])


def _kinds(chain: Chain, id: str) -> list[str]:
    with chain.store.read() as conn:
        return [row.kind for row in sorted(entries_of(conn, [id])[id], key=lambda row: (row.rev, row.id))]


def _two(chain: Chain) -> tuple[str, str]:
    first, second = chain.create(), chain.create()
    chain.do("eva", first, second)
    return first.ticket_id, second.ticket_id


def _merge(chain: Chain, source: str, into: str) -> Command:
    return chain.command("merge", MergeTicket(into=into, confirmed=True), ticket=source)


def test_merge_changes_both_in_one_transaction_and_undoing_it_too(chain: Chain) -> None:
    """Both get a revision in one commit; their deadlines, followers and the notices follow; a day's undo is whole."""
    source, target = _two(chain)
    before = _ticket(chain, source), _ticket(chain, target)
    (verdict,) = chain.do("eva", _merge(chain, source, target))
    assert verdict.status == "applied"
    merged = _ticket(chain, source), _ticket(chain, target)
    assert (merged[0].status, merged[0].merged_into, merged[0].sla_state) == ("closed", target, "met")
    assert merged[1].due_at == before[0].due_at
    assert [one.rev for one in merged] == [one.rev + 1 for one in before]
    chain.do("eva", chain.command("unmerge", UnmergeTicket(into=target), ticket=source))
    for now, then in zip((_ticket(chain, source), _ticket(chain, target)), before, strict=True):
        assert (now.status, now.merged_into, now.links, now.cc) == (then.status, None, (), then.cc)
        assert (now.due_at, now.sla_state) == (then.due_at, then.sla_state)


def test_who_handles_only_cannot_merge(chain: Chain) -> None:
    """It takes manage on both: amy handles, eva manages the east alone; of what is out of sight nobody hears."""
    source, target = _two(chain)
    west = chain.create("w1")
    chain.do("max", west)
    assert chain.do("amy", _merge(chain, source, target))[0].code == "not_allowed"
    assert chain.do("eva", _merge(chain, source, west.ticket_id))[0].code == "out_of_scope"
    assert chain.do("eva", _merge(chain, source, "nowhere"))[0].code == "out_of_scope"


def test_words_to_a_pointer_reach_the_end_of_the_chain(chain: Chain) -> None:
    """A into B into C: a message to A, sent by a desktop that knows of neither merge, stands on C, once."""
    first, second = _two(chain)
    third = chain.create()
    chain.do("eva", third, _merge(chain, first, second))
    chain.do("eva", _merge(chain, second, third.ticket_id))
    words = chain.command("message", ReceiveMessage(body="Hello?"), ticket=first)
    (verdict,) = chain.do("amy", words)
    assert (verdict.status, verdict.rev) == ("applied", _ticket(chain, first).rev)
    assert _kinds(chain, first)[-1] == "redirected"
    assert "message" not in _kinds(chain, first) + _kinds(chain, second)
    assert _kinds(chain, third.ticket_id)[-1] == "message"
    assert chain.do("amy", words)[0].duplicate
    assert _kinds(chain, third.ticket_id).count("message") == 1


def test_merge_waits_for_orders_about_the_other_ticket(chain: Chain) -> None:
    """Orders that name one ticket, as their own or as the other, are never taken together."""
    source, target = _two(chain)
    sender = Sender(person="eva", device="d-eva")
    merging = Order(sender=sender, commands=(_merge(chain, source, target),))
    other = Sender(person="amy", device="d-amy")
    replying = Order(sender=other, commands=(chain.command("reply", Reply(body="x"), ticket=target),))
    assert merging.touches() & replying.touches() == {target}


def test_split_makes_a_ticket_with_a_number_and_both_point_to_each_other(chain: Chain) -> None:
    """The new ticket is numbered and routed like any; who sees the source alone learns only the id."""
    create = chain.create(description="It drips. And squeaks.")
    chain.do("amy", create)
    intent = SplitTicket(
        template="complaint", template_version=1, org="e1", line="retail", subject="Squeak",
        source=create.ticket_id, entries=(create.id,),
    )  # fmt: skip
    split = chain.command("split", intent)
    (verdict,) = chain.do("amy", split)
    assert (verdict.status, verdict.number) == ("applied", "100002")
    made = _ticket(chain, split.ticket_id)
    assert [one.ticket for one in made.links] == [create.ticket_id]
    assert _kinds(chain, split.ticket_id) == ["created", "message"]
    assert _kinds(chain, create.ticket_id)[-1] == "split"
    assert made.created_at == _ticket(chain, create.ticket_id).created_at


def test_link_and_follow_up_change_both(chain: Chain) -> None:
    """Both ends come with the next pull of whoever sees them."""
    problem, incident = chain.create(type="problem"), chain.create()
    chain.do("amy", problem, incident)
    to = LinkTicket(to=problem.ticket_id, relation="incident_of")
    assert chain.do("amy", chain.command("link", to, ticket=incident.ticket_id))[0].status == "applied"
    assert _ticket(chain, incident.ticket_id).parent == problem.ticket_id
    assert _ticket(chain, problem.ticket_id).links[0].relation == "problem_of"
    plain = CreateTicket(
        template="complaint", template_version=1, org="e1", line="retail", subject="Again", follows=incident.ticket_id
    )  # fmt: skip
    assert chain.do("amy", chain.command("create", plain))[0].code == "follow_up_open"


def _urging(chain: Chain) -> str:
    """A ticket of amy's that max works on; his superior is eva, who has none; a level lasts an hour."""
    body = codec.encode(Urging(id="u", level_s=3600)).decode()
    with chain.store.write() as conn:
        conn.execute(update(t.person).where(t.person.c.id == "max").values(superior="eva"))
        row = {"kind": "urging", "id": "u", "version": 1, "deleted": False, "audience": "everyone",
               "body": body, "at": 0, "person": None}  # fmt: skip
        conn.execute(insert(t.config), [row])
        conn.commit()
    create = chain.create(channel="routed")
    chain.do("amy", create)
    return create.ticket_id


def _told(chain: Chain, id: str) -> list[tuple[str, str]]:
    with chain.store.read() as conn:
        found = select(t.notice.c.person, t.notice.c.kind).where(t.notice.c.ticket == id)
        return sorted((one.person, one.kind) for one in conn.execute(found) if one.kind == "urged")


def test_urging_climbs_by_itself_until_somebody_answers(chain: Chain) -> None:
    """One command, then the worker: handler, followers, superior, each told once; taking it ends the ladder."""
    id = _urging(chain)
    ladder = UrgeLadder(chain.store, pusher=chain.pusher, clock=chain.clock, ids=chain.ids)
    (verdict,) = chain.do("amy", chain.command("urge", Urge(reason="Rang twice."), ticket=id))
    assert verdict.status == "applied"
    assert _told(chain, id) == [("max", "urged")]
    assert ladder.run() == 0
    levels = []
    for _ in range(2):
        chain.clock.skip(HOUR)
        assert ladder.run() == 1
        levels.append(_ticket(chain, id).urged)
    assert [one and (one.level, one.count) for one in levels] == [(1, 2), (2, 3)]
    assert ("eva", "urged") in _told(chain, id)
    assert _kinds(chain, id).count("urged") == 3
    for reason, code in (("Still?", ""), ("And now?", "urge_cooldown")):
        again = chain.command("urge", Urge(reason=reason), ticket=id)
        later = msgspec.structs.replace(again, at=chain.clock.now())
        assert chain.do("amy", later)[0].code == code
    chain.do("max", chain.command("take", TakeTicket(), ticket=id, base={"assignee": "max"}))
    assert _ticket(chain, id).urged is None
    with chain.store.read() as conn:
        assert conn.execute(select(t.urge_due)).all() == []
