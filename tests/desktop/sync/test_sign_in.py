"""Signing in: online, offline, after a change of password, with a damaged, newer or locked replica."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from desktop.clock import SystemClock
from desktop.credentials import KEY_FILE
from desktop.paths import Places
from desktop.replica import meta, schema
from desktop.sync.asked import Asked
from desktop.sync.sign_in import SignInDesk
from desktop.sync.signed_on import REPLICA_FILE
from domain.errors import InvalidInputError, RefusedError, UnavailableError
from sync_server.access.passwords import Passwords
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office, password

Make = Callable[..., Desktop]
NEW = "an entirely new password"


def change_password(office: Office, login: str) -> None:
    """As an operator would."""
    hashed = Passwords(time_cost=1, memory_kib=1024).hash(NEW)
    office.change(update(t.person).where(t.person.c.login == login).values(password_hash=hashed))


def test_offline_the_replica_opens_by_its_password(office: Office, desktop: Make) -> None:
    """With the server away a person with a replica here works on; a wrong password does not open it."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Seen offline")
    amy.close()
    office.shut()
    try:
        with pytest.raises(RefusedError, match="wrong_password"):
            amy.sign_in("not the password")
        signed_on = amy.sign_in()
        assert not signed_on.online
        assert [code for code, _ in signed_on.hints] == ["offline"]
        assert amy.ticket(id) is not None
    finally:
        office.open()
    amy.settle()
    assert office.rows(select(t.ticket.c.id).where(t.ticket.c.id == id))


def test_without_a_replica_the_first_sign_in_needs_the_server(tmp_path: Path) -> None:
    """Who was never here can't sign in offline, and is told so."""
    with pytest.raises(UnavailableError, match="no_replica_here"):
        Desktop(tmp_path / "home", "http://127.0.0.1:9", "amy")


def test_a_wrong_password_is_refused_and_locks(office: Office, desktop: Make, tmp_path: Path) -> None:
    """The server's word counts while it can be reached, also where the replica would open."""
    amy = desktop(office.address, "amy")
    amy.close()
    codes = []
    for _ in range(office.settings.sign_in_attempts):
        with pytest.raises(RefusedError) as caught:
            amy.sign_in("not the password")
        codes.append(caught.value.code)
    assert codes == ["wrong_password"] * (len(codes) - 1) + ["locked_out"]
    with pytest.raises(RefusedError, match="locked_out"):
        amy.sign_in()


@pytest.mark.parametrize("missing", ["login", "password"])
def test_nothing_is_asked_without_login_and_password(tmp_path: Path, missing: str) -> None:
    """What is missing is said at once."""
    given = {"server": "http://127.0.0.1:9", "login": "amy", "password": "x"} | {missing: ""}
    desk = SignInDesk(Places(tmp_path), keyring=None, clock=SystemClock())
    with pytest.raises(InvalidInputError, match="login_missing"):
        desk.sign_in(Asked(**given))


def test_after_a_change_of_password_the_server_gives_the_key_back(office: Office, desktop: Make) -> None:
    """The new password opens the same replica with its outbox, online and from then on offline too."""
    amy = desktop(office.address, "amy")
    assert "kept_key" in amy.did()
    id = amy.create("Unsent while the password was changed")
    amy.close()
    change_password(office, "amy")
    amy.sign_in(NEW)
    assert amy.ticket(id) is not None
    amy.close()
    office.shut()
    try:
        amy.sign_in(NEW)
        assert amy.standing().unsent == 1
        amy.close()
        with pytest.raises(RefusedError, match="wrong_password"):
            amy.sign_in()
    finally:
        office.open()


def test_where_the_server_keeps_no_key_the_password_from_before_helps(office: Office, desktop: Make) -> None:
    """Nothing is thrown away: the person is asked for the old password too."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Locked away")
    amy.close()
    change_password(office, "amy")
    office.change(t.replica_key.delete())
    with pytest.raises(RefusedError, match="replica_locked_away"):
        amy.sign_in(NEW)
    asked = Asked(server=office.address, login="amy", password=NEW, old_password=password("amy"))
    signed_on = amy.desk.sign_in(asked)
    signed_on.replica.close()
    amy.sign_in(NEW)
    assert amy.ticket(id) is not None


def test_a_lost_key_file_is_given_back(office: Office, desktop: Make) -> None:
    """The wrapped key is gone, the replica is not: online it opens again, offline the server is needed."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Still here")
    amy.close()
    (amy.signed_on.folder / KEY_FILE).unlink()
    office.shut()
    try:
        with pytest.raises(UnavailableError, match="server_needed"):
            amy.sign_in()
    finally:
        office.open()
    amy.sign_in()
    assert amy.ticket(id) is not None


