"""Compaction takes rows away and nothing that a cursor is told: whoever pulls from above the floor ends the same."""

import random
from itertools import pairwise

import pytest
from sqlalchemy import func, select, update

from domain.errors import RefusedError
from domain.wire.commands import AssignTicket, ChangeMembers, Reply, TransferTicket
from domain.wire.sync import Put
from sync_server.feed import compaction
from sync_server.feed.cursor import at as cursor_at
from sync_server.jobs.upkeep import DAY_MS, Spans, Upkeep
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.soundness import feed_gap
from sync_server.store.unit_of_work import feed_head
from tests.sync_server.chain import GRANTS, START, Chain

PEOPLE = tuple(GRANTS)
STORES = ("e1", "e2", "w1")


class DaysLater:
    """A clock that stands so many days after the chain's story."""

    def __init__(self, days: float) -> None:
        self.days = days

    def now(self) -> int:
        return START + 3_600_000 + int(self.days * DAY_MS)


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _upkeep(chain: Chain, days: float, **spans: int) -> Upkeep:
    return Upkeep(chain.store, clock=DaysLater(days), nonces=chain.ids, spans=Spans(**spans))


def _story(chain: Chain, chance: random.Random, steps: int, tickets: list[str]) -> None:
    """Head office makes tickets, writes, moves and names people; slices and pages cut it anywhere."""
    for _ in range(steps):
        if len(tickets) < 4 or chance.random() < 0.15:
            create = chain.create(chance.choice(STORES))
            tickets.append(create.ticket_id)
            chain.do("max", create)
            continue
        kind, intent = chance.choice(
            [
                ("reply", Reply(body=f"word {chance.random()}")),
                ("reply", Reply(body="ours", internal=True)),
                ("transfer", TransferTicket(org=chance.choice(STORES), note="theirs")),
                ("assign", AssignTicket(assignee=chance.choice(PEOPLE))),
                ("cc", ChangeMembers(add=(chance.choice(PEOPLE),))),
                ("cc", ChangeMembers(remove=(chance.choice(PEOPLE),))),
            ]
        )
        chain.do("max", chain.command(kind, intent, ticket=chance.choice(tickets)))


class Reader:
    """A desktop in miniature: rows by ticket with their children, deltas where they fit, else the whole ticket."""

    def __init__(self, chain: Chain, person: str) -> None:
        self._chain, self._person = chain, person
        self.cursor: str | None = None
        self.held: dict[str, tuple[Put, dict[str, object]]] = {}

    def read(self, limit: int) -> bool:
        """Pull to the head in pages; False where the cursor's own row was compacted away: digests are for that."""
        more = True
        while more:
            try:
                page = self._chain.pulled(self._person, self.cursor, limit=limit)
            except RefusedError as error:
                if error.code != "cursor_expired":
                    raise
                return False
            self.cursor, more = page.to_cursor, page.more
            for id in page.leave:
                self.held.pop(id, None)
            for put in page.put:
                self._take(put)
        return True

    def _take(self, put: Put) -> None:
        id = put.ticket.id
        known = self.held.get(id)
        if put.since and (known is None or known[0].ticket.rev < put.since or known[0].access != put.access):
            (put,) = self._chain.whole(self._person, id).put
            known = None
        children = dict(known[1]) if known is not None and put.since else {}
        children |= {entry.id: entry for entry in put.entries}
        self.held[id] = put, children

    def state(self) -> dict[str, object]:
        """What is held."""
        return {id: (put.ticket, put.access, put.mark, children) for id, (put, children) in self.held.items()}


@pytest.mark.parametrize("seed", range(6))
def test_every_cursor_above_the_floor_ends_the_same(chain: Chain, seed: int) -> None:
    """Readers that stopped anywhere, before and after compactions, hold the same in the end as one from the start."""
    chance = random.Random(seed)
    tickets: list[str] = []
    readers = {person: [Reader(chain, person) for _ in range(4)] for person in PEOPLE}
    for stop in range(4):
        _story(chain, chance, 18, tickets)
        for each in readers.values():
            each[stop].read(limit=3)
    with chain.store.read() as conn:
        middle = feed_head(conn).seq * chance.randrange(1, 4) // 4
        at = conn.execute(select(t.change.c.at).where(t.change.c.seq == middle)).scalar_one()
    upkeep = _upkeep(chain, 0, feed=1)
    upkeep._before = lambda days: at  # type: ignore[method-assign]
    removed = upkeep.compact()
    assert removed > 0
    _story(chain, chance, 8, tickets)
    for person in PEOPLE:
        truth = {
            put.ticket.id: (put.ticket, put.access, put.mark, {entry.id: entry for entry in put.entries})
            for put in chain.whole(person, *tickets).put
        }
        fresh = Reader(chain, person)
        fresh.read(limit=2)
        assert fresh.state() == truth
        for reader in readers[person]:
            if reader.read(limit=4):
                assert reader.state() == truth


