"""Keys that a page keeps for itself where the window around it has shortcuts of its own on the same letters."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

_KEPT = frozenset({Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter})
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


def kept(event: QEvent) -> bool:
    """Whether a shortcut of the window is to give way: plain letters, digits and signs, Esc, Delete, Enter."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.modifiers() & _COMMANDS:
        return False
    plain = bool(event.text()) and event.text().isprintable()
    if not plain and event.key() not in _KEPT:
        return False
    event.accept()
    return True