def test_several_people_share_one_home(office: Office, desktop: Make) -> None:
    """One folder for each; one person's password opens nobody else's replica."""
    amy, ben = desktop(office.address, "amy", home="shared"), desktop(office.address, "ben", home="shared")
    assert amy.signed_on.folder != ben.signed_on.folder
    assert {one.person.login for one in amy.desk.people()} == {"amy", "ben"}
    amy.settle()
    ben.settle()
    amy.create("At e1", org="e1")
    amy.settle()
    ben.settle()
    assert (amy.subjects(), ben.subjects()) == (["At e1"], [])


@pytest.mark.parametrize("torn", ["first page", "a page within"])
def test_a_damaged_replica_is_rebuilt(office: Office, desktop: Make, torn: str) -> None:
    """The damaged file is kept, what is unsent is saved where it can be read, the rest comes again."""
    amy = desktop(office.address, "amy")
    amy.settle()
    sent = [amy.create(f"Sent {number}") for number in range(40)]
    amy.settle()
    unsent = amy.create("Unsent")
    _tear(amy, torn)
    signed_on = amy.sign_in()
    hints = dict(signed_on.hints)
    assert "replica_rebuilt" in hints
    assert list(signed_on.folder.glob(f"{REPLICA_FILE}.damaged-*"))
    amy.settle()
    assert all(amy.ticket(id) for id in sent)
    if torn == "a page within":
        assert hints["replica_rebuilt"]["commands"] == 1
        assert amy.ticket(unsent) is not None
        assert office.rows(select(t.ticket.c.id).where(t.ticket.c.id == unsent))


def _tear(amy: Desktop, what: str) -> None:
    """End without closing properly, and damage the file as a failing disk would."""
    file = amy.signed_on.folder / REPLICA_FILE
    amy.replica.truncate_wal()
    with amy.replica.read() as conn:
        page = conn.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'entry'").scalar_one()
    copied = file.with_name("copied")
    shutil.copy(file, copied)
    amy.close()
    raw = bytearray(copied.read_bytes())
    at = 0 if what == "first page" else (page - 1) * 4096
    raw[at + 100 : at + 300] = b"\xff" * 200
    file.write_bytes(raw)
    # What an unclean end leaves behind: the file is checked when it is opened next.
    file.with_name(f"{REPLICA_FILE}-wal").write_bytes(b"")
    copied.unlink()


def test_a_replica_of_a_newer_program_is_left_alone(office: Office, desktop: Make) -> None:
    """It is refused with its reason and nothing in it is touched."""
    amy = desktop(office.address, "amy")
    with amy.replica.write() as conn:
        schema.stamp(conn, schema.VERSION + 1)
    amy.close()
    before = (amy.signed_on.folder / REPLICA_FILE).read_bytes()
    with pytest.raises(RefusedError, match="replica_too_new"):
        amy.sign_in()
    assert (amy.signed_on.folder / REPLICA_FILE).read_bytes() == before


def test_a_device_the_server_forgot_becomes_a_new_one(office: Office, desktop: Make) -> None:
    """After a restore that lost the device, signing in registers another and keeps the outbox."""
    amy = desktop(office.address, "amy")
    amy.settle()
    with amy.replica.read() as conn:
        device = meta.get(conn, "device")
    id = amy.create("Unsent")
    amy.close()
    office.change(t.token.delete())
    office.change(t.replica_key.delete())
    office.change(t.device.delete().where(t.device.c.id == device))
    amy.sign_in()
    amy.settle()
    with amy.replica.read() as conn:
        assert meta.get(conn, "device") != device
    assert office.rows(select(t.ticket.c.id).where(t.ticket.c.id == id))


def test_a_home_that_cannot_be_written_is_named(office: Office, tmp_path: Path) -> None:
    """A folder in the way of ours is told, not a traceback."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "people").write_text("a file where a folder should be")
    with pytest.raises(UnavailableError, match="folder_unwritable"):
        Desktop(tmp_path / "home", office.address, "amy")
