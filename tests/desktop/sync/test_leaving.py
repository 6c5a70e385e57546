"""A device that was revoked: its last push, the proof, and the key that goes; against a real server."""

import shutil
from collections.abc import Callable

import pytest
from sqlalchemy import select

from desktop.replica import meta
from desktop.sync.transport import Transport
from domain.errors import RefusedError, UnavailableError
from domain.wire.sync import PullAnswer, PullRequest, PushAnswer, PushRequest
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

Make = Callable[..., Desktop]


def device_of(desktop: Desktop) -> str:
    """The id it is registered under."""
    with desktop.replica.read() as conn:
        return meta.get(conn, "device")


def numbered(office: Office, *ids: str) -> list[str | None]:
    """The official numbers of tickets, as far as the server knows them."""
    found = dict(map(tuple, office.rows(select(t.ticket.c.id, t.ticket.c.number))))
    return [found.get(id) for id in ids]


def test_a_revoked_device_brings_what_it_has_and_goes(office: Office, desktop: Make) -> None:
    """Everything unsent arrives, nothing more is read, and then it is over."""
    amy, max_ = desktop(office.address, "amy"), desktop(office.address, "max")
    amy.settle()
    ids = [amy.create(f"Unsent {number}") for number in range(60)]
    office.revoke(device_of(amy))
    max_.settle()
    after = max_.create("Not for amy any more")
    max_.settle()
    did = amy.did()
    assert amy.engine.paused == "device_revoked"
    assert did.count("pushed") >= 2
    assert "pulled" not in did
    assert all(numbered(office, *ids))
    assert amy.ticket(after) is None
    assert amy.standing().unsent == 0


def test_a_copy_that_became_a_device_of_its_own_believes_its_revocation(
    office: Office, desktop: Make
) -> None:
    """It signs in under its new name, and got the secret by which it knows the server's word."""
    amy = desktop(office.address, "amy")
    amy.settle()
    amy.create("Both want this push number")
    amy.close()
    shutil.copytree(amy.home, amy.home.with_name("copy"))
    copy = Desktop(amy.home.with_name("copy"), office.address, "amy")
    amy.sign_in()
    amy.settle()
    copy.create("Written on the copy")
    for _ in range(9):
        copy.clock.skipped_ms += copy.settle()[-1].wait_ms  # type: ignore[attr-defined]
    device = device_of(copy)
    assert device != device_of(amy)
    copy.close()
    copy.sign_in()
    copy.settle()
    assert device_of(copy) == device
    with copy.replica.read() as conn:
        assert copy.desk.lock(copy.signed_on).code == meta.get(conn, "replica_code")
    office.revoke(device_of(copy))
    for _ in range(3):
        copy.clock.skipped_ms += copy.settle()[-1].wait_ms  # type: ignore[attr-defined]
    assert copy.engine.paused == "device_revoked"
    copy.close()


def test_one_bad_command_keeps_nothing_else_from_leaving(office: Office, desktop: Make) -> None:
    """The server chokes on one: the batch is halved without any page, all others arrive, and then it is over."""
    amy = desktop(office.address, "amy")
    amy.settle()
    ids = [amy.create(f"Unsent {number}") for number in range(5)]
    transport: Transport = amy.engine._exchange._transport
    push = transport.push

    def choking(request: PushRequest) -> PushAnswer:
        if any(command.ticket_id == ids[2] for command in request.commands):
            raise UnavailableError("server_error")
        return push(request)

    transport.push = choking  # type: ignore[method-assign]
    office.revoke(device_of(amy))
    for _ in range(60):
        for step in amy.settle():
            amy.clock.skipped_ms += step.wait_ms  # type: ignore[attr-defined]
        if amy.engine.paused:
            break
    assert amy.engine.paused == "device_revoked"
    assert [bool(number) for number in numbered(office, *ids)] == [True, True, False, True, True]
    assert amy.states().count("attention") == 1


