"""The bridge: outcomes come to the window's thread, in order, to those who are still there."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from desktop.replica.changed import Changed
from desktop.ui.bridge import Bridge
from domain.errors import GongdanError, RefusedError

MOVED = Changed(tickets=frozenset({"t"}), kinds=frozenset({"tickets"}))


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    """A bridge that is closed with the test."""
    made = Bridge()
    yield made
    made.close()


def test_work_is_done_elsewhere_and_its_result_comes_here(bridge: Bridge, qtbot: QtBot) -> None:
    """The work runs off the window's thread, `then` on it."""
    threads: list[object] = []
    window = QThread.currentThread()

    def work() -> int:
        threads.append(threading.current_thread().name)
        return 7

    bridge.read(work, then=lambda result: threads.extend([result, QThread.currentThread() is window]))
    qtbot.waitUntil(lambda: len(threads) == 3)
    assert str(threads[0]).startswith("reader")
    assert threads[1:] == [7, True]


def test_writes_come_in_the_order_of_the_gestures(bridge: Bridge, qtbot: QtBot) -> None:
    """A quick second click never overtakes the first."""
    order: list[int] = []
    heard: list[Changed] = []
    bridge.changed.connect(heard.append)

    def gesture(number: int) -> Changed:
        order.append(number)
        return MOVED

    for number in range(20):
        bridge.act(lambda number=number: gesture(number))  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(heard) == 20)
    assert order == list(range(20))


def test_nobody_is_called_who_is_gone(bridge: Bridge, qtbot: QtBot) -> None:
    """A window closed while its work runs, or work given up, gets nothing."""
    called: list[str] = []
    gate = threading.Event()
    owner = QObject()

    def work() -> str:
        gate.wait(10)
        return "late"

    bridge.read(work, then=called.append, owner=owner)
    cancel = bridge.read(work, then=called.append)
    cancel()
    owner.deleteLater()
    del owner
    qtbot.wait(20)
    bridge.read(lambda: "after", then=called.append)
    gate.set()
    qtbot.waitUntil(lambda: called == ["after"])


def test_a_refusal_goes_to_who_asked_or_to_all(bridge: Bridge, qtbot: QtBot) -> None:
    """Errors of ours are told where they were caused; where nobody takes them, the window shows them."""
    told: list[str] = []

    def refuse() -> Changed:
        raise RefusedError("not_allowed")

    def take(error: GongdanError) -> None:
        told.append(f"mine {error.code}")

    bridge.refused.connect(lambda error: told.append(f"all {error.code}"))
    bridge.act(refuse, failed=take)
    bridge.act(refuse)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["mine not_allowed", "all not_allowed"]


def test_a_bug_is_told_as_such(bridge: Bridge, qtbot: QtBot) -> None:
    """Any other exception is a mistake of the program, whoever asked."""
    bugs: list[BaseException] = []
    bridge.bug.connect(bugs.append)
    bridge.read(lambda: 1 // 0, then=lambda result: None, failed=lambda error: None)
    qtbot.waitUntil(lambda: len(bugs) == 1)
    assert isinstance(bugs[0], ZeroDivisionError)


def test_closing_lets_writes_finish(qtbot: QtBot) -> None:
    """What the person did is written before the program ends; nothing is called afterwards."""
    bridge = Bridge()
    done: list[str] = []
    gate = threading.Event()

    def gesture() -> Changed:
        gate.wait(10)
        done.append("written")
        return MOVED

    bridge.act(gesture, then=lambda moved: done.append("called"))
    threading.Timer(0.05, gate.set).start()
    bridge.close()
    assert done == ["written"]
    bridge.read(lambda: 1, then=lambda result: done.append("called"))
    qtbot.wait(20)
    assert done == ["written"]
