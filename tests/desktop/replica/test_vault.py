"""Attachments' bytes on disk: sealed part by part, whole or not there."""

import hashlib
from pathlib import Path

import pytest

from desktop.replica.vault import Vault
from domain.errors import RefusedError
from domain.wire.attachments import CHUNK

KEY = bytes(range(32))
CONTENT = b"the till is broken " * 70_000
SIZE = len(CONTENT)
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault in a folder that is not there yet."""
    return Vault(tmp_path / "attachments", KEY)


def _only_file(vault: Vault) -> Path:
    (file,) = vault.folder.iterdir()
    return file


def test_content_comes_back_as_it_was(vault: Vault) -> None:
    """What is kept is read whole or by its parts."""
    assert vault.add(CONTENT) == HASH
    assert b"".join(vault.read(HASH, SIZE)) == CONTENT
    assert vault.part(HASH, SIZE, CHUNK) == CONTENT[CHUNK:]


def test_disk_tells_nothing(vault: Vault) -> None:
    """Neither content nor its hash can be read off the folder without the key."""
    vault.add(CONTENT)
    file = _only_file(vault)
    assert b"the till is broken" not in file.read_bytes()
    assert not HASH.startswith(file.name[:8])
    other = Vault(vault.folder, bytes(32))
    assert not other.holds(HASH)


def test_other_key_opens_nothing(vault: Vault) -> None:
    """A file under the right name, sealed with another key, is refused."""
    vault.add(CONTENT)
    other = Vault(vault.folder, bytes(32))
    _only_file(vault).rename(vault.folder / other.name(HASH))
    with pytest.raises(RefusedError, match="attachment_gone"):
        other.part(HASH, SIZE, 0)


def test_parts_keep_their_place(vault: Vault) -> None:
    """Parts that were exchanged, cut off or changed are noticed."""
    vault.add(CONTENT)
    file = _only_file(vault)
    raw = file.read_bytes()
    cell = CHUNK + 28
    file.write_bytes(raw[cell:] + raw[:cell])
    with pytest.raises(RefusedError, match="attachment_gone"):
        vault.part(HASH, SIZE, 0)
    file.write_bytes(raw[:-1])
    with pytest.raises(RefusedError, match="attachment_gone"):
        vault.part(HASH, SIZE, CHUNK)


def test_fetching_goes_on_at_the_part_it_was_at(vault: Vault) -> None:
    """What is fetched is not there before it is whole, and a torn end is fetched again."""
    vault.append(HASH, SIZE, 0, CONTENT[:CHUNK])
    assert (vault.holds(HASH), vault.fetched(HASH, SIZE)) == (False, CHUNK)
    with _only_file(vault).open("ab") as torn:
        torn.write(b"half a part")
    assert vault.fetched(HASH, SIZE) == CHUNK
    vault.append(HASH, SIZE, CHUNK, CONTENT[CHUNK:])
    assert vault.complete(HASH, SIZE)
    assert b"".join(vault.read(HASH, SIZE)) == CONTENT


def test_wrong_content_is_thrown_away(vault: Vault) -> None:
    """What was fetched and is not what the hash says is kept nowhere."""
    vault.append(HASH, SIZE, 0, CONTENT[:CHUNK])
    vault.append(HASH, SIZE, CHUNK, bytes(SIZE - CHUNK))
    assert not vault.complete(HASH, SIZE)
    assert list(vault.folder.iterdir()) == []


def test_sweep_keeps_what_is_named(vault: Vault) -> None:
    """Files nobody names go, begun ones among them."""
    vault.add(CONTENT)
    vault.add(b"stray")
    vault.append("ab" * 32, 10, 0, b"0123456789")
    assert vault.sweep([HASH]) == 2
    assert vault.holds(HASH)


def test_dropped_content_is_gone(vault: Vault) -> None:
    """Dropping deletes the file; dropping what is not there is fine."""
    vault.add(CONTENT)
    vault.drop(HASH)
    vault.drop(HASH)
    with pytest.raises(RefusedError, match="attachment_gone"):
        next(vault.read(HASH, SIZE))