def test_feed_above_the_compacted_part_stays_dense(chain: Chain) -> None:
    """Compaction announces itself; head, compacted part and floor keep their order; one row of each ticket stays."""
    chance, tickets = random.Random(1), list[str]()
    _story(chain, chance, 60, tickets)
    with chain.store.read() as conn:
        before = feed_head(conn)
    assert _upkeep(chain, 100).compact() > 0
    with chain.store.read() as conn:
        feed = feed_head(conn)
        assert feed_gap(conn)["missing"] == 0
        assert compaction.zones(conn)["wrong"] == 0
        assert feed.compacted_to == before.seq
        assert feed.seq > before.seq
        announced = select(t.change.c.entity).where(t.change.c.seq > before.seq)
        assert set(conn.execute(announced).scalars()) == {compaction.ENTITY}
        stays = select(t.change.c.entity_id).where(t.change.c.entity == "ticket")
        assert set(conn.execute(stays).scalars()) == set(tickets)
        plain = (t.change.c.org_old == t.change.c.org_new) & (t.change.c.people == "[]")
        each = select(func.count()).where(plain, t.change.c.entity == "ticket").group_by(t.change.c.entity_id)
        assert set(conn.execute(each).scalars()) <= {1}


def test_slices_together_make_what_one_would(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut into slices of any size, and over several days, compaction keeps as few rows."""
    chance, tickets = random.Random(2), list[str]()
    _story(chain, chance, 40, tickets)
    monkeypatch.setattr(compaction, "SLICE", 7)
    assert _upkeep(chain, 100).compact() > 0
    with chain.store.read() as conn:
        plain = compaction.plain_rows(conn)
        rows = list(conn.execute(select(t.change).order_by(t.change.c.seq)))
    kept = [
        row.seq
        for row in rows
        if row.entity == "ticket" and row.org_old == row.org_new and row.people == "[]"
    ]
    assert sorted(one.seq for key, one in plain.items() if key[0] == "ticket") == kept
    for id in tickets:
        own = [row for row in rows if row.entity_id == id]
        assert own[0].rev_from == 0
        assert all(later.rev_from <= earlier.rev_to for earlier, later in pairwise(own))


def test_a_cursor_whose_row_went_has_expired_and_one_that_stayed_goes_on(chain: Chain) -> None:
    """Nonces of rows that stay are kept; without its row a cursor can't be told from another past's."""
    create = chain.create("e1")
    chain.do("max", create)
    first = chain.pulled("amy").to_cursor
    chain.do("max", chain.command("reply", Reply(body="one"), ticket=create.ticket_id))
    second = chain.pulled("amy").to_cursor
    chain.do("max", chain.command("reply", Reply(body="two"), ticket=create.ticket_id))
    third = chain.pulled("amy").to_cursor
    assert _upkeep(chain, 100).compact() == 1
    assert [entry.body for entry in chain.pulled("amy", first).put[0].entries] == ["one", "two"]
    with pytest.raises(RefusedError, match="cursor_expired"):
        chain.pulled("amy", second)
    assert chain.pulled("amy", third).put == ()


def test_a_move_is_told_after_compaction(chain: Chain) -> None:
    """Who held the ticket before it moved hears that it left, and who gets it has the whole of it."""
    create = chain.create("e1")
    chain.do("max", create)
    held, waits = chain.pulled("amy").to_cursor, chain.pulled("wes").to_cursor
    away = TransferTicket(org="w1", note="theirs")
    chain.do("max", chain.command("transfer", away, ticket=create.ticket_id))
    chain.do("max", chain.command("reply", Reply(body="one"), ticket=create.ticket_id))
    chain.do("max", chain.command("reply", Reply(body="two"), ticket=create.ticket_id))
    assert _upkeep(chain, 100).compact() == 1
    assert chain.pulled("amy", held).leave == (create.ticket_id,)
    (put,) = chain.pulled("wes", waits).put
    assert put.since == 0


def test_rows_beyond_the_floor_go_and_the_head_stays(chain: Chain) -> None:
    """The floor rises over what is deleted; a cursor below it has expired; that of the head never does."""
    chance, tickets = random.Random(3), list[str]()
    _story(chain, chance, 30, tickets)
    with chain.store.read() as conn:
        early = cursor_at(conn, feed_head(conn), 3).text()
    upkeep = _upkeep(chain, 200)
    upkeep.compact()
    assert upkeep.raise_floor() > 0
    with chain.store.read() as conn:
        feed = feed_head(conn)
        assert feed.floor > 3
        assert compaction.zones(conn)["wrong"] == 0
        assert feed_gap(conn)["missing"] == 0
    with pytest.raises(RefusedError, match="cursor_expired"):
        chain.pulled("amy", early)
    head = chain.pulled("amy", "").to_cursor
    assert chain.pulled("amy", head).to_cursor == head
    much_later = _upkeep(chain, 2000)
    for _ in range(3):
        much_later.run()
    head = chain.pulled("amy", "").to_cursor
    assert chain.pulled("amy", head).to_cursor == head
    with pytest.raises(RefusedError, match="epoch_changed"):
        chain.pulled("amy", f"{head.rpartition('.')[0]}.{'f' * 8}")


def test_rows_below_the_floor_are_noticed(chain: Chain) -> None:
    """What a doctor asks: the parts of the feed in their order, and nothing below the floor."""
    chain.do("max", *(chain.create("e1") for _ in range(4)))
    with chain.store.write() as conn:
        assert compaction.zones(conn)["wrong"] == 0
        conn.execute(update(t.feed_head).values(floor=2))
        # Two rows stand below the floor, and the floor above what was compacted.
        assert compaction.zones(conn)["wrong"] == 3
        conn.execute(update(t.feed_head).values(compacted_to=2))
        assert compaction.zones(conn)["wrong"] == 2


def test_verdicts_are_kept_for_half_a_year_whatever_is_set(chain: Chain) -> None:
    """A desktop that was away for months gets the verdict that was given; a repeat never does anything twice."""
    create = chain.create()
    chain.do("amy", create)
    assert _upkeep(chain, 179, verdicts=1).forget() == 0
    assert chain.do("amy", create)[0].duplicate
    assert _upkeep(chain, 182, verdicts=1).forget() > 0


def test_keep_since_rises_by_days_and_never_falls(chain: Chain) -> None:
    """It follows the clock by whole days; a longer span set later doesn't bring back what was let go."""
    assert _upkeep(chain, 0).advance() == 1
    first = chain.pulled("amy").keep_since
    assert first % DAY_MS == 0
    assert DaysLater(0).now() - 91 * DAY_MS < first <= DaysLater(0).now() - 90 * DAY_MS
    assert _upkeep(chain, 0).advance() == 0
    assert _upkeep(chain, 0, keep=200).advance() == 0
    assert _upkeep(chain, 5).advance() == 1
    assert chain.pulled("amy").keep_since == first + 5 * DAY_MS
    assert _upkeep(chain, 50, keep=0).advance() == 0


def test_verdicts_are_kept_for_half_a_year_at_least(chain: Chain) -> None:
    """Younger ones stay whatever is set; older ones go, and their commands are unknown."""
    chain.do("max", chain.create("e1"), chain.create("e1"))
    with chain.store.write() as conn:
        first = select(func.min(t.verdict.c.command)).scalar_subquery()
        conn.execute(update(t.verdict).where(t.verdict.c.command == first).values(at=START - 100 * DAY_MS))
        conn.commit()
    assert _upkeep(chain, 70, verdicts=1).forget() == 0
    assert _upkeep(chain, 90, verdicts=0).forget() == 0
    assert _upkeep(chain, 90, verdicts=1).forget() == 1
    with chain.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.verdict)).scalar_one() == 1
