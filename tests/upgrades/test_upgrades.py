"""What an earlier release left behind goes on in this one: its replica, its database, its messages."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from desktop.credentials import Cost, KeyVault
from desktop.paths import Places
from desktop.replica import schema, sql
from desktop.replica.engine import Replica
from desktop.sync.signed_on import IDENTITY_FILE, REPLICA_FILE, Identity
from domain.wire import codec
from domain.wire.identity import Me
from domain.wire.protocol import OLDEST_PROTOCOL
from sync_server.app import build, open_store
from sync_server.settings import Settings
from sync_server.store import migrations
from tests.desktop.sync.desktop import Desktop, ShiftedClock
from tests.desktop.sync.office import Office, password
from tests.reader import ReplicaFile, audit

RECORDED = sorted(path.parent for path in Path(__file__).parent.glob("*/recording.json"))


class Recording:
    """One release's leavings, copied to where they may be changed."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(source, folder)
        self.told: dict[str, Any] = json.loads((folder / "recording.json").read_text(encoding="utf-8"))
        lines = (folder / "messages.jsonl").read_text(encoding="utf-8").splitlines()
        self.messages: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self.key = bytes.fromhex(self.told["key"])

    def replica(self) -> Replica:
        """The replica, opened by this program."""
        return Replica(self.folder / "replica.db", self.key)

    def move_in(self, home: Path, address: str) -> None:
        """Put the replica where a person of that server has theirs, its key wrapped by their password."""
        person = self.told["person"]
        folder = Places(home).person(address, person)
        folder.mkdir(parents=True)
        shutil.copy2(self.folder / "replica.db", folder / REPLICA_FILE)
        with Replica(folder / REPLICA_FILE, self.key).read() as conn:
            code = str(sql.value(conn, "SELECT value FROM meta WHERE key = 'replica_code'"))
        me = Me(id=person, login=person, name=person, unit="e1")
        identity = Identity(server=address, person=me, device=self.told["device"], code=code)
        (folder / IDENTITY_FILE).write_bytes(codec.encode(identity))
        KeyVault(folder, None, ShiftedClock()).wrap(self.key, password(person))


class UpgradedOffice(Office):
    """This release's server over the database of an earlier one."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(folder=folder, database=f"sqlite:///{folder / 'server.sqlite3'}", port=0)
        self.store = open_store(self.settings)
        migrations.upgrade(self.store.engine)
        self.services = build(self.settings, self.store)
        self._port = 0
        self.open()


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at a small cost: these tests are about other things."""
    for name in ("WITH_SECRET", "PASSWORD_ALONE"):
        monkeypatch.setattr(f"desktop.credentials.{name}", Cost(memory_kib=64, passes=1))


@pytest.fixture(params=RECORDED, ids=lambda path: path.name)
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Recording:
    """What one earlier release left behind."""
    return Recording(request.param, tmp_path / "recorded")


@pytest.fixture
def office(recording: Recording) -> Iterator[UpgradedOffice]:
    """This server over that release's database."""
    made = UpgradedOffice(recording.folder)
    yield made
    made.close()


def test_replica_is_brought_up_with_everything_in_it(recording: Recording) -> None:
    """Tickets, bodies, commands in every state, draft and reminder are there after the upgrade, and a copy beside."""
    replica = recording.replica()
    with replica.read() as conn:
        assert schema.version(conn) == schema.VERSION
        assert sorted(sql.column(conn, "SELECT subject FROM ticket")) == recording.told["subjects"]
        bodies = sql.column(conn, "SELECT body FROM entry WHERE body IS NOT NULL")
        assert sorted(bodies) == recording.told["bodies"]
        assert sorted(sql.column(conn, "SELECT state FROM command")) == recording.told["states"]
        assert sql.column(conn, "SELECT kind FROM draft") == ["create"]
        assert sql.column(conn, "SELECT words FROM reminder") == ["call back"]
    replica.close()
    assert list(recording.folder.glob("replica.db.before-*")), "the file as it was is kept"


def test_unsent_work_of_an_older_desktop_arrives_once(
    recording: Recording, office: UpgradedOffice, tmp_path: Path
) -> None:
    """What was pending, and what was sent without an answer, is on the upgraded server once; both ends agree."""
    home = tmp_path / "home"
    recording.move_in(home, office.address)
    desktop = Desktop(home, office.address, recording.told["person"])
    try:
        desktop.settle()
        assert set(desktop.states()) == {"done"}
        assert desktop.subjects() == recording.told["subjects"]
        held = ReplicaFile(
            path=desktop.signed_on.folder / REPLICA_FILE,
            key=recording.key.hex(),
            person=recording.told["person"],
        )
    finally:
        desktop.close()
    findings = audit(recording.folder / "server.sqlite3", [held])
    assert findings.clean(), findings
    subjects = sorted(row.subject for row in office.rows(_subjects()))
    assert subjects == recording.told["subjects"]


def _subjects() -> Any:
    from sqlalchemy import select

    from sync_server.store import tables as t

    return select(t.ticket.c.subject)


@pytest.fixture
def ask(recording: Recording, office: UpgradedOffice) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Asks the server as the older desktop did: its bytes, its device."""
    login = recording.told["person"]
    device = {"id": recording.told["device"], "name": "old"}
    message = {"login": login, "password": password(login), "device": device}
    signed = requests.post(f"{office.address}/v1/sign-in", json=message, timeout=30).json()
    headers = {"Authorization": f"Bearer {signed['tokens']['access_token']}"}

    def asked(one: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(
            f"{office.address}/v1/sync/{one['call']}", json=one["asked"], headers=headers, timeout=30
        )
        assert answer.status_code == 200, (one["call"], answer.text)
        found: dict[str, Any] = answer.json()
        return found

    return asked


def test_messages_of_the_version_before_are_understood(
    recording: Recording, ask: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """Each question of the older desktop is answered with everything it was answered then, in the same shape."""
    if recording.told["protocol"] < OLDEST_PROTOCOL:
        pytest.skip("no longer spoken")
    for one in recording.messages:
        _as_then(ask(one), one["answered"], one["call"])


def _as_then(now: Any, then: Any, place: str) -> None:
    """What was there then is there now, of the same kind; rows may have grown at their end."""
    if isinstance(then, dict):
        for key, value in then.items():
            if key in ("more", "done", "retry_after_ms"):
                continue
            assert key in now, f"{place}.{key} is gone"
            _as_then(now[key], value, f"{place}.{key}")
    elif isinstance(then, list):
        assert isinstance(now, list), place
        assert len(now) >= len(then), f"{place}: shorter than it was"
        for number, value in enumerate(then):
            _as_then(now[number], value, f"{place}[{number}]")
    elif then is not None and now is not None:
        assert type(now) is type(then), f"{place}: {now!r} instead of {then!r}"


def test_repeated_push_of_an_older_desktop_gets_the_same_verdicts(
    recording: Recording, ask: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """Verdicts stored by the release before are given again word for word; proofs by the secret of now."""
    pushes = [one for one in recording.messages if one["call"] == "push"]
    assert pushes
    for one in pushes:
        for now, then in zip(ask(one)["verdicts"], one["answered"]["verdicts"], strict=True):
            assert now["duplicate"]
            told = {key: value for key, value in then.items() if key not in ("duplicate", "proof")}
            assert {key: now.get(key) for key in told} == told
