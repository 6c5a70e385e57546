"""Toasts: merged, held, undone, one at a time."""

from functools import partial

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.text import set_language
from desktop.ui.widgets.toast import Toasts


@pytest.fixture
def toasts(qtbot: QtBot) -> Toasts:
    """The toasts of a window that shows."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    made = Toasts(window)
    made.window = window  # type: ignore[attr-defined]  # kept for the length of the test
    return made


def test_equal_acts_merge(toasts: Toasts) -> None:
    """Three tickets resolved one after the other are one toast that says 3."""
    for _ in range(3):
        toasts.say("toast.resolved")
    assert toasts.text == "已解决 3 张工单"
    toasts.say("toast.resolved", count=2)
    assert toasts.text == "已解决 5 张工单"


def test_undo_takes_back_all_of_them_the_last_first(toasts: Toasts) -> None:
    """A merged toast speaks of several acts; its undo takes back each."""
    undone: list[int] = []
    for number in range(3):
        toasts.say("toast.resolved", undo=partial(undone.append, number))
    toasts.toast.undo_button.click()
    assert undone == [2, 1, 0]
    assert not toasts.showing
    assert toasts.undo() is False


def test_another_act_replaces_it(toasts: Toasts) -> None:
    """One toast at a time; the new act's undo does not reach back to the old one."""
    undone: list[str] = []
    toasts.say("toast.resolved", undo=lambda: undone.append("old"))
    toasts.say("toast.resolved", undo=lambda: undone.append("new"), who="other")
    assert toasts.text == "已解决 1 张工单"
    assert toasts.undo() is True
    assert undone == ["new"]


def test_without_undo_there_is_no_button(toasts: Toasts) -> None:
    """What can't be taken back does not offer to."""
    toasts.say("toast.resolved")
    assert not toasts.toast.undo_button.isVisible()


def test_it_goes_after_its_time(toasts: Toasts, qtbot: QtBot) -> None:
    """Nobody has to close it."""
    toasts._timer.setInterval(10)
    toasts.say("toast.resolved")
    qtbot.waitUntil(lambda: not toasts.toast.isVisible())
    assert not toasts.showing


def test_it_is_held_while_hovered_or_focused(toasts: Toasts) -> None:
    """Nothing runs away from under the pointer or the keyboard."""
    toasts.say("toast.resolved", undo=lambda: None)
    point = QPointF(5, 5)
    QApplication.sendEvent(toasts.toast, QEnterEvent(point, point, point))
    assert not toasts._timer.isActive()
    QApplication.sendEvent(toasts.toast, QEvent(QEvent.Type.Leave))
    assert toasts._timer.isActive()
    toasts.toast.window().activateWindow()
    toasts.toast.undo_button.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert not toasts._timer.isActive()


def test_it_stands_at_the_bottom_centre(toasts: Toasts) -> None:
    """It follows the window's size."""
    toasts.say("toast.resolved")
    window = toasts.toast.window()
    window.resize(1000, 700)
    place = toasts.toast.geometry()
    assert abs(place.center().x() - 500) <= 1
    assert 640 <= place.bottom() < 700


def test_it_speaks_the_new_language(toasts: Toasts) -> None:
    """Its buttons change with the language."""
    toasts.say("toast.resolved", undo=lambda: None)
    set_language("en")
    assert toasts.toast.undo_button.text() == "Undo"
