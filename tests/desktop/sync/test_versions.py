"""A program and a server of different versions: nothing is lost, and the person is told what to do."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from desktop.sync.worker import SyncWorker
from domain.wire.protocol import OLDEST_PROTOCOL, PROTOCOL
from resources import i18n
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

Make = Callable[..., Desktop]
SPEAKS = ("desktop.sync.exchange.PROTOCOL", "desktop.replica.outbox.PROTOCOL")


def speak(monkeypatch: pytest.MonkeyPatch, protocol: int) -> None:
    """The program is of another version."""
    for name in SPEAKS:
        monkeypatch.setattr(name, protocol)


def numbered(office: Office, id: str) -> bool:
    """Whether the server has taken a ticket."""
    return bool(office.rows(select(t.ticket.c.id).where(t.ticket.c.id == id)))


def test_a_program_too_old_freezes_and_keeps_its_outbox(
    office: Office, desktop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more is sent or asked; after the upgrade everything goes out, in its order."""
    amy = desktop(office.address, "amy")
    amy.settle()
    speak(monkeypatch, OLDEST_PROTOCOL - 1)
    first, second = amy.create("First"), amy.create("Second")
    did = amy.did()
    assert amy.engine.paused == "protocol_too_old"
    assert "pushed" not in did
    assert amy.standing().unsent == 2
    assert amy.did() == ["waited"]
    third = amy.create("Written while it waits")
    assert amy.ticket(third) is not None
    assert amy.signed_on.vault.exists
    amy.close()
    speak(monkeypatch, PROTOCOL)
    amy.sign_in()
    amy.settle()
    assert amy.standing().unsent == 0
    assert all(numbered(office, id) for id in (first, second, third))


def test_the_person_is_told_to_upgrade(
    office: Office, desktop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state that the status bar shows says so, and there are words for it in both languages."""
    amy = desktop(office.address, "amy")
    amy.settle()
    speak(monkeypatch, OLDEST_PROTOCOL - 1)
    worker = SyncWorker(
        amy.engine,
        clock=amy.clock,
        time=amy.signed_on.time,
        changed=lambda _: None,
        state_changed=lambda _: None,
    )
    amy.engine.poke()
    worker._turn()
    assert worker.state.paused == "protocol_too_old"
    assert worker.state.offline
    for language in i18n.LANGUAGES:
        words = i18n.load(language)
        assert words["error.protocol_too_old"]
        assert words["main.paused.protocol_too_old"]


def test_a_program_too_new_waits_for_the_server(
    office: Office, desktop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps its outbox and asks again, slowly; once the server was upgraded it goes on by itself."""
    amy = desktop(office.address, "amy")
    amy.settle()
    speak(monkeypatch, PROTOCOL + 1)
    id = amy.create("Ahead of its time")
    amy.settle()
    assert amy.engine.paused == ""
    assert amy.engine.trouble == "protocol_too_new"
    assert amy.standing().unsent == 1
    assert amy.standing().attention == 0
    assert not amy.engine.suspicion.in_doubt
    speak(monkeypatch, PROTOCOL)
    amy.engine.try_now()
    amy.settle()
    assert amy.standing().unsent == 0
    assert numbered(office, id)


@pytest.mark.parametrize("protocol", range(OLDEST_PROTOCOL, PROTOCOL + 1))
def test_every_version_in_between_is_understood(
    office: Office, desktop: Make, monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    """This one and the one before."""
    speak(monkeypatch, protocol)
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Said plainly")
    amy.settle()
    assert numbered(office, id)
