"""The SQL form of the predicate is the predicate."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from domain.entities.people import Grant
from domain.entities.ticket import Ticket
from sync_server.access.predicate import visible
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.rows import ticket_values
from tests.sync_server.chain import UNITS, Chain

PEOPLE = st.sampled_from(["amy", "ben", None])
TICKETS = st.builds(
    Ticket,
    id=st.uuids().map(lambda one: one.hex),
    template=st.just("complaint"),
    template_version=st.just(1),
    org=st.sampled_from(list(UNITS)),
    line=st.sampled_from(["retail", "delivery"]),
    creator=PEOPLE,
    assignee=PEOPLE,
    cc=st.sampled_from([(), ("amy",), ("ben",), ("amy", "ben")]),
)
GRANT = st.builds(
    Grant,
    id=st.uuids().map(lambda one: one.hex),
    role=st.just("r"),
    unit=st.sampled_from([*UNITS, "nowhere"]),
    line=st.sampled_from(["", "retail"]),
    level=st.integers(1, 5),
    classes=st.sampled_from([0, 1, 3, 4, 7]),
)


@pytest.fixture
def empty_chain(store: Store) -> Chain:
    """A chain without tickets on either database."""
    return Chain(store)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    tickets=st.lists(TICKETS, max_size=12, unique_by=lambda one: one.id),
    grants=st.lists(GRANT, max_size=3, unique_by=lambda one: one.id),
)
def test_sql_and_rule_agree_on_every_ticket(
    empty_chain: Chain, tickets: list[Ticket], grants: list[Grant]
) -> None:
    """For any grants and tickets, the rows SQL shows are the tickets the rule shows."""
    with empty_chain.store.write() as conn:
        for table in (t.ticket, t.ticket_cc):
            conn.execute(delete(table))
        conn.execute(delete(t.grant).where(t.grant.c.person == "amy"))
        if tickets:
            conn.execute(insert(t.ticket), [ticket_values(one) for one in tickets])
        if cc := [{"ticket": one.id, "person": p} for one in tickets for p in one.cc]:
            conn.execute(insert(t.ticket_cc), cc)
        if grants:
            rows = [{"person": "amy", **{f: getattr(g, f) for f in g.__struct_fields__}} for g in grants]
            conn.execute(insert(t.grant), rows)
        conn.commit()
    with empty_chain.store.read() as conn:
        viewer = empty_chain.viewer_in(conn, "amy")
        shown = set(conn.execute(select(t.ticket.c.id).where(visible(viewer))).scalars())
    assert shown == {one.id for one in tickets if viewer.access(one).visible}


def test_store_is_either_database(store: Store) -> None:
    """The suites of the server run on SQLite and on PostgreSQL."""
    assert store.engine.dialect.name == ("sqlite" if store.sqlite else "postgresql")
