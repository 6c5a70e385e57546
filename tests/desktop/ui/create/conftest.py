"""A desktop of a store agent, and pages on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop.ui.create.page import CreatePage
from tests.desktop.ui.world import World

Opener = Callable[..., CreatePage]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The desktop; stopped at the end."""
    made = World(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def open_page(world: World, qtbot: QtBot) -> Iterator[Opener]:
    """Opens a page and waits until it is ready."""
    pages: list[CreatePage] = []

    def opened(*, draft: str = "", width: int = 1366, crashes: bool = False) -> CreatePage:
        page = CreatePage(world.session, draft=draft)
        if not crashes:
            qtbot.addWidget(page)
        pages.append(page)
        page.resize(width, 768)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        qtbot.waitUntil(lambda: page.draft_id != "")
        # What was put into the window just now shows in the next round of events.
        qtbot.waitUntil(page.sheet.category.chips()[0].isVisible)
        return page

    yield opened
    for page in pages:
        if isValid(page):
            # Gone with what it would do a moment later, before the replica under it is.
            page.deleteLater()
            QApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete.value)
