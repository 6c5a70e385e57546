"""What was closed long ago is let go of, without a trace, unless something of the person still stands on it."""

from pathlib import Path

from desktop.commands import write
from desktop.replica import meta, retention, search, sql
from desktop.replica.changed import Changed
from tests.desktop.replica.desk import Desk
from tests.desktop.replica.station import Station
from tests.desktop.replica.test_purge import SECRET, _traces, told

__all__ = ["told"]


def _close(station: Station, id: str, at: int) -> None:
    """The ticket was closed on the server at that moment, and the pages brought it."""
    with station.replica.write() as conn:
        sql.run(
            conn, "UPDATE ticket SET status = 'closed', closed_at = ?, is_open = 0 WHERE id = ?", (at, id)
        )


def _run(station: Station, keep_since: int, *, most: int = retention.SLICE) -> Changed:
    with station.replica.write() as conn:
        meta.put(conn, "keep_since", keep_since)
        return retention.purge_slice(conn, station.clock.at, most=most)


def test_old_tickets_go_without_a_trace(ann: Station, told: str) -> None:
    """Tables, search index and write-ahead log hold nothing more of a ticket closed before `keep_since`."""
    with ann.replica.write() as conn:
        search.index(conn, [told])
    assert SECRET in " ".join(ann.all("SELECT coalesce(body, '') FROM entry"))
    _close(ann, told, 1_000)
    changed = _run(ann, 1_001)
    assert (changed.tickets, changed.removed) == (frozenset({told}), True)
    assert Path(f"{ann.replica.path}-wal").stat().st_size == 0
    assert _traces(ann) == []
    assert not _run(ann, 1_001)


def test_open_and_younger_tickets_stay(ann: Station, told: str) -> None:
    """Closed at `keep_since` itself or later, or not closed at all: it stays; nothing goes before it is told."""
    assert not _run(ann, 10**15)
    _close(ann, told, 1_001)
    assert not _run(ann, 0)
    assert not _run(ann, 1_001)
    assert told in ann.shown()


def test_unsent_work_keeps_an_old_ticket(ann: Station, desk: Desk, told: str) -> None:
    """A note not yet sent, or sent and not answered, or refused and not settled, holds its ticket here."""
    _close(ann, told, 1_000)
    write.note(ann.runner, told, body="one more word")
    assert not _run(ann, 2_000)
    request = ann.request()
    assert request is not None
    assert not _run(ann, 2_000)
    assert ann.all("SELECT state FROM command") == ["sent"]
    ann.verdicts(request, desk.push("ann", request))
    assert not _run(ann, 2_000)
    ann.settle()
    _close(ann, told, 1_000)
    assert _run(ann, 2_000)
    assert told not in ann.shown()
    assert ann.all("SELECT state FROM command") == ["done"]


def test_large_runs_come_in_slices(ann: Station) -> None:
    """No slice is larger than said; the last one moves nothing."""
    ids = [ann.create(f"Milk {number}") for number in range(5)]
    ann.settle()
    for id in ids:
        _close(ann, id, 1_000)
    sizes = []
    while changed := _run(ann, 2_000, most=2):
        sizes.append(len(changed.tickets))
    assert sizes == [2, 2, 1]
