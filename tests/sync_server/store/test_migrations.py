"""The database's history: from nothing to exactly the program's tables, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.errors import RefusedError
from sync_server.store import migrations
from sync_server.store import tables as t
from sync_server.store.engine import Store
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
