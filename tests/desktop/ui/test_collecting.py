"""Collecting cycles on the window's thread alone."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.collecting import MOST_UNSEEN, Collector


class Knot(QObject):
    """Holds itself, and says on which thread it goes."""

    went_on: list[int] = []

    def __init__(self) -> None:
        super().__init__()
        self.itself = self

    def __del__(self) -> None:
        self.went_on.append(threading.get_ident())


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    """A collector in charge, over a Python that collects by itself."""
    gc.enable()
    Knot.went_on = []
    made = Collector()
    yield made
    made.stop()


def allocate() -> None:
    """Allocate so much that Python would collect, on a thread of its own."""
    for _ in range(3):
        thread = threading.Thread(target=lambda: [[] for _ in range(200_000)])
        thread.start()
        thread.join()


def test_cycles_are_left_to_the_window_s_thread(collector: Collector) -> None:
    """However much another thread allocates, an object of Qt's in a cycle is destroyed by the window's thread."""
    Knot()
    allocate()
    assert Knot.went_on == []
    collector.collect_old()
    assert Knot.went_on == [threading.get_ident()]


def test_young_cycles_go_soon(collector: Collector) -> None:
    """The frequent look takes what has just become garbage, once enough was allocated."""
    Knot()
    kept = [[] for _ in range(gc.get_threshold()[0] * 2)]  # type: ignore[var-annotated]
    collector.collect_young()
    assert kept
    assert Knot.went_on == [threading.get_ident()]


def test_old_cycles_go_at_last_though_somebody_works(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window that stays in front all day: what has become garbage of the old generation is found all the same."""
    active = Qt.ApplicationState.ApplicationActive
    monkeypatch.setattr(QApplication, "applicationState", lambda: active)
    knot = Knot()
    gc.collect()
    del knot
    for _ in range(MOST_UNSEEN):
        assert Knot.went_on == []
        collector.collect_old()
    collector.collect_old()
    assert Knot.went_on == [threading.get_ident()]


def test_python_has_it_back_in_the_end(collector: Collector) -> None:
    """When the program ends, or a test does, Python collects by itself as before."""
    collector.stop()
    assert gc.isenabled()
