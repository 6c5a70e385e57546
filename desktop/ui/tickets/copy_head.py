"""The head of a panel that says why: its title, copying it as text, closing it."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout

from desktop.ui.text import tr
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.label import Label


def copy_head(title: str, *, copy: Callable[[], object], close: Callable[[], object]) -> QHBoxLayout:
    """A row with both buttons at its end."""
    copying = Button(tr("why.copy"), kind="quiet", icon="copy", small=True)
    copying.clicked.connect(copy)
    closing = IconButton("x", tr("widget.close"), shortcut="Esc", side=24)
    closing.clicked.connect(close)
    head = QHBoxLayout()
    head.setSpacing(8)
    head.addWidget(Label(title, kind="h3"))
    head.addStretch(1)
    head.addWidget(copying)
    head.addWidget(closing)
    return head
