"""The replica's file: encrypted, one writer, snapshots, and clear words when the surroundings fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.replica import engine, meta, schema, sql
from desktop.replica.engine import Replica
from domain.errors import RefusedError, UnavailableError
from tests.desktop.replica.station import KEY, Station

WORD = "Spoiled-milk-in-the-fridge"


def test_nothing_written_can_be_read_in_the_files(tmp_path: Path) -> None:
    """Neither the database nor its log holds a word in the clear."""
    replica = Replica(tmp_path / "r.db", KEY)
    with replica.write() as conn:
        meta.put(conn, "note", WORD)
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    replica.close()
    assert len(held) > 4096
    assert WORD.encode() not in held
    assert b"SQLite format 3" not in held


def test_wrong_key_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    """A wrong key is told from an empty replica, and the right one still opens it."""
    path = tmp_path / "r.db"
    replica = Replica(path, KEY)
    with replica.write() as conn:
        meta.put(conn, "note", WORD)
    replica.close()
    with pytest.raises(RefusedError, match="replica_unreadable"):
        Replica(path, bytes(32))
    replica = Replica(path, KEY)
    with replica.read() as conn:
        assert meta.get(conn, "note") == WORD
    replica.close()


def test_newer_replica_is_refused(tmp_path: Path) -> None:
    """What a newer program has written is left alone."""
    path = tmp_path / "r.db"
    replica = Replica(path, KEY)
    with replica.write() as conn:
        schema.stamp(conn, schema.VERSION + 1)
    replica.close()
    with pytest.raises(RefusedError, match="replica_too_new"):
        Replica(path, KEY)


def test_reader_sees_one_snapshot(tmp_path: Path) -> None:
    """A commit between two reads of one transaction is not seen by the second."""
    replica = Replica(tmp_path / "r.db", KEY)
    with replica.read() as reading:
        before = meta.get(reading, "note")
        with replica.write() as conn:
            meta.put(conn, "note", WORD)
        assert meta.get(reading, "note") == before
    with replica.read() as reading:
        assert meta.get(reading, "note") == WORD
    replica.close()


def test_reader_cannot_write(tmp_path: Path) -> None:
    """There is one writer."""
    replica = Replica(tmp_path / "r.db", KEY)
    with pytest.raises(UnavailableError, match="disk_error"), replica.read() as conn:
        meta.put(conn, "note", WORD)
    replica.close()


def test_exception_undoes_the_transaction(tmp_path: Path) -> None:
    """Nothing is half done."""
    replica = Replica(tmp_path / "r.db", KEY)
    with pytest.raises(ZeroDivisionError), replica.write() as conn:
        meta.put(conn, "note", 1 // len(meta.get(conn, "absent")))
    with replica.read() as conn:
        assert meta.get(conn, "note") == ""
    replica.close()


def test_full_disk_leaves_nothing_half_done(ann: Station) -> None:
    """A gesture on a full disk is refused as such; the ticket, the outbox and the numbers are as before."""
    kept = ann.create()
    with ann.replica.write() as conn:
        pages = sql.value(conn, "PRAGMA page_count")
        sql.value(conn, f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UnavailableError, match="disk_full"):
        _create_many(ann)
    made = ann.all("SELECT id FROM ticket")
    assert kept in made
    assert len(made) == ann.one("SELECT count(*) FROM command") == ann.one("SELECT count(*) FROM search_doc")
    with ann.replica.write() as conn:
        sql.value(conn, "PRAGMA max_page_count = 1000000")
    following = ann.create()
    assert ann.shown()[following].ticket.provisional == f"\u4e34-K7Q2-{len(made) + 1:04d}"


def _create_many(station: Station) -> None:
    for _ in range(50):
        station.create(description="x" * 5_000)


def test_damage_is_found_after_an_unclean_end(tmp_path: Path) -> None:
    """A page that no longer holds is noticed when the last end left a log behind."""
    path = tmp_path / "r.db"
    replica = Replica(path, KEY)
    with replica.write() as conn:
        sql.run_many(
            conn, "INSERT INTO draft VALUES (?, '', ?, 0)", [(str(i), "x" * 500) for i in range(500)]
        )
    replica.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 5_000)
        file.write(bytes(4_000))
    Path(f"{path}-wal").write_bytes(b"")
    with pytest.raises(UnavailableError, match="replica_damaged"):
        Replica(path, KEY)


def test_clean_end_leaves_no_log(tmp_path: Path) -> None:
    """Closing empties and removes the write-ahead log, so that the next start need not check."""
    path = tmp_path / "r.db"
    replica = Replica(path, KEY)
    with replica.write() as conn:
        meta.put(conn, "note", WORD)
    assert Path(f"{path}-wal").exists()
    replica.close()
    assert not Path(f"{path}-wal").exists()


def test_key_has_32_bytes(tmp_path: Path) -> None:
    """A passphrase is not a key."""
    with pytest.raises(ValueError, match="32 bytes"):
        Replica(tmp_path / "r.db", b"short")


def _fill(replica: Replica, pages: int) -> None:
    for number in range(pages):
        with replica.write() as conn:
            meta.put(conn, f"page{number}", "x" * 8_000)


@pytest.fixture
def hasty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """A replica whose log is long after thirty pages."""
    monkeypatch.setattr(engine, "CHECKPOINT_PAGES", 30)
    replica = Replica(tmp_path / "r.db", KEY)
    yield replica
    replica.close()


def test_a_long_log_goes_into_the_file_while_others_write(hasty: Replica) -> None:
    """No commit waits for it; what was committed is read all the while."""
    before = hasty.path.stat().st_size
    _fill(hasty, 60)
    hasty.wait_for_log()
    assert hasty.path.stat().st_size > before + 30 * 8_000
    with hasty.read() as conn:
        assert len(sql.rows(conn, "SELECT key FROM meta WHERE key LIKE 'page%'")) == 60


def test_a_purge_empties_a_log_that_is_just_being_brought_in(hasty: Replica) -> None:
    """It waits for that to end, and nothing stays behind."""
    for _ in range(5):
        _fill(hasty, 40)
        with hasty.write() as conn:
            engine.truncate_after(conn)
        assert hasty.path.with_name("r.db-wal").stat().st_size == 0
