"""Typing as a person does: into whatever has the focus."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


def focused() -> QWidget:
    """What has the focus."""
    found = QApplication.focusWidget()
    assert found is not None
    return found


def write(text: str) -> None:
    """Type a text; Chinese arrives as an input method commits it."""
    if text.isascii():
        QTest.keyClicks(focused(), text)
        return
    from PySide6.QtGui import QInputMethodEvent

    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    QApplication.sendEvent(focused(), event)


def press(key: Qt.Key, *, ctrl: bool = False, alt: bool = False) -> None:
    """Press one key."""
    modifiers = Qt.KeyboardModifier.NoModifier
    if ctrl:
        modifiers |= Qt.KeyboardModifier.ControlModifier
    if alt:
        modifiers |= Qt.KeyboardModifier.AltModifier
    QTest.keyClick(focused(), key, modifiers)


def tab_to(widget: QWidget, *, most: int = 40) -> None:
    """Press Tab until a widget has the focus."""
    for _ in range(most):
        if focused() is widget:
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never led to {type(widget).__name__} {widget.accessibleName()}")
