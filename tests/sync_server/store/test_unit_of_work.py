"""One transaction: what is staged, taken back and committed."""

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from domain.entities.ticket import Changes
from domain.wire.commands import Reply
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork
from tests.sync_server.chain import START, Chain


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def test_what_was_taken_back_takes_no_number_in_the_feed(chain: Chain) -> None:
    """Its change rows and new values go with it; what was staged before and after comes in, without a gap."""
    first, second = chain.create(), chain.create()
    chain.do("amy", first, second)
    with chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=chain.ids, at=START)
        work.lock([first.ticket_id, second.ticket_id])
        one, two = work.ticket(first.ticket_id), work.ticket(second.ticket_id)
        assert one is not None
        assert two is not None
        work.stage(Changes(ticket=replace(one, priority="high")))
        back = work.savepoint()
        work.stage(Changes(ticket=replace(two, priority="high")))
        work.touch(ChangeRow(entity="notice", entity_id="n1", people=("amy",)))
        back()
        work.commit()
    chain.do("amy", chain.command("reply", Reply(body="on"), ticket=second.ticket_id))
    with chain.store.read() as conn:
        c = t.change.c
        rows = [tuple(row) for row in conn.execute(select(c.seq, c.entity_id, c.rev_to).order_by(c.seq))]
        priorities = dict(row for row in conn.execute(select(t.ticket.c.id, t.ticket.c.priority)))
    assert [(seq, id, rev) for seq, id, rev in rows if seq > 2] == [
        (3, first.ticket_id, 2),
        (4, second.ticket_id, 2),
    ]
    assert (priorities[first.ticket_id], priorities[second.ticket_id]) == ("high", two.priority)
