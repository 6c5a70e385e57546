"""What the server sums up for a person is what its pages bring them; differences are found by group and ticket."""

import random
from collections.abc import Iterable

import pytest
from sqlalchemy import update

from domain.errors import InvalidInputError
from domain.rules.digests import share
from domain.wire import codec
from domain.wire.commands import (
    AssignTicket,
    ChangeMembers,
    ChangeStatus,
    Command,
    Reply,
    TransferTicket,
)
from domain.wire.integrity import MOST_GROUPS, TAKING_PART, DigestAnswer, DigestRequest, GroupShare
from domain.wire.sync import Digest, Put, Range
from sync_server.feed.digest import shares
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.chain import GRANTS, START, UNITS, Chain

PEOPLE = tuple(GRANTS)
STORES = ("e1", "e2", "w1", "west")
LINES = ("retail", "delivery")


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _act(chain: Chain, chance: random.Random, tickets: list[str]) -> None:
    """Head office does something to some ticket."""
    ticket = chance.choice(tickets)
    made: tuple[str, object] = chance.choice(
        [
            ("reply", Reply(body="on it")),
            ("transfer", TransferTicket(org=chance.choice(STORES), note="theirs")),
            ("assign", AssignTicket(assignee=chance.choice(PEOPLE))),
            ("cc", ChangeMembers(add=(chance.choice(PEOPLE),))),
            ("cc", ChangeMembers(remove=(chance.choice(PEOPLE),))),
            ("status", ChangeStatus(to=chance.choice(["resolved", "pending", "open"]))),
        ]
    )
    kind, intent = made
    chain.do("max", chain.command(kind, intent, ticket=ticket))  # type: ignore[arg-type]


def _story(chain: Chain, seed: int, *, length: int = 60) -> list[str]:
    """Random tickets with random fates; returns their ids."""
    chance = random.Random(seed)
    tickets: list[str] = []
    for _ in range(length):
        if len(tickets) < 5 or chance.random() < 0.3:
            create: Command = chain.create(chance.choice(STORES), line=chance.choice(LINES))
            chain.do(chance.choice(("max", "max", "amy", "eva")), create)
            tickets.append(create.ticket_id)
        else:
            _act(chain, chance, tickets)
    return tickets


def _sum(puts: Iterable[Put]) -> tuple[int, int]:
    held = {put.ticket.id: put for put in puts}
    return len(held), sum(share(put.mark, put.access) for put in held.values())


def _digest(chain: Chain, person: str) -> Digest:
    digest = chain.pulled(person, digest=True, limit=2000).digest
    assert digest is not None
    return digest


def _shares(chain: Chain, person: str, **values: object) -> DigestAnswer:
    with chain.store.read() as conn:
        viewer = chain.viewer_in(conn, person)
        plain = {"scope_version": viewer.scope_version, "protocol": 2, "device": f"d-{person}"}
        request = DigestRequest(**{**plain, **values})  # type: ignore[arg-type]
        return codec.decode(codec.encode(shares(conn, viewer, request)), DigestAnswer)


@pytest.mark.parametrize("seed", range(4))
def test_digest_is_the_sum_of_what_pages_bring(chain: Chain, seed: int) -> None:
    """For everybody count and sum equal those of the feed read from its start, and of whole tickets by id."""
    tickets = _story(chain, seed)
    for person in PEOPLE:
        digest = _digest(chain, person)
        assert (digest.count, digest.total) == _sum(chain.pulled(person, limit=2000).put)
        assert (digest.count, digest.total) == _sum(chain.whole(person, *tickets).put)


