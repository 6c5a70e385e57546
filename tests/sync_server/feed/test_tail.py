"""The newest rows of the feed in memory: the same answers as out of the table, whatever happened meanwhile."""

import pytest
from sqlalchemy import Connection, delete, update

from domain.errors import RefusedError
from domain.wire.commands import AssignTicket, ChangeMembers, Reply
from domain.wire.sync import PullAnswer, PullRequest
from sync_server.feed import cursor as cursors
from sync_server.feed.changes import Change, changes_after
from sync_server.feed.reader import pull
from sync_server.feed.tail import FeedTail
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.unit_of_work import feed_head
from tests.sync_server.chain import START, Chain


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _rows(chain: Chain, conn: Connection, person: str, tail: FeedTail, after: int) -> list[int]:
    """The rows that a tail gives for a person in a transaction; fails where it says that the table is to be read."""
    feed = feed_head(conn)
    stretch = tail.since(conn, feed, cursors.at(conn, feed, feed.seq), after)
    assert stretch is not None
    return [row.seq for row in stretch.concerning(conn, chain.viewer_in(conn, person), after, feed.seq)]


def _answer(
    chain: Chain, conn: Connection, person: str, cursor: str, tail: FeedTail | None = None
) -> PullAnswer:
    viewer = chain.viewer_in(conn, person)
    asked = PullRequest(protocol=1, device=f"d-{person}", cursor=cursor, scope_version=viewer.scope_version)
    return pull(conn, viewer, asked, now=START, tail=tail)


def test_rows_are_found_by_place_and_by_taking_part(chain: Chain) -> None:
    """A store is given rows of its own unit and of tickets they take part in; the one next door has none."""
    near, far = chain.create("e1"), chain.create("w1")
    chain.do("max", near, far)
    tail = FeedTail()
    with chain.store.read() as conn:
        assert _rows(chain, conn, "amy", tail, 0) == [1]
        assert _rows(chain, conn, "max", tail, 0) == [1, 2]
    chain.do("max", chain.command("cc", ChangeMembers(add=("amy",)), ticket=far.ticket_id))
    chain.do("max", chain.command("reply", Reply(body="on it"), ticket=far.ticket_id))
    with chain.store.read() as conn:
        head = feed_head(conn).seq
        assert set(_rows(chain, conn, "amy", tail, 0)) >= {1, 2, 3}
        assert _rows(chain, conn, "ben", tail, 0) == []
        assert head in _rows(chain, conn, "amy", tail, head - 1)


def test_transaction_older_than_the_tail_sees_its_own_past(chain: Chain) -> None:
    """One who left between a reader's snapshot and the tail's is told of the ticket as that snapshot has it."""
    ticket = chain.create("w1")
    chain.do("max", ticket)
    start = chain.pulled("ben").to_cursor
    take = AssignTicket(assignee="ben")
    chain.do("max", chain.command("assign", take, ticket=ticket.ticket_id, base={"assignee": None}))
    after_taking = chain.pulled("ben", start)
    assert [put.ticket.id for put in after_taking.put] == [ticket.ticket_id]
    chain.do("max", chain.command("reply", Reply(body="on it"), ticket=ticket.ticket_id))
    tail = FeedTail()
    with chain.store.read() as before:
        feed_head(before)  # the snapshot begins
        give = AssignTicket(assignee=None)
        chain.do("max", chain.command("assign", give, ticket=ticket.ticket_id, base={"assignee": "ben"}))
        with chain.store.read() as conn:
            assert _rows(chain, conn, "max", tail, 0)
        old = _answer(chain, before, "ben", after_taking.to_cursor, tail)
        assert old == _answer(chain, before, "ben", after_taking.to_cursor)
        assert old.put


def test_server_gone_back_is_noticed_by_the_nonce(chain: Chain) -> None:
    """After a failover that lost commits, other rows with the same numbers are not taken for those in memory."""
    first, lost, other = chain.create("e1"), chain.create("e1"), chain.create("e2")
    chain.do("max", first)
    start = chain.pulled("max").to_cursor
    tail = FeedTail()
    chain.do("max", lost)
    with chain.store.read() as conn:
        assert _rows(chain, conn, "amy", tail, 1) == [2]
    ahead = chain.pulled("max", start).to_cursor
    with chain.store.write() as conn:
        conn.execute(delete(t.change).where(t.change.c.seq > 1))
        conn.execute(update(t.feed_head).values(seq=1))
        conn.commit()
    with chain.store.read() as conn, pytest.raises(RefusedError, match="epoch_changed"):
        _answer(chain, conn, "max", ahead, tail)
    chain.do("max", other)
    with chain.store.read() as conn:
        assert _rows(chain, conn, "amy", tail, 1) == []
        assert _rows(chain, conn, "ben", tail, 1) == [2]
        assert _answer(chain, conn, "ben", start, tail).put


def test_what_follows_another_past_is_not_put_after_rows_in_memory(chain: Chain) -> None:
    """A server that went back and has written more since than was in memory: nothing of before is kept."""
    first, lost, others = chain.create("e1"), chain.create("e1"), (chain.create("e2"), chain.create("e2"))
    chain.do("max", first)
    tail = FeedTail()
    chain.do("max", lost)
    with chain.store.read() as conn:
        assert _rows(chain, conn, "amy", tail, 1) == [2]
    with chain.store.write() as conn:
        conn.execute(delete(t.change).where(t.change.c.seq > 1))
        conn.execute(update(t.feed_head).values(seq=1))
        conn.commit()
    for other in others:
        chain.do("max", other)
    with chain.store.read() as conn:
        assert _rows(chain, conn, "amy", tail, 1) == []
        assert _rows(chain, conn, "ben", tail, 1) == [2, 3]


def test_tail_is_bounded_and_grows(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps its newest rows, reads only those that are new, and leaves who is further behind to the table."""
    ticket = chain.create("e1")
    chain.do("max", ticket)
    tail = FeedTail(most=6, spare=2)

    def replied(times: int) -> None:
        for _ in range(times):
            chain.do("max", chain.command("reply", Reply(body="on it"), ticket=ticket.ticket_id))

    asked: list[int] = []

    def noted(conn: Connection, seq: int, limit: int) -> list[Change]:
        asked.append(limit)
        return changes_after(conn, seq, limit)

    monkeypatch.setattr("sync_server.feed.tail.changes_after", noted)
    for _ in range(6):
        replied(2)
        with chain.store.read() as conn:
            head = feed_head(conn).seq
            assert _rows(chain, conn, "amy", tail, head - 1) == [head]
            assert _rows(chain, conn, "amy", tail, head - 1) == [head]
    assert max(asked[1:]) <= 6
    with chain.store.read() as conn:
        feed = feed_head(conn)
        newest = cursors.at(conn, feed, feed.seq)
        assert tail.since(conn, feed, newest, feed.seq - 7) is None
        assert tail.since(conn, feed, newest, feed.seq) is None
        stretch = tail.since(conn, feed, newest, feed.seq - 2)
        assert stretch is not None
        assert len(stretch) <= 8
