"""The lease while somebody works: warned once a day, closed at its end, forms kept outside up to date."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from desktop.lease import DAY_MS, DeviceLease
from desktop.replica.changed import Changed
from desktop.replica.outside import Outside
from desktop.sealed import SealedBox
from desktop.sync.state import SyncState
from desktop.ui.lease_watch import LeaseWatch
from desktop.ui.main.status_line import StatusLine
from desktop.ui.text import tr
from desktop.ui.times import duration
from domain.wire import codec
from tests.desktop.ui.sign_in.places import LEASE
from tests.desktop.ui.world import KEY, World


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[World]:
    """A store agent's desktop."""
    made = World(tmp_path)
    yield made
    made.stop()


def watch_of(world: World) -> LeaseWatch:
    """A lease of fourteen days, watched."""
    lease = DeviceLease(world.folder, KEY, world.clock, boot="one")
    lease.told(LEASE, server_at=world.clock.now())
    return LeaseWatch(lease, SealedBox(world.folder), world.replica, KEY, world.bridge)


def test_its_end_is_told_once_a_day_and_then_it_comes(world: World) -> None:
    """From three days before; at the end nothing is told but that."""
    watch = watch_of(world)
    told: list[int] = []
    ended: list[bool] = []
    watch.near.connect(told.append)
    watch.ended.connect(lambda: ended.append(True))
    for _ in range(14 * 4):
        watch.look()
        world.clock.at += DAY_MS // 4
    assert [left_s // 86_400 for left_s in told] == [3, 2, 1]
    assert not ended
    watch.look()
    assert ended
    watch.stop()


def test_forms_stand_outside_and_follow_what_changes(qtbot: QtBot, world: World) -> None:
    """Kept at the first look and after each change of forms or grants, not with every ticket."""
    watch, box = watch_of(world), SealedBox(world.folder)
    watch.look()
    qtbot.waitUntil(lambda: box.ready, timeout=10_000)
    kept = codec.decode(box.forms(), Outside)
    assert {"template", "unit", "category", "line"} <= {row.kind for row in kept.config}
    assert kept.scope.grants
    (box.folder / "forms.json").write_bytes(b"old")
    watch.notice(Changed(kinds=frozenset({"tickets"})))
    watch.stop()
    assert box.forms() == b"old"
    watch.notice(Changed(kinds=frozenset({"config"})))
    watch.stop()
    assert box.forms() == codec.encode(kept)


def test_the_status_bar_tells_how_long_offline(qtbot: QtBot, world: World) -> None:
    """Near its end the bar says so in place of how long the server has been away."""
    line = StatusLine(world.session)
    qtbot.addWidget(line)
    until_at = world.clock.now() + 2 * DAY_MS
    world.sync.state = msgspec.structs.replace(
        SyncState(connection="offline"), lease_until_at=until_at, lease_ends_soon=True
    )
    line.refresh()
    assert line.sync.text() == tr("main.lease_left", time=duration(2 * 86_400))
    world.sync.state = SyncState(connection="offline", lease_until_at=until_at)
    line.refresh()
    assert line.sync.text() == tr("main.offline")
