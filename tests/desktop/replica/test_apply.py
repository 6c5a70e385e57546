"""What is late, of another past or incomplete changes nothing; what a person does is on the disk when it is said."""

from pathlib import Path

from desktop.replica import integrity, meta, sql
from desktop.replica.apply import apply_pull, apply_rows
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from domain.wire.sync import Digest, PullAnswer
from tests.desktop.replica.station import KEY, Station


def _page(ann: Station, **of: object) -> PullAnswer:
    """An empty page of the feed that follows on what ann has."""
    with ann.replica.read() as conn:
        cursor, version = meta.cursor(conn), meta.get(conn, "scope_version")
    told: dict[str, object] = {"from_cursor": cursor, "to_cursor": cursor, **of}
    return PullAnswer(
        head=ann.desk.seq,
        more=False,
        scope_version=version,
        server_time=ann.desk.now,
        **told,  # type: ignore[arg-type]
    )


def test_a_page_that_starts_elsewhere_is_passed_over(ann: Station) -> None:
    """Whatever it tells: the next one is asked for from the cursor, which stays."""
    id = ann.create()
    ann.settle()
    late = _page(ann, from_cursor=ann.desk.cursor(0), to_cursor=ann.desk.cursor(0), leave=(id,))
    with ann.replica.write() as conn:
        assert apply_pull(conn, late) == Changed()
        assert meta.cursor(conn) == ann.desk.cursor()
    assert id in ann.shown()


def test_rows_older_than_the_cursor_bring_nothing_back(ann: Station, bob: Station) -> None:
    """The feed told that a ticket left; an answer made before that comes late."""
    id = bob.create()
    bob.settle()
    ann.settle()
    with ann.replica.read() as conn:
        version = meta.get(conn, "scope_version")
    before = ann.desk.rows("ann", version, put=(ann.desk.put("ann", id),))
    with ann.replica.write() as conn:
        left = _page(ann, leave=(id,), to_cursor=ann.desk.cursor(ann.desk.seq + 1))
        apply_pull(conn, left)
        assert apply_rows(conn, before, None) == Changed()
    assert id not in ann.shown()


def test_nothing_is_compared_while_something_is_still_to_come(ann: Station) -> None:
    """A sum of the server's is neither asked for nor kept: it would differ, and nothing would be wrong."""
    told = _page(ann, digest=Digest(keep_since=0, count=1, total=1))
    with ann.replica.write() as conn:
        integrity.begin(conn, "asked")
        assert integrity.wants_digest(conn)
        sql.run(conn, "INSERT INTO wanted (ticket) VALUES ('still to come')")
        assert not integrity.wants_digest(conn)
        apply_pull(conn, told)
        assert not integrity.has_totals(conn)
        sql.run(conn, "DELETE FROM wanted")
        apply_pull(conn, told)
        assert integrity.has_totals(conn)


def test_what_a_person_does_is_synced_to_the_disk(tmp_path: Path) -> None:
    """A commit waits for the disk (FULL, 2) unless what it holds can come again from the server (NORMAL, 1)."""
    replica = Replica(tmp_path / "r.db", KEY)
    try:
        with replica.write() as conn:
            assert sql.value(conn, "PRAGMA synchronous") == 2
        with replica.write(durable=False) as conn:
            assert sql.value(conn, "PRAGMA synchronous") == 1
        with replica.write() as conn:
            assert sql.value(conn, "PRAGMA synchronous") == 2
    finally:
        replica.close()
