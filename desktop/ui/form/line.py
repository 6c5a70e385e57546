"""A value that a form only shows: label and value on a line of 24, the value wrapping where it is long."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.ui.widgets.label import Label

LABEL_WIDTH, HEIGHT = 72, 24


class Line(QWidget):
    """The label in text2, the value selectable."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        caption = Label(label, tone="text2", elide=True)
        caption.setFixedSize(LABEL_WIDTH, HEIGHT)
        caption.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._value = Label(wrap=True, selectable=True)
        self._value.setContentsMargins(0, 2, 0, 2)
        self._value.setMinimumHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(caption, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._value, 1)

    def set_value(self, words: str) -> None:
        """Write the value."""
        self._value.setText(words)

    def value(self) -> str:
        """The value as it is written."""
        return self._value.text()
