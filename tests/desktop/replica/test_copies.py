"""Copies beside a replica are bounded, and nothing that was purged stays in them."""

import os
from pathlib import Path

import pytest

from desktop.replica import copies, integrity
from desktop.replica.integrity import Check
from tests.desktop.replica.desk import Desk, handler
from tests.desktop.replica.station import Station

NOW = 1_795_000_000_000
DAY_MS = 86_400_000


def _copies(path: Path) -> list[str]:
    return sorted(one.name.removeprefix(f"{path.name}.") for one in path.parent.glob(f"{path.name}.*-*"))


@pytest.fixture
def beside(ann: Station) -> Path:
    """Ann's replica, with copies as upgrades and damages leave them."""
    path = ann.replica.path
    names = ("before-2-was-1", "damaged-1", "damaged-1-wal", "damaged-2.incomplete", "damaged-3.incomplete")
    for age, name in enumerate(names):
        copy = path.with_name(f"{path.name}.{name}")
        copy.write_bytes(b"held then")
        os.utime(copy, times=((NOW - age * DAY_MS) / 1000,) * 2)
    return path


def test_a_purge_takes_every_copy_along(ann: Station, desk: Desk, beside: Path) -> None:
    """What a person may not hold any more is not held in a copy either."""
    ann.create("Till")
    ann.settle()
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert _copies(beside) == []
    assert beside.exists()


def test_a_check_that_ends_well_has_no_more_need_of_copies(ann: Station, beside: Path) -> None:
    """But for the newest of those of which not all could be read, for a month."""
    check = Check(why="upgrade")
    with ann.replica.write() as conn:
        integrity._end(conn, check, NOW, well=False)
    assert len(_copies(beside)) == 5
    with ann.replica.write() as conn:
        integrity._end(conn, check, NOW, well=True)
    assert _copies(beside) == ["damaged-2.incomplete"]
    with ann.replica.write() as conn:
        integrity._end(conn, check, NOW + copies.KEPT_DAYS * DAY_MS, well=True)
    assert _copies(beside) == []


def test_a_damaged_file_goes_beside_with_its_log(tmp_path: Path) -> None:
    """Under a name that is free, which says whether all of it could be read."""
    for incomplete in (False, True):
        path = tmp_path / "r.db"
        path.write_bytes(b"damaged")
        Path(f"{path}-wal").write_bytes(b"log")
        copies.set_beside(path, incomplete=incomplete)
        assert not path.exists()
    assert _copies(path) == [
        "damaged-1",
        "damaged-1-wal",
        "damaged-1.incomplete",
        "damaged-1.incomplete-wal",
    ]
