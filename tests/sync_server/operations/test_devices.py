"""Devices from the command line: revoked, stolen, restored, unlocked by telephone; people who leave."""

from pathlib import Path

import pytest
from sqlalchemy import select, text

from domain.errors import InvalidInputError, RefusedError
from domain.rules.unlocking import Challenge, Unlocked, check_code, write_challenge
from domain.wire.identity import DeviceName
from sync_server.access import devices as stored
from sync_server.access import tokens
from sync_server.access.tokens import Caller, Lifetimes
from sync_server.api.sealing import Sealer, server_secret
from sync_server.clock import SystemClock, SystemIds
from sync_server.operations import devices
from sync_server.operations.backup import back_up
from sync_server.operations.restore import Restored, restore
from sync_server.operations.revocations import LEDGER_FILE
from sync_server.operations.tools import Tools
from sync_server.store import dump
from sync_server.store import tables as t
from sync_server.store.people_writer import activity, people_by_login


def session(tools: Tools, login: str) -> tuple[str, str, str]:
    """A device of a person: its id, its code, an access token."""
    with tools.store.write() as conn:
        person = people_by_login(conn)[login]
        device = stored.known_or_new(conn, tools.ids, person=person, wanted=DeviceName(), now=0)
        lifetimes = Lifetimes(access_s=10**9, refresh_s=10**9)
        issued = tokens.issue(conn, Caller(person=person, device=device.id), lifetimes, now=tools.clock.now())
        conn.commit()
    return device.id, device.code, issued.access_token


def refusal(tools: Tools, token: str, *, leaving: bool = False) -> str:
    """Why a token is refused; empty where it works."""
    with tools.store.read() as conn:
        try:
            tokens.authenticate(conn, token, now=tools.clock.now(), leaving=leaving)
        except RefusedError as error:
            return error.code
    return ""


def states(tools: Tools, login: str = "") -> list[str]:
    """The states of devices as they are listed."""
    return [row["state"] for row in devices.listed(tools, login)]


def actions(tools: Tools) -> list[str]:
    """What the audit says was done to devices."""
    query = select(t.audit.c.action).where(t.audit.c.action.startswith("device_"))
    with tools.store.read() as conn:
        return list(conn.execute(query.order_by(t.audit.c.at, t.audit.c.id)).scalars())


def secret(tools: Tools, device: str) -> bytes:
    """What the device was told at sign-in."""
    return Sealer(server_secret(tools.settings.folder)).device_secret(device)


def test_a_revoked_device_is_out_by_its_code(sample: Tools) -> None:
    """A device is found by the code people read out; its tokens are good for a last push only."""
    _, code, token = session(sample, "lina")
    assert [row["code"] for row in devices.listed(sample, "lina")] == [code]
    devices.revoke(sample, code)
    assert refusal(sample, token) == "device_revoked"
    assert refusal(sample, token, leaving=True) == ""
    assert states(sample) == ["revoked"]
    with pytest.raises(InvalidInputError, match="unknown_device"):
        devices.revoke(sample, "none")


def test_a_stolen_device_is_out_until_it_is_restored(sample: Tools) -> None:
    """And every step stands in the audit."""
    _, code, token = session(sample, "lina")
    devices.revoke(sample, code, stolen=True)
    assert refusal(sample, token, leaving=True) == "device_revoked"
    assert states(sample) == ["stolen"]
    devices.restore(sample, code)
    assert states(sample) == ["in use"]
    assert refusal(sample, token) == "token_unknown"
    assert actions(sample) == ["device_stolen", "device_restored"]


def test_a_code_opens_the_device_that_asked(sample: Tools) -> None:
    """By the challenge it shows or by its name; each code once, and none for another device."""
    id, code, _ = session(sample, "lina")
    other, _, _ = session(sample, "lina")
    shown = write_challenge(Challenge(device=code, counter=4))
    first = devices.unlock(sample, shown, days=3)
    second = devices.unlock(sample, code.lower(), days=9)
    assert (first.login, first.device, first.days) == ("lina", code, 3)
    own = secret(sample, id)
    assert check_code(own, first.code, counter=4) == Unlocked(days=3, next_counter=5)
    assert check_code(own, second.code, counter=5) == Unlocked(days=9, next_counter=6)
    assert check_code(own, first.code, counter=5) is None
    assert check_code(secret(sample, other), second.code, counter=0) is None
    assert actions(sample) == ["device_unlocked", "device_unlocked"]


def test_no_code_for_who_may_not_read(sample: Tools) -> None:
    """A revoked device, one nobody knows, a challenge misheard, too many days."""
    _, code, _ = session(sample, "lina")
    for asked, days, why in (
        ("NONE-2222", 3, "challenge_mistyped"),
        (write_challenge(Challenge(device="ZZZZ", counter=0)), 3, "unknown_device"),
        (code, 99, "unlock_days"),
    ):
        with pytest.raises(InvalidInputError, match=why):
            devices.unlock(sample, asked, days=days)
    devices.revoke(sample, code)
    with pytest.raises(RefusedError, match="device_revoked"):
        devices.unlock(sample, code, days=3)


def test_who_leaves_takes_no_device_along(sample: Tools) -> None:
    """All their devices are revoked, nobody else's; being back restores none of them."""
    _, code, token = session(sample, "lina")
    session(sample, "lina")
    session(sample, "wuhao")
    assert devices.deactivate(sample, "lina") == 2
    assert states(sample, "lina") == ["revoked", "revoked"]
    assert states(sample, "wuhao") == ["in use"]
    assert refusal(sample, token) == "device_revoked"
    devices.activate(sample, "lina")
    assert refusal(sample, token) == "device_revoked"
    devices.restore(sample, code)
    assert states(sample, "lina").count("in use") == 1


def put_back(tools: Tools, file: Path) -> Restored:
    """Restore a backup over the tools' database."""
    words = dump.epoch_of(tools.store.engine)[:8]
    tools.store.close()
    return restore(tools.settings, file, at=SystemClock().now(), ids=SystemIds(), replace=words)


@pytest.mark.parametrize("file_lost", [True, False])
def test_what_was_taken_away_stays_so_over_a_restore(sample: Tools, tmp_path: Path, file_lost: bool) -> None:
    """A stolen device, and who left: by the replaced database, or else by the file beside the secret."""
    _, stolen, token = session(sample, "lina")
    _, _, gone = session(sample, "wuhao")
    _, again, _ = session(sample, "lina")
    backup = back_up(sample, tmp_path / "before.gdbackup")
    devices.revoke(sample, stolen, stolen=True)
    devices.deactivate(sample, "wuhao")
    devices.revoke(sample, again)
    devices.restore(sample, again)
    if file_lost:
        (sample.settings.folder / LEDGER_FILE).unlink()
    else:
        forget(sample)
    assert put_back(sample, backup).revoked == 2
    assert refusal(sample, token, leaving=True) == "device_revoked"
    assert refusal(sample, gone) == "device_revoked"
    assert sorted(states(sample)) == ["in use", "revoked", "stolen"]
    with sample.store.read() as conn:
        inactive = [person for person, active in activity(conn).items() if not active]
        assert inactive == [people_by_login(conn)["wuhao"]]
    assert put_back(sample, backup).revoked == 2


def forget(tools: Tools) -> None:
    """Let the database look as one that can't be read: its tables are of no known version."""
    with tools.store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        conn.commit()
