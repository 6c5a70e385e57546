"""Several people on one login of the machine; passwords that change; profiles that are copied."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from desktop.credentials import KeyVault
from desktop.paths import Places
from desktop.replica import meta
from desktop.replica.engine import Replica
from desktop.sync.asked import Asked
from desktop.sync.sign_in import SignInDesk
from desktop.sync.signed_on import REPLICA_FILE, SignedOn, keep_key
from domain.errors import GongdanError, RefusedError, UnavailableError
from sync_server.access.passwords import Passwords
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop, ShiftedClock
from tests.desktop.sync.office import Office, password
from tests.desktop.test_credentials import Shelf

Make = Callable[..., Desktop]
NEW = "an entirely new password"


class Machine:
    """One login of a machine with its keyring; people come and go."""

    def __init__(self, home: Path, office: Office, keyring: Shelf | None = None) -> None:
        self.office, self.keyring = office, keyring or Shelf()
        self.clock = ShiftedClock()
        self.desk = SignInDesk(Places(home), keyring=self.keyring, clock=self.clock)
        self.home = home

    def enter(self, login: str, given: str = "") -> SignedOn:
        """Sign somebody in."""
        asked = Asked(server=self.office.address, login=login, password=given or password(login))
        return self.desk.sign_in(asked)


def leave(signed_on: SignedOn) -> SignedOn:
    """End a session."""
    signed_on.transport.close()
    signed_on.replica.close()
    return signed_on


def device(signed_on: SignedOn) -> str:
    """The device a replica is registered as."""
    with signed_on.replica.read() as conn:
        return meta.get(conn, "device")


def change_password(office: Office, login: str) -> None:
    """As an operator would."""
    hashed = Passwords(time_cost=1, memory_kib=1024).hash(NEW)
    office.change(update(t.person).where(t.person.c.login == login).values(password_hash=hashed))


def test_colleagues_can_not_open_each_others_replica(office: Office, tmp_path: Path) -> None:
    """Nor by putting one's key, lease or whole folder in the place of the other's."""
    machine = Machine(tmp_path / "home", office)
    amy, ben = leave(machine.enter("amy")), leave(machine.enter("ben"))
    office.shut()
    try:
        for name in ("key.json", "lease.bin"):
            kept = (ben.folder / name).read_bytes()
            (ben.folder / name).write_bytes((amy.folder / name).read_bytes())
            with pytest.raises(GongdanError):
                leave(machine.enter("ben"))
            (ben.folder / name).write_bytes(kept)
            (ben.folder / "attempts.json").unlink(missing_ok=True)
        with pytest.raises(RefusedError, match="replica_unreadable"):
            Replica(amy.folder / REPLICA_FILE, ben.key)
        leave(machine.enter("amy"))
    finally:
        office.open()


def test_people_take_turns_online_and_offline(office: Office, tmp_path: Path) -> None:
    """Each finds their own device and replica again."""
    machine = Machine(tmp_path / "home", office)
    first = {login: device(machine.enter(login)) for login in ("amy", "ben")}
    office.shut()
    try:
        for login in ("ben", "amy", "ben"):
            signed_on = machine.enter(login)
            assert (signed_on.person.login, device(signed_on)) == (login, first[login])
            leave(signed_on)
        with pytest.raises(UnavailableError, match="no_replica_here"):
            machine.enter("max")
    finally:
        office.open()


def test_offline_the_old_password_holds_until_the_next_contact(office: Office, tmp_path: Path) -> None:
    """The machine can't know of the new one; signing in online wraps the key anew."""
    machine = Machine(tmp_path / "home", office)
    signed_on = machine.enter("amy")
    keep_key(signed_on, device(signed_on))
    leave(signed_on)
    change_password(office, "amy")
    office.shut()
    try:
        leave(machine.enter("amy"))
    finally:
        office.open()
    leave(machine.enter("amy", NEW))
    office.shut()
    try:
        leave(machine.enter("amy", NEW))
        with pytest.raises(RefusedError, match="wrong_password"):
            machine.enter("amy")
    finally:
        office.open()


def test_a_forgotten_password_costs_nothing_that_was_written(office: Office, tmp_path: Path) -> None:
    """Reset by the operator, the server gives the key back; without it the old one would be needed."""
    machine = Machine(tmp_path / "home", office)
    signed_on = machine.enter("amy")
    keep_key(signed_on, device(signed_on))
    with signed_on.replica.write() as conn:
        meta.put(conn, "note", "still here")
    leave(signed_on)
    change_password(office, "amy")
    signed_on = machine.enter("amy", NEW)
    with signed_on.replica.read() as conn:
        assert meta.get(conn, "note") == "still here"
    leave(signed_on)


def test_a_lost_keyring_needs_the_server_once(office: Office, tmp_path: Path) -> None:
    """Offline nothing opens; online the key comes back and is wrapped with the new keyring."""
    machine = Machine(tmp_path / "home", office)
    signed_on = machine.enter("amy")
    keep_key(signed_on, device(signed_on))
    leave(signed_on)
    bare = Machine(machine.home, office)
    office.shut()
    try:
        with pytest.raises(UnavailableError, match="server_needed"):
            bare.enter("amy")
    finally:
        office.open()
    leave(bare.enter("amy"))
    office.shut()
    try:
        leave(bare.enter("amy"))
    finally:
        office.open()


def test_a_profile_that_roams_becomes_a_device_of_its_own(office: Office, desktop: Make) -> None:
    """The copy brings its own outbox under a new device; the first machine goes on as it was."""
    amy = desktop(office.address, "amy")
    amy.settle()
    amy.create("Unsent when the profile was copied")
    amy.close()
    shutil.copytree(amy.home, amy.home.with_name("roamed"))
    amy.sign_in()
    roamed = desktop(office.address, "amy", home="roamed")
    amy.create("On the first")
    amy.settle()
    roamed.create("On the second")
    roamed.create("On the second, too")
    for _ in range(6):
        roamed.settle()
        clock = roamed.clock
        assert isinstance(clock, ShiftedClock)
        clock.skipped_ms += 60_000
    devices = [device(one.signed_on) for one in (amy, roamed)]
    assert devices[0] != devices[1]
    assert amy.signed_on.lease.known
    assert amy.standing().unsent == roamed.standing().unsent == 0
    subjects = sorted(row[0] for row in office.rows(select(t.ticket.c.subject)))
    assert subjects == [
        "On the first",
        "On the second",
        "On the second, too",
        "Unsent when the profile was copied",
    ]


def test_a_key_destroyed_for_one_is_none_of_the_others_business(office: Office, tmp_path: Path) -> None:
    """A colleague's revoked device leaves mine as it is, on the same machine."""
    machine = Machine(tmp_path / "home", office)
    amy, ben = leave(machine.enter("amy")), machine.enter("ben")
    revoked = device(ben)
    leave(ben)
    office.revoke(revoked, stolen=True)
    with pytest.raises(RefusedError, match="device_revoked"):
        machine.enter("ben")
    assert not KeyVault(ben.folder, machine.keyring, machine.clock).exists
    assert KeyVault(amy.folder, machine.keyring, machine.clock).exists
    leave(machine.enter("amy"))