def test_a_stolen_device_brings_nothing(office: Office, desktop: Make) -> None:
    """The first word of the server is the last."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Never to be seen")
    office.revoke(device_of(amy), stolen=True)
    amy.settle()
    assert amy.engine.paused == "device_stolen"
    assert numbered(office, id) == [None]
    amy.replica.close()
    assert amy.desk.lock_away(office.address, "amy", stolen=True)
    assert not amy.signed_on.vault.exists


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"stolen": True},
        {"stolen": True, "proof": "0" * 64},
        {"last_push": False, "proof": "none"},
    ],
)
def test_a_word_without_proof_is_not_believed(office: Office, desktop: Make, told: dict[str, object]) -> None:
    """Whatever stands between: the device takes it for a stranger, and goes on once it is gone."""
    amy = desktop(office.address, "amy")
    amy.settle()
    amy.create("Unsent")
    transport: Transport = amy.engine._exchange._transport
    pull, push = transport.pull, transport.push

    def stranger(request: PullRequest) -> PullAnswer:
        raise RefusedError("device_revoked", device=request.device, **told)

    transport.pull = transport.push = stranger  # type: ignore[method-assign, assignment]
    amy.engine.poke()
    assert amy.step().error in ("device_revoked", "not_our_server")
    assert amy.engine.paused == ""
    assert amy.engine.trouble == "not_our_server"
    assert amy.signed_on.vault.exists
    transport.pull, transport.push = pull, push  # type: ignore[method-assign]
    amy.engine.try_now()
    amy.settle()
    assert amy.standing().unsent == 0


def test_what_was_unsent_comes_when_a_revoked_device_signs_in(office: Office, desktop: Make) -> None:
    """It was revoked while it was off: signing in brings the outbox, and the key is gone."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Written at home")
    device = device_of(amy)
    amy.close()
    office.revoke(device)
    with pytest.raises(RefusedError, match="device_revoked"):
        amy.sign_in()
    assert all(numbered(office, id))
    assert not amy.signed_on.vault.exists
    with pytest.raises(RefusedError, match="device_revoked"):
        amy.sign_in()


def test_a_wrong_password_neither_sends_nor_destroys(office: Office, desktop: Make) -> None:
    """Who doesn't know the password can't have a colleague's key destroyed."""
    amy = desktop(office.address, "amy")
    amy.settle()
    device = device_of(amy)
    amy.close()
    office.revoke(device)
    with pytest.raises(RefusedError, match="wrong_password"):
        amy.sign_in("not the password")
    assert amy.signed_on.vault.exists


def test_a_stolen_device_destroys_its_key_at_sign_in(office: Office, desktop: Make) -> None:
    """At once, whatever was unsent."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Left in a taxi")
    device = device_of(amy)
    amy.close()
    office.revoke(device, stolen=True)
    with pytest.raises(RefusedError, match="device_revoked"):
        amy.sign_in()
    assert numbered(office, id) == [None]
    assert not amy.signed_on.vault.exists


def test_a_restored_device_gets_its_key_and_its_work_back(office: Office, desktop: Make) -> None:
    """The server kept the key: what needed attention is there again."""
    amy = desktop(office.address, "amy")
    assert "kept_key" in amy.did()
    id = amy.create("Before it was revoked")
    device = device_of(amy)
    amy.settle()
    amy.close()
    office.revoke(device)
    with pytest.raises(RefusedError, match="device_revoked"):
        amy.sign_in()
    office.restore(device)
    amy.sign_in()
    amy.settle()
    assert device_of(amy) == device
    assert amy.ticket(id) is not None


def test_the_network_going_down_stops_no_last_push(office: Office, desktop: Make) -> None:
    """It goes on when the server is there again; until then nothing is destroyed."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Unsent")
    office.revoke(device_of(amy))
    push = amy.engine._exchange._transport.push

    def down(request: object) -> object:
        raise UnavailableError("connection_lost")

    amy.engine._exchange._transport.push = down  # type: ignore[method-assign, assignment]
    amy.settle()
    assert amy.engine.paused == ""
    assert amy.standing().unsent == 1
    amy.engine._exchange._transport.push = push  # type: ignore[method-assign]
    amy.engine.try_now()
    amy.settle()
    assert amy.engine.paused == "device_revoked"
    assert all(numbered(office, id))
