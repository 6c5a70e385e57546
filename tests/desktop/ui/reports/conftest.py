"""A report window over invented figures, on a real replica."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.sync.reports import Reports
from desktop.ui.reports.window import ReportWindow
from tests.desktop.ui.reports.invented import InventedServer
from tests.desktop.ui.world import World


class Page:
    """A window and what stands behind it."""

    def __init__(self, world: World, server: InventedServer, window: ReportWindow) -> None:
        self.world, self.server, self.window = world, server, window


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Head office's desktop with the sample chain."""
    made = World(tmp_path, person="caijing", unit="HQ", head_office=True)
    yield made
    made.stop()


@pytest.fixture
def open_page(world: World, qtbot: QtBot) -> Callable[..., Page]:
    """Opens a window; again, it is another one on the same replica. One not kept goes as it is closed."""

    def make(*, kept: bool = True) -> Page:
        server = InventedServer(world.clock.now())
        window = ReportWindow(replace(world.session, reports=Reports(server, world.replica)))
        if kept:
            qtbot.addWidget(window)
        return Page(world, server, window)

    return make


@pytest.fixture
def page(open_page: Callable[[], Page], qtbot: QtBot) -> Page:
    """A window that shows its figures."""
    made = open_page()
    made.window.show()
    qtbot.waitUntil(lambda: made.window.found is not None)
    return made
