"""A page of a range costs what it holds: neither database looks at, or sorts, what is not in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from domain.entities.ticket import Ticket
from domain.wire.sync import Range
from sync_server.access.viewer import Viewer
from sync_server.feed.finding import following
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.rows import ticket_values
from tests.sync_server.chain import START, Chain

TICKETS, OWN = 3_000, 60
AFTER = f"{TICKETS // 2:032x}"


@pytest.fixture
def chain(store: Store) -> Chain:
    """A chain on either database where one person takes part in each way in a few of many tickets."""
    chain = Chain(store)
    every = TICKETS // OWN
    with store.write() as conn:
        conn.execute(insert(t.ticket), [_ticket(number, every) for number in range(TICKETS)])
        conn.execute(insert(t.ticket_cc), list(_followers(every)))
        conn.commit()
    with store.write() as conn:
        conn.exec_driver_sql("ANALYZE")
        conn.commit()
    return chain


def _followers(every: int) -> Iterator[dict[str, str]]:
    for number in range(TICKETS):
        for person in ("eva", "max") if number % every == 2 else ("eva", "wes"):
            yield {"ticket": f"{number:032x}", "person": person}


def _ticket(number: int, every: int) -> dict[str, Any]:
    one = Ticket(
        id=f"{number:032x}",
        template="complaint",
        template_version=1,
        org="e1" if number % 2 else "w1",
        line="retail",
        subject="Till",
        requester="customer",
        status=("open", "resolved", "closed")[number % 3],
        closed_at=START if number % 3 == 2 else None,
        assignee="max" if number % every == 0 else "amy",
        creator="max" if number % every == 1 else "ben",
        created_at=START,
        updated_at=START,
    )
    return {**ticket_values(one), "mark": number}


def _asked(conn: Connection, viewer: Viewer, wanted: Range, after: str) -> list[tuple[str, Any]]:
    """The statements by which a page's tickets are found, as the driver is given them."""
    told: list[tuple[str, Any]] = []

    def hear(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        told.append((statement, values))

    event.listen(conn, "before_cursor_execute", hear)
    try:
        with following(conn, viewer, wanted, after=after, keep_since=START - 1, limit=100) as take:
            rows = take(100)
    finally:
        event.remove(conn, "before_cursor_execute", hear)
    assert len(rows) == 100 or wanted.kind == "mine"
    return told


def _plan(conn: Connection, wanted: Range, chain: Chain, after: str) -> str:
    explain = "EXPLAIN QUERY PLAN " if chain.store.sqlite else "EXPLAIN "
    found = _asked(conn, chain.viewer_in(conn, "max"), wanted, after)
    plans = [conn.exec_driver_sql(explain + statement, values).all() for statement, values in found]
    return "\n".join(str(row[-1]) for plan in plans for row in plan)


@pytest.mark.parametrize("after", ["", AFTER])
@pytest.mark.parametrize("is_open", [True, False, None])
def test_ranges_are_read_in_the_order_of_their_pages(chain: Chain, is_open: bool | None, after: str) -> None:
    """Whether open or not, tickets of head office come by their ids, without all of them being sorted."""
    wanted = Range(kind="unit", unit="hq", deep=True, open=is_open)
    with chain.store.read() as conn:
        plan = _plan(conn, wanted, chain, after)
    if chain.store.sqlite:
        assert "sqlite_autoindex_ticket_1" in plan
        assert "TEMP B-TREE" not in plan
    else:
        assert "pk_ticket" in plan
        assert "Sort" not in plan


@pytest.mark.parametrize("after", ["", AFTER])
def test_own_tickets_are_found_by_person_and_id(chain: Chain, after: str) -> None:
    """Each way to take part has an index that is used."""
    with chain.store.read() as conn:
        plan = _plan(conn, Range(kind="mine"), chain, after)
    for index in ("ix_ticket_assignee_id", "ix_ticket_creator_id", "ix_ticket_cc_person_ticket"):
        assert index in plan
