"""Statements run by the driver itself: lists, rows of every kind, errors as SQLAlchemy's, pipelines that fail whole."""

from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from domain.errors import UnavailableError
from sync_server.store import tables as t
from sync_server.store.direct import ReplaceRows, Sql, WriteRows, pipelined, write_all
from sync_server.store.engine import Store
from sync_server.store.feed_writer import FeedRow
from sync_server.store.notices import NoticeRow

NOTICES = WriteRows(t.notice)
KEPT = WriteRows(t.notice, conflict="kept")
COUNTERS = WriteRows(t.counter, conflict="replaced")
PERSONAL = WriteRows(t.personal)
PEOPLE_OF = Sql("SELECT person FROM notice WHERE id IN ? AND kind = ? ORDER BY id [FOR UPDATE]")


def _notice(id: str, person: str = "amy", **more: Any) -> dict[str, Any]:
    row = {"id": id, "person": person, "ticket": id, "kind": "cc", "detail": "{}", "at": 1, "read_at": None}
    return {**row, **more}


@pytest.mark.parametrize("ids", [[], ["n1"], ["n1", "n2", "x' OR '1'='1", '"quoted"', "100%"]])
def test_a_list_is_one_value(store: Store, ids: list[str]) -> None:
    """None, one or many of any spelling: the same statement, and nothing in a list is read as SQL."""
    with store.write() as conn:
        NOTICES.run(conn, [_notice("n1", "amy"), _notice("n2", "ben"), _notice("n3", "wes")])
        assert [row[0] for row in PEOPLE_OF.all(conn, ids, "cc")] == ["amy", "ben"][: len(ids)]


def test_rows_come_back_as_they_were_written(store: Store) -> None:
    """Quotes, percent signs, other scripts, large numbers, truth values and nothing survive on either database."""
    said = "它说 \"100%\" 'ok' \\ \n\t 🧾 $1 %s ? [x]"
    row = {"ticket": "t", "key": said, "rev": 2**62, "field_class": "", "value": None}
    with store.write() as conn:
        PERSONAL.run(conn, [{**row, "masked": True, "erased": False}])
        conn.commit()
    with store.read() as conn:
        (found,) = conn.execute(select(t.personal)).all()
    assert (found.key, found.rev, found.value, found.masked, found.erased) == (said, 2**62, None, True, False)


def test_rows_that_are_structs_have_a_tables_columns_in_their_order(store: Store) -> None:
    """So those of the feed and of notices are; and they are written as what their fields say."""
    assert FeedRow.__struct_fields__ == tuple(column.name for column in t.change.c)
    assert NoticeRow.__struct_fields__ == tuple(column.name for column in t.notice.c)
    with store.write() as conn:
        NOTICES.run(conn, [NoticeRow(**_notice("n1", "amy")), NoticeRow(**_notice("n2", "ben", read_at=2))])
        assert [tuple(row) for row in conn.execute(select(t.notice).order_by(t.notice.c.id))] == [
            ("n1", "amy", "n1", "cc", "{}", 1, None),
            ("n2", "ben", "n2", "cc", "{}", 1, 2),
        ]


def test_a_row_that_is_there_fails_stays_or_is_replaced(store: Store) -> None:
    """As the writer says; errors come as SQLAlchemy's, and never show a value in the statement."""
    with store.write() as conn:
        NOTICES.run(conn, [_notice("n1")])
        KEPT.run(conn, [_notice("n1", "ben")])
        assert [row[0] for row in PEOPLE_OF.all(conn, ["n1"], "cc")] == ["amy"]
        COUNTERS.run(conn, [{"name": "ours", "value": 1}])
        COUNTERS.run(conn, [{"name": "ours", "value": 2}])
        ReplaceRows(t.counter).run(conn, [{"name": "ours", "value": 3}, {"name": "nobody's", "value": 4}])
        counted = select(t.counter.c.value).where(t.counter.c.name.in_(["ours", "nobody's"]))
        assert list(conn.execute(counted).scalars()) == [3]
        with pytest.raises(IntegrityError) as raised:
            NOTICES.run(conn, [_notice("n1", detail="secret of a customer")])
        assert "secret of a customer" not in str(raised.value)


def test_what_comes_twice_in_one_write_is_written_in_order(store: Store) -> None:
    """Rows of one table in two parts: the later part sees the earlier."""
    with store.write() as conn:
        ours, later = [{"name": "ours", "value": 1}], [{"name": "ours", "value": 2}]
        write_all(conn, [(COUNTERS, ours), (NOTICES, [_notice("n1")]), (PERSONAL, []), (COUNTERS, later)])
        conn.commit()
    with store.read() as conn:
        assert conn.execute(select(t.counter.c.value).where(t.counter.c.name == "ours")).scalar() == 2
        assert conn.execute(select(t.notice.c.id)).scalar() == "n1"


def test_a_pipeline_that_fails_leaves_nothing_and_the_connection_serves_on(store: Store) -> None:
    """An error anywhere before the commit takes all of it back; whoever comes next finds the store at work."""

    def fail() -> None:
        with store.write() as conn, pipelined(conn, commit=True):
            NOTICES.run(conn, [_notice("n1")])
            NOTICES.run(conn, [_notice("n1")])
            COUNTERS.run(conn, [{"name": "ours", "value": 1}])

    for _ in range(3):
        with pytest.raises(IntegrityError):
            fail()
    with store.read() as conn:
        assert conn.execute(select(t.notice)).first() is None
    with store.write() as conn, pipelined(conn, commit=True):
        NOTICES.run(conn, [_notice("n1")])
    with store.read() as conn:
        assert conn.execute(select(t.notice.c.id)).scalar() == "n1"


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_database_that_went_away_is_said_and_found_again(store: Store, database: str) -> None:
    """Connections cut while at rest: noticed before they are used, or the one next use fails as unavailable."""
    other = Store(database, pool_size=1)

    def write(n: int) -> int:
        with store.write() as conn, pipelined(conn, commit=True):
            NOTICES.run(conn, [_notice(f"n{n}")])
        return n

    try:
        assert store.retrying(lambda: write(1)) == 1
        with other.write() as conn:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            conn.execute(text(f"{cut} AND datname = current_database()"))
        written = ["n1", "n2", "n3"]
        try:
            store.retrying(lambda: write(2))
        except UnavailableError:  # used within the moment in which its end was on the way
            written.remove("n2")
        assert store.retrying(lambda: write(3)) == 3
        with store.read() as conn:
            assert list(conn.execute(select(t.notice.c.id).order_by(t.notice.c.id)).scalars()) == written
    finally:
        other.close()


def test_a_transaction_begins_with_its_first_statement(store: Store) -> None:
    """Run by the driver or by SQLAlchemy, statements of one block are one transaction: left open, all are undone."""
    with store.write() as conn:
        NOTICES.run(conn, [_notice("n1")])
        conn.execute(insert(t.counter), [{"name": "ours", "value": 1}])
    with store.read() as conn:
        assert conn.execute(select(t.notice)).first() is None
        assert conn.execute(select(t.counter).where(t.counter.c.name == "ours")).first() is None
