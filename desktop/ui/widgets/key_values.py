"""What a form only shows: label and value in lines of 24."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLayoutItem, QSizePolicy, QWidget

from desktop.ui.widgets.label import Label

_LABEL_WIDTH, _LINE = 72, 24


class KeyValues(QWidget):
    """Labels in text2, values selectable; a value may be a widget, and wraps when it is long."""

    def __init__(
        self,
        rows: Sequence[tuple[str, str | QWidget]] = (),
        *,
        label_width: int = _LABEL_WIDTH,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._label_width = label_width
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnMinimumWidth(0, label_width)
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.set_rows(rows)

    def set_rows(self, rows: Sequence[tuple[str, str | QWidget]]) -> None:
        """Show other rows."""
        while self._grid.count():
            item: QLayoutItem | None = self._grid.takeAt(0)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.setParent(None)
                gone.deleteLater()
        for line, (caption, value) in enumerate(rows):
            label = Label(caption, tone="text2", elide=True)
            label.setFixedSize(self._label_width - 4, _LINE)
            shown = value if isinstance(value, QWidget) else self._value(value)
            self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(shown, line, 1)
            # The layout shows them a moment later only: a frame without them would flicker.
            label.show()
            shown.show()
            self._grid.setRowMinimumHeight(line, _LINE)

    def _value(self, text: str) -> QLabel:
        value = Label(text, wrap=True, selectable=True)
        margin = (_LINE - value.fontMetrics().height()) // 2  # the first line stands level with its label
        value.setContentsMargins(0, margin, 0, margin)
        value.setMinimumHeight(_LINE)
        return value
