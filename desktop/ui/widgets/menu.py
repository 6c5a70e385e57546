"""Menus with round corners, items of 28, and the shortcut at the right."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget


class Menu(QMenu):
    """A QMenu whose corners are the style sheet's; give actions icons by `theme.icon`."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setToolTipsVisible(True)
