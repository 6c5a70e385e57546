"""Buttons: the ring only after Tab, the reason when disabled, a name on every icon."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFocusFrame, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.chip import Chip


@pytest.fixture
def row(qtbot: QtBot) -> QWidget:
    """Three buttons in an active window."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    for text in ("转派", "挂起", "解决"):
        layout.addWidget(Button(text, shortcut="F"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def ringed(window: QWidget) -> list[str]:
    """The buttons that wear the ring."""
    frames = window.findChildren(QFocusFrame)
    worn = [frame.widget() for frame in frames if frame.isVisible()]
    return [widget.text() for widget in worn if isinstance(widget, Button)]


def test_ring_follows_tab_and_not_the_mouse(row: QWidget, qtbot: QtBot) -> None:
    """Who works by keyboard sees where they are; who clicks knows it."""
    buttons = row.findChildren(Button)
    buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.keyClick(buttons[0], Qt.Key.Key_Tab)
    assert ringed(row) == ["挂起"]
    qtbot.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    assert ringed(row) == []
    qtbot.keyClick(buttons[2], Qt.Key.Key_Backtab)
    assert ringed(row) == ["挂起"]


def test_ring_survives_its_window(qtbot: QtBot) -> None:
    """The ring lives in the window it was last in; when that goes, the next window gets a new one."""
    for _ in range(2):
        window = QWidget()
        one, two = Button("一", parent=window), Button("二", parent=window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        one.setFocus(Qt.FocusReason.OtherFocusReason)
        qtbot.keyClick(one, Qt.Key.Key_Tab)
        assert two.hasFocus()
        assert ringed(window) == ["二"]
        window.close()
        window.deleteLater()
        qtbot.wait(1)


def test_refused_button_says_why(qtbot: QtBot) -> None:
    """A button that can't be pressed explains itself, and stops when it can."""
    button = Button("转派")
    qtbot.addWidget(button)
    button.refuse("已关闭的工单不能转派")
    assert (button.isEnabled(), button.toolTip()) == (False, "已关闭的工单不能转派")
    button.refuse(None)
    assert (button.isEnabled(), button.toolTip()) == (True, "")


def test_buttons_are_as_wide_as_their_words(qtbot: QtBot) -> None:
    """Labels may be cut, buttons never; the shortcut and the icon have their room too."""
    plain, full = Button("新建工单"), Button("新建工单", icon="plus", shortcut="Ctrl+N")
    for button in (plain, full):
        qtbot.addWidget(button)
        assert button.minimumSizeHint().width() == button.sizeHint().width()
        assert button.height() == 28
    assert full.sizeHint().width() > plain.sizeHint().width() + 16


def test_icon_button_has_a_name_and_a_tip(qtbot: QtBot) -> None:
    """An icon alone says nothing to a screen reader."""
    button = IconButton("bell", "提醒", shortcut="S")
    qtbot.addWidget(button)
    assert (button.accessibleName(), button.toolTip()) == ("提醒", "提醒 (S)")
    assert min(button.width(), button.height()) >= 24


def test_chip_is_removed_by_mouse_or_key(qtbot: QtBot) -> None:
    """The cross is for the pointer, Delete for the keyboard; a chip that is only read takes neither."""
    chip = Chip("退款", removable=True, large=True)
    qtbot.addWidget(chip)
    chip.resize(chip.sizeHint())
    chip.show()
    with qtbot.waitSignal(chip.removed):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 10, 12))
    with qtbot.waitSignal(chip.removed):
        qtbot.keyClick(chip, Qt.Key.Key_Delete)
    read = Chip("标签")
    qtbot.addWidget(read)
    assert read.focusPolicy() == Qt.FocusPolicy.NoFocus
