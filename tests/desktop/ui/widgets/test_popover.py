"""A pop-over closes with Esc and gives the focus back."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover


def test_escape_closes_and_focus_returns(qtbot: QtBot) -> None:
    """Whoever typed goes on typing where they were."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    line, anchor = QLineEdit(), Button("为什么")
    column.addWidget(line)
    column.addWidget(anchor)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    line.setFocus()
    popover = Popover(anchor, title="为什么是这个时限", width=300)
    popover.body.addWidget(Label("目标 8 小时"))
    popover.open()
    assert popover.isVisible()
    assert popover.y() >= anchor.mapToGlobal(anchor.rect().bottomLeft()).y()
    with qtbot.waitSignal(popover.closed):
        qtbot.keyClick(popover, Qt.Key.Key_Escape)
    assert not popover.isVisible()
    assert window.focusWidget() is line


def test_it_stays_on_the_screen(qtbot: QtBot) -> None:
    """From the status bar it opens upwards."""
    anchor = Button("离线")
    qtbot.addWidget(anchor)
    screen = anchor.screen().availableGeometry()
    anchor.move(screen.right() - 20, screen.bottom() - 30)
    anchor.show()
    popover = Popover(anchor, title="离线，可以照常工作", width=300)
    popover.open()
    assert screen.contains(popover.geometry())
    popover.close()
