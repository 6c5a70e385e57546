"""Tickets written past the lease: sealed so that here nobody reads them back."""

import os
from pathlib import Path

from desktop.sealed import SealedBox, overwrite

KEY, OTHER = bytes(range(32)), bytes(32)
TEXT = "陈女士说草莓坏了".encode()


def box(folder: Path) -> SealedBox:
    """A box that is ready."""
    made = SealedBox(folder)
    made.prepare(KEY, b"forms")
    return made


def test_only_the_replicas_key_opens_it(tmp_path: Path) -> None:
    """Nothing that stands in the folder does, and neither the text nor the key stands there."""
    made = box(tmp_path)
    made.seal("a", TEXT)
    made.seal("b", b"second")
    assert made.count() == 2
    assert [content for _, content in made.opened(KEY)] == [TEXT, b"second"]
    assert made.opened(OTHER) == []
    for file in made.folder.iterdir():
        assert TEXT not in file.read_bytes()
        assert KEY not in file.read_bytes()


def test_what_was_meddled_with_stays_and_stops_nobody(tmp_path: Path) -> None:
    """A torn file is left where it is; the others open."""
    made = box(tmp_path)
    made.seal("a", TEXT)
    made.seal("b", b"second")
    torn = made.folder / "a.sealed"
    torn.write_bytes(torn.read_bytes()[:-1])
    assert [content for _, content in made.opened(KEY)] == [b"second"]
    assert torn.exists()


def test_two_of_the_same_do_not_look_alike(tmp_path: Path) -> None:
    """Each is sealed with a key of its own."""
    made = box(tmp_path)
    made.seal("a", TEXT)
    made.seal("b", TEXT)
    one, other = ((made.folder / f"{name}.sealed").read_bytes() for name in "ab")
    assert one[:32] != other[:32]
    assert one[32:] != other[32:]


def test_it_is_ready_once_the_forms_are_there(tmp_path: Path) -> None:
    """Without them nothing could be filled in; numbers go on over restarts."""
    empty = SealedBox(tmp_path)
    assert not empty.ready
    assert empty.forms() == b""
    assert box(tmp_path).ready
    assert empty.forms() == b"forms"
    assert [SealedBox(tmp_path).next_count() for _ in range(3)] == [1, 2, 3]


def test_scratch_files_are_overwritten_and_gone(tmp_path: Path) -> None:
    """Nothing is left of them, and a folder that is not there is no trouble."""
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "replica.db").write_bytes(os.urandom(100))
    overwrite(tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []
    overwrite(tmp_path / "none")
