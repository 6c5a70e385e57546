"""Where files go, and that they are whole."""

import os
import stat
from pathlib import Path

import pytest

from desktop.paths import Places, home_folder, write_whole
from domain.errors import UnavailableError


def test_the_home_is_what_was_asked_for(tmp_path: Path) -> None:
    """``GONGDAN_HOME`` wins; else the system's place for files that stay on the machine."""
    assert home_folder({"GONGDAN_HOME": str(tmp_path)}) == tmp_path
    found = home_folder({"XDG_DATA_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)})
    assert found.name.lower() == "gongdan"


def test_people_have_folders_of_their_own(tmp_path: Path) -> None:
    """By server and person, under names that say nothing and stay short."""
    places = Places(tmp_path)
    folders = {
        places.person(server, person) for server in ("https://a", "https://b") for person in ("p", "q")
    }
    assert len(folders) == 4
    assert all(len(folder.name) == 16 for folder in folders)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in another way")
def test_nobody_else_can_read(tmp_path: Path) -> None:
    """Folders and files are for this login alone."""
    places = Places(tmp_path / "home")
    places.prepare()
    write_whole(places.home / "file", b"x")
    assert stat.S_IMODE((places.home / "file").stat().st_mode) == 0o600
    assert stat.S_IMODE(places.people.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The error says which."""
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(UnavailableError, match="folder_unwritable"):
        Places(tmp_path / "home").prepare()


def test_a_scanner_that_holds_a_file_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice refused, the third time written; the old content stays until then."""
    file = tmp_path / "file"
    write_whole(file, b"old")
    replace = Path.replace
    refusals: list[bytes] = []

    def held(self: Path, target: Path) -> Path:
        if len(refusals) < 2:
            refusals.append(file.read_bytes())
            raise PermissionError
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    write_whole(file, b"new")
    assert refusals == [b"old", b"old"]
    assert file.read_bytes() == b"new"
