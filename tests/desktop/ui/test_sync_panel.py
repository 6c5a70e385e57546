"""The sync panel says how the replica was verified, verifies now, and writes what somebody who helps needs."""

import zipfile
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop.commands.support import export_support
from desktop.commands.write import note, reply
from desktop.replica import backfill, meta
from desktop.sync.state import Progress, SyncState
from desktop.ui.kinds import kind_words
from desktop.ui.main.status_line import StatusLine
from desktop.ui.main.sync_figures import figures
from desktop.ui.main.sync_panel import SyncPanel
from desktop.ui.text import tr
from desktop.ui.times import duration
from domain.wire.commands import INTENTS
from tests.desktop.ui.tickets.conftest import world
from tests.desktop.ui.world import World

__all__ = ["world"]


def _panel(world: World, qtbot: QtBot, told: list[str] | None = None) -> SyncPanel:
    line = StatusLine(world.session)
    qtbot.addWidget(line)
    line.show()
    heard: list[str] = [] if told is None else told
    return SyncPanel(world.session, line, heard.append)


def _value(world: World, name: str) -> str:
    return dict(figures(world.session, world.sync.state)).get(tr(f"sync.{name}"), "")


def test_the_panel_follows_a_check(world: World, qtbot: QtBot) -> None:
    """Verify now asks the exchange; while it compares the panel says what, then how it ended."""
    world.sync.state = SyncState(connection="online")
    panel = _panel(world, qtbot)
    assert _value(world, "checked") == tr("sync.checked_never")
    panel._verify.click()
    assert world.sync.verified == 1
    world.sync.state = SyncState(connection="online", checking="groups")
    world.bridge.announce_state(world.sync.state)
    qtbot.waitUntil(lambda: not panel._verify.isEnabled())
    assert _value(world, "checked") == tr("sync.checking.groups")
    world.sync.state = SyncState(connection="online", checked_at=world.clock.now(), repaired=2)
    world.bridge.announce_state(world.sync.state)
    qtbot.waitUntil(panel._verify.isEnabled)
    assert "2" in _value(world, "checked")
    assert panel._alarm.isHidden()


def test_too_many_repairs_are_said_in_panel_and_status_line(world: World, qtbot: QtBot) -> None:
    """The alarm stands in both places, and asks for the support bundle."""
    world.sync.state = SyncState(connection="online", alarm=True, checked_at=1)
    panel = _panel(world, qtbot)
    assert not panel._alarm.isHidden()
    line = StatusLine(world.session)
    qtbot.addWidget(line)
    assert line._sync_look(world.sync.state)[0] == tr("main.check_alarm")


def test_offline_nothing_can_be_verified(world: World, qtbot: QtBot) -> None:
    """Without a server the button waits; the panel tells how far the replica is behind."""
    world.sync.state = SyncState(connection="offline", verified_at=world.clock.now())
    assert not _panel(world, qtbot)._verify.isEnabled()
    with world.replica.write() as conn:
        meta.put(conn, "head", meta.cursor_seq(conn) + 7)
    assert "7" in _value(world, "verified")


SECRETS = (
    "草莓礼盒开箱发霉", "已联系供应商", "内部怀疑冷链", "钱女士", "13900008024", "临期酸奶换货", "改后的标题", "刘杨",
)  # fmt: skip


def test_the_support_bundle_holds_no_word_of_a_customer(world: World, tmp_path: Path) -> None:
    """Subjects, answers, notes, names, phones, in tickets, outbox, drafts and log: none is in the bundle."""
    ticket = world.ticket(SECRETS[0], personal={"name": SECRETS[3], "phone": SECRETS[4]})
    world.judge()
    reply(world.runner, ticket, body=SECRETS[1])
    note(world.runner, ticket, body=SECRETS[2])
    world.ticket(SECRETS[5])
    log = tmp_path / "desktop.log"
    lines: list[object] = [
        {"event": "step", "level": "info", "did": "pushed", "subject": SECRETS[6], "timestamp": "2026"},
        {"event": "bug", "level": "error", "where": ["KeyError", "  engine.py:1 step"], "text": SECRETS[0]},
    ]
    log.write_bytes(b"\n".join(map(msgspec.json.encode, lines)) + f"\n{SECRETS[3]} plain\n".encode())
    target = tmp_path / "bundle.zip"
    state = SyncState(connection="offline", unsent=3, trouble="connection_lost")
    count = export_support(world.replica, target, now=world.clock.now(), state=state, log=log)
    with zipfile.ZipFile(target) as bundle:
        names = bundle.namelist()
        assert len(names) == count
        raw = {name: bundle.read(name) for name in names}
    everything = b"".join(raw.values()).decode()
    assert [secret for secret in SECRETS if secret in everything] == []
    assert msgspec.json.decode(raw["sync.json"])["trouble"] == "connection_lost"
    commands = msgspec.json.decode(raw["commands.json"])
    assert [(one["kind"], one["state"]) for one in commands["waiting"]] == [
        ("reply", "pending"),
        ("reply", "pending"),
        ("create", "pending"),
    ]
    assert commands["waiting"][0]["ticket"] == ticket
    assert msgspec.json.decode(raw["tables.json"])["command"] == 4
    assert msgspec.json.decode(raw["about.json"])["protocol"] == 2
    assert b"KeyError" in raw["log.jsonl"]


