"""A replica's key, kept by the server and given back."""

import base64
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.errors import RefusedError
from domain.wire.identity import ReplicaKey, SignedIn
from sync_server.api.sealing import SECRET_FILE, Sealer, server_secret
from sync_server.store import tables as t
from tests.sync_server.api.house import House, heard, refused

KEY = base64.b64encode(bytes(range(32))).decode()


def _path(session: SignedIn) -> str:
    return f"/devices/{session.device.id}/key"


def test_kept_key_comes_back_after_signing_in_again(house: House) -> None:
    """A person who lost the keyring gets the key of the same device back."""
    session = house.sign_in()
    assert not session.key_kept
    heard(house.put(_path(session), ReplicaKey(key=KEY), session.tokens.access_token), dict)
    again = house.sign_in(device=session.device.id)
    assert again.key_kept
    assert heard(house.get(_path(again), again.tokens.access_token), ReplicaKey).key == KEY


def test_key_is_for_its_own_device_and_person(house: House) -> None:
    """Nobody else's token opens it, nor the same person's other device."""
    session, other, ben = house.sign_in(), house.sign_in(), house.sign_in("ben")
    house.put(_path(session), ReplicaKey(key=KEY), session.tokens.access_token)
    for stranger in (other, ben):
        assert refused(house.get(_path(session), stranger.tokens.access_token)).code == "wrong_device"
    assert refused(house.get(_path(other), other.tokens.access_token)).code == "no_key_kept"


def test_key_is_sealed_at_rest(house: House) -> None:
    """The database alone doesn't hold the key, only its sealed form."""
    session = house.sign_in()
    house.put(_path(session), ReplicaKey(key=KEY), session.tokens.access_token)
    with house.services.store.read() as conn:
        sealed = conn.execute(select(t.replica_key.c.sealed)).scalar_one()
    assert base64.b64decode(KEY) not in base64.b64decode(sealed)


@pytest.mark.parametrize("key", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_what_is_no_key_is_refused(house: House, key: str) -> None:
    """Only 32 bytes in base64 are a key."""
    session = house.sign_in()
    problem = refused(house.put(_path(session), ReplicaKey(key=key), session.tokens.access_token))
    assert (problem.code, problem.status) == ("bad_key", 400)


def test_sealed_key_opens_only_with_the_same_secret_device_and_person() -> None:
    """A seal is bound to the server and to what it was made for."""
    sealer = Sealer(bytes(32))
    sealed = sealer.seal(KEY, device="d", person="p")
    assert sealer.open(sealed, device="d", person="p") == KEY
    for other, device, person in ((Sealer(b"x" * 32), "d", "p"), (sealer, "e", "p"), (sealer, "d", "q")):
        with pytest.raises(RefusedError, match="key_unreadable"):
            other.open(sealed, device=device, person=person)


def test_secret_is_made_once_and_for_the_server_alone(tmp_path: Path) -> None:
    """The file is made at the first start, readable by its owner only, and used ever after."""
    first = server_secret(tmp_path / "new")
    assert server_secret(tmp_path / "new") == first
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "new" / SECRET_FILE).stat().st_mode) == 0o600


def test_damaged_secret_stops_the_server(tmp_path: Path) -> None:
    """A secret cut short is told, never replaced: the sealed keys would be lost."""
    (tmp_path / SECRET_FILE).write_bytes(b"short")
    with pytest.raises(RefusedError, match="secret_damaged"):
        server_secret(tmp_path)
