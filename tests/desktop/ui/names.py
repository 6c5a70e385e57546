"""Finding what takes the keyboard and does not say what it is."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenuBar, QTabBar, QWidget


def _path(widget: QWidget) -> Iterator[str]:
    at: QWidget | None = widget
    while at is not None:
        yield type(at).__name__
        at = at.parentWidget()


def nameless() -> set[str]:
    """Visible widgets that take the keyboard and say nothing, each with what it stands in."""
    found = set()
    for widget in QApplication.allWidgets():
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            # As Qt itself would say it.
            shown = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
            if not (widget.accessibleName() or shown or isinstance(widget, QTabBar | QMenuBar)):
                found.add(" in ".join(_path(widget)))
    return found