def test_the_panel_writes_the_bundle_and_says_where(
    world: World, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file goes into the documents folder, and its place is told, though the panel was closed meanwhile."""
    told: list[str] = []
    panel = _panel(world, qtbot, told)
    monkeypatch.setattr(panel, "_target", lambda what, ending: tmp_path / f"{what}.{ending}")
    panel._support.click()
    panel.close()
    qtbot.waitUntil(lambda: told != [])
    assert zipfile.is_zipfile(tmp_path / "support.zip")
    assert str(tmp_path / "support.zip") in told[0]


@pytest.mark.parametrize("which", ["_export", "_support"])
def test_a_file_that_can_not_be_written_is_said_in_the_panel(
    world: World, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """A full disk or a folder that is none is no fault of the program: the panel says so and stays."""
    world.ticket("a ticket that waits")
    panel = _panel(world, qtbot)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(panel, "_target", lambda what, ending: tmp_path / "file" / what)
    getattr(panel, which).click()
    qtbot.waitUntil(lambda: not panel._failure.isHidden())
    assert panel._failure.text()
    assert getattr(panel, which).isEnabled()


def test_what_waits_is_listed_whole_with_its_age_and_follows(world: World, qtbot: QtBot) -> None:
    """More than fit are scrolled to; how long each waits stands beside it; what is taken goes while one looks."""
    ticket = world.ticket("the first")
    world.clock.at += 5 * 60_000
    for number in range(11):
        note(world.runner, ticket, body=f"note {number}")
    world.clock.at += 60_000
    panel = _panel(world, qtbot)
    panel.show()
    lines = panel._outbox.lines()
    assert len(lines) == 12
    assert lines[0].endswith(tr("sync.since", what=tr("sync.waiting"), time=duration(360)))
    assert "note 10" in lines[-1]
    assert panel._outbox.verticalScrollBar().maximum() > 0
    world.judge()
    qtbot.waitUntil(panel._outbox.isHidden)
    assert panel._export.isHidden()


def test_the_head_follows_the_connection(world: World, qtbot: QtBot) -> None:
    """A panel that was opened offline says that the server is back."""
    panel = _panel(world, qtbot)
    assert panel.accessibleName() == tr("sync.title.offline")
    world.sync.state = SyncState(connection="online")
    world.bridge.announce_state(world.sync.state)
    qtbot.waitUntil(lambda: panel.accessibleName() == tr("sync.title.online"))


@pytest.mark.parametrize("kind", sorted(INTENTS.keys() - {"route", "node", "rule", "history"}))
def test_each_kind_of_command_has_words(qtbot: QtBot, kind: str) -> None:
    """Whatever a person can do is named in their language where it waits, not by its code."""
    assert kind_words(kind) != kind


def test_the_rest_of_the_first_sync_waits_and_goes_on(world: World, qtbot: QtBot) -> None:
    """One button has the rest wait; the panel and the status line say so, and offer to go on."""
    line = StatusLine(world.session)
    qtbot.addWidget(line)
    filling = Progress(phase="open", ranges=4, ranges_done=1)
    world.sync.state = SyncState(connection="online", progress=filling)
    panel = _panel(world, qtbot)
    assert panel._hold.text() == tr("sync.hold")
    panel._hold.click()
    qtbot.waitUntil(lambda: _is_held(world))
    world.sync.state = SyncState(connection="online", progress=replace(filling, held=True))
    panel = _panel(world, qtbot)
    assert panel._hold.text() == tr("sync.go_on")
    assert line._sync_look(world.sync.state)[0] == tr("main.first_sync_held", percent=25)
    panel._hold.click()
    qtbot.waitUntil(lambda: not _is_held(world))


def _is_held(world: World) -> bool:
    with world.session.replica.read() as conn:
        return backfill.is_held(conn)