@pytest.mark.parametrize("seed", range(4))
def test_groups_and_tickets_add_up_to_the_digest(chain: Chain, seed: int) -> None:
    """Paged in any size, groups sum to the whole, and the tickets of each group sum to the group."""
    _story(chain, seed)
    for person in PEOPLE:
        digest = _digest(chain, person)
        groups: list[GroupShare] = []
        after = ""
        while True:
            page = _shares(chain, person, level="groups", after=after, limit=2)
            groups += page.groups
            if page.done:
                break
            after = page.next
        assert sum(one.count for one in groups) == digest.count
        assert sum(one.total for one in groups) == digest.total
        for one in groups:
            found = _shares(chain, person, level="tickets", groups=((one.unit, one.line),)).tickets
            assert (len(found), sum(each.share for each in found)) == (one.count, one.total)
        everything = _shares(chain, person, level="tickets").tickets
        assert sum(each.share for each in everything) == digest.total


def test_any_change_of_a_ticket_changes_the_digest(chain: Chain) -> None:
    """Each revision has a mark of its own, and so has each width of access."""
    create = chain.create("e1")
    chain.do("max", create)
    seen = [_digest(chain, "amy").total]
    for kind, intent in (
        ("reply", Reply(body="on it")),
        ("cc", ChangeMembers(add=("ben",))),
        ("status", ChangeStatus(to="resolved")),
    ):
        chain.do("max", chain.command(kind, intent, ticket=create.ticket_id))
        seen.append(_digest(chain, "amy").total)
    assert len(set(seen)) == len(seen)
    # Ben sees it as a follower, eva by her grant: the same version, in other classes.
    assert _digest(chain, "ben").total != _digest(chain, "eva").total


def test_tickets_of_groups_out_of_sight_are_not_told(chain: Chain) -> None:
    """Asking for another unit's group, or for all, brings nothing that is not the person's."""
    chain.do("max", chain.create("w1"), chain.create("e1"))
    asked = tuple((unit, "retail") for unit in UNITS)
    (only,) = _shares(chain, "amy", level="tickets", groups=(TAKING_PART, *asked)).tickets
    assert chain.whole("amy", only.id).put[0].ticket.org == "e1"
    assert len(_shares(chain, "amy", level="tickets").tickets) == 1
    with pytest.raises(InvalidInputError):
        _shares(chain, "amy", level="tickets", groups=(("e1", "retail"),) * (MOST_GROUPS + 1))


def test_another_scope_version_gets_no_shares(chain: Chain) -> None:
    """Who asks under an old scope is told the present one and nothing else."""
    chain.do("max", chain.create("e1"))
    answer = _shares(chain, "amy", level="groups", scope_version="0.0")
    assert (answer.groups, answer.done, answer.scope_version) == ((), False, "1.1")


def test_only_the_page_that_reaches_the_head_carries_a_digest(chain: Chain) -> None:
    """A page with more behind it is no state to compare; neither is one that nobody asked to."""
    chain.do("max", *(chain.create("e1") for _ in range(4)))
    assert chain.pulled("amy", digest=True, limit=2).digest is None
    assert chain.pulled("amy", limit=2000).digest is None
    assert _digest(chain, "amy").count == 4


def test_tickets_closed_long_ago_are_neither_summed_nor_filled(chain: Chain) -> None:
    """`keep_since` is told with each page; what was closed before is not in digests and not in ranges."""
    old, new, open_one = chain.create("e1"), chain.create("e1"), chain.create("e1")
    chain.do("max", old, new, open_one)
    for create in (old, new):
        chain.do("max", chain.command("status", ChangeStatus(to="closed"), ticket=create.ticket_id))
    with chain.store.write() as conn:
        conn.execute(update(t.ticket).where(t.ticket.c.id == old.ticket_id).values(closed_at=START - 10))
        conn.execute(update(t.feed_head).values(keep_since=START - 5))
        conn.commit()
    assert chain.pulled("amy").keep_since == START - 5
    assert _digest(chain, "amy").count == 2
    filled = chain.filled("amy", Range(kind="unit", unit="e1", line="", deep=True))
    assert {put.ticket.id for put in filled.put} == {new.ticket_id, open_one.ticket_id}
    assert chain.whole("amy", old.ticket_id).put
