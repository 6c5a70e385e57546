"""Whether anything may move: the system's wish, and a setting of ours above it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.ui.theme.tokens import FADE_MS


def fade_ms() -> int:
    """How long a pop-up fades; 0 where the system's animations are off."""
    return FADE_MS if QApplication.isEffectEnabled(Qt.UIEffect.UI_General) else 0
