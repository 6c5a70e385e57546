"""A store agent's desk with a few tickets, and the main window over it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.main_window import MainWindow
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.world import World

Opener = Callable[..., Desk]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The desktop; stopped at the end."""
    made = World(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def open_desk(world: World, qtbot: QtBot) -> Iterator[Opener]:
    """Opens the main window on a list and waits until it shows."""
    opened: list[MainWindow] = []

    def open_on(key: str = "created", *, width: int = 1366) -> Desk:
        window = MainWindow(world.session)
        opened.append(window)
        window.resize(width, 768)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        desk = Desk(world, window, qtbot)
        desk.show_list(key)
        return desk

    yield open_on
    for window in opened:
        window.close()
        window.deleteLater()
    QApplication.processEvents()
    # Gone with what they would do a moment later, before the replica under them is.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
