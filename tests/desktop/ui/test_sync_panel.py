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
from desktop.ui.main.status_line import StatusLine
from desktop.ui.main.sync_figures import figures
from desktop.ui.main.sync_panel import SyncPanel
from desktop.ui.text import tr
from tests.desktop.ui.tickets.conftest import world
from tests.desktop.ui.world import World

__all__ = ["world"]


def _panel(world: World, qtbot: QtBot) -> SyncPanel:
    line = StatusLine(world.session)
    qtbot.addWidget(line)
    line.show()
    return SyncPanel(world.session, line)


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
    """The file goes into the documents folder, and its place is told."""
    panel = _panel(world, qtbot)
    monkeypatch.setattr(panel, "_target", lambda what, ending: tmp_path / f"{what}.{ending}")
    with qtbot.waitSignal(panel.exported) as told:
        panel._export_support()
    assert zipfile.is_zipfile(tmp_path / "support.zip")
    assert str(tmp_path / "support.zip") in told.args[0]


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
