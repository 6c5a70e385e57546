"""The database's history: from nothing to exactly the program's tables, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from domain.entities.sla import BREACH_STEP, Policy, Step
from domain.entities.ticket import Ticket
from domain.errors import RefusedError
from domain.rules.sla_steps import keyed
from sync_server.store import migrations
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.migrations.versions import v0003_desk_rules
from sync_server.store.rows import dump, ticket_values
from sync_server.store.unit_of_work import feed_head
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store over a database without a single table."""
    server: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgres" else None
    url = server.new(empty=True) if server else f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    store = Store(url, pool_size=2)
    yield store
    store.close()
    if server:
        server.drop(url)


def test_history_makes_exactly_the_tables_of_the_program(empty: Store) -> None:
    """After the last revision nothing differs from tables.py: no column, index or constraint."""
    assert migrations.upgrade(empty.engine) == (None, migrations.newest())
    assert migrations.differences(empty.engine) == []


def test_steps_that_fired_keep_their_names(empty: Store) -> None:
    """What release 0.2 fired by its number counts as fired under the name it has now; the deadline keeps its own."""
    migrations.upgrade(empty.engine)
    steps = (Step(metric="resolution", percent=80), *[Step(metric="resolution", offset_s=-600)] * 2)
    policy = Policy(id="standard", steps=steps)
    body = {"version": 1, "deleted": False, "audience": "everyone", "at": 0, "person": None}
    fired = {"ticket": "T", "metric": "resolution", "cycle": 1, "due_at": 1, "fired_at": 1}
    ticket = ticket_values(
        Ticket(id="T", template="t", template_version=1, org="o", line="l", policy="standard")
    )
    with empty.write() as conn:
        conn.execute(insert(t.config), {**body, "kind": "policy", "id": "standard", "body": dump(policy)})
        conn.execute(insert(t.ticket), {**ticket, "mark": 0})
        conn.execute(insert(t.sla_step), [{**fired, "step": step} for step in ("0", "1", "2", BREACH_STEP)])
        v0003_desk_rules.rename_steps(conn)
        names = set(conn.execute(select(t.sla_step.c.step)).scalars())
    assert names == {*keyed(policy), BREACH_STEP}


def test_upgrading_twice_changes_nothing(empty: Store) -> None:
    """A database at the newest revision stays as it is."""
    migrations.upgrade(empty.engine)
    assert migrations.upgrade(empty.engine) == (migrations.newest(), migrations.newest())


def test_first_rows_are_there(empty: Store) -> None:
    """The feed begins empty under an epoch of its own, counters begin at nothing."""
    migrations.upgrade(empty.engine)
    with empty.read() as conn:
        feed = feed_head(conn)
        counters = {row.name: row.value for row in conn.execute(select(t.counter))}
    assert (feed.seq, feed.floor, feed.compacted_to) == (0, 0, 0)
    assert len(feed.epoch) == 16
    assert counters == {"tree": 0, "config": 0, "ticket_number": 0}


def test_each_database_has_its_own_epoch(tmp_path: Path) -> None:
    """Two servers can't be taken for one by a replica."""
    epochs = set()
    for name in ("one", "two"):
        store = Store(f"sqlite:///{tmp_path / name}")
        migrations.upgrade(store.engine)
        with store.read() as conn:
            epochs.add(feed_head(conn).epoch)
        store.close()
    assert len(epochs) == 2


def test_empty_database_is_not_taken_for_ready(empty: Store) -> None:
    """What needs the tables says that the database has to be migrated first."""
    with pytest.raises(RefusedError, match="database_older"):
        migrations.require_present(empty.engine)
