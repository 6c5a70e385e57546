"""The form of a replica's pages: what was made before goes on as it is."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from desktop.replica import cipher, meta
from desktop.replica.cipher import FIRST, PRESENT, Form
from desktop.replica.engine import Replica
from domain.errors import RefusedError, UnavailableError
from tests.desktop.replica.first_form import make_first

KEY = bytes(range(32))


def _noted(replica: Replica) -> str:
    with replica.read() as conn:
        return meta.get(conn, "note")


def _note(replica: Replica, words: str) -> None:
    with replica.write() as conn:
        meta.put(conn, "note", words)


@pytest.mark.parametrize("form", [PRESENT, FIRST])
def test_a_file_is_opened_in_the_form_it_has(tmp_path: Path, form: Form) -> None:
    """Again and again, with what was written; a wrong key opens neither."""
    path = tmp_path / "r.db"
    if form == FIRST:
        make_first(path, KEY)
    for words in ("one", "two"):
        replica = Replica(path, KEY)
        _note(replica, words)
        replica.close()
        assert cipher.form_of(path, KEY) == form
    with pytest.raises(RefusedError, match="replica_unreadable"):
        Replica(path, bytes(32))
    replica = Replica(path, KEY)
    assert _noted(replica) == "two"
    replica.close()


@pytest.mark.parametrize("form", [PRESENT, FIRST])
def test_the_log_tells_the_form_of_a_file_that_was_left_open(tmp_path: Path, form: Form) -> None:
    """Its first page may be torn; nothing of the log is lost by looking."""
    path, left = tmp_path / "r.db", tmp_path / "left.db"
    if form == FIRST:
        make_first(path, KEY)
    replica = Replica(path, KEY)
    _note(replica, "in the log")
    for tail in ("", "-wal"):
        shutil.copy(f"{path}{tail}", f"{left}{tail}")
    replica.close()
    with left.open("r+b") as file:
        file.seek(512)
        file.write(bytes(512))
    assert cipher.form_of(left, KEY) == form
    opened = Replica(left, KEY)
    assert _noted(opened) == "in the log"
    opened.close()


@pytest.mark.parametrize("form", [PRESENT, FIRST])
def test_every_page_is_sealed(tmp_path: Path, form: Form) -> None:
    """A byte that changed is found by the check."""
    path = tmp_path / "r.db"
    if form == FIRST:
        make_first(path, KEY)
    replica = Replica(path, KEY)
    replica.check_integrity()
    replica.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 100)
        file.write(b"?")
    with pytest.raises(UnavailableError, match="replica_damaged"), closing(Replica(path, KEY)) as opened:
        opened.check_integrity()
