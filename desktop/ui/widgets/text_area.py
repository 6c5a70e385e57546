"""Several lines of text to fill in, growing with what is written."""

from math import ceil

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop.ui.widgets.polish import restyle

_FRAME = 16


class TextArea(QPlainTextEdit):
    """As high as its text between `least` and `most` lines; Tab leaves it. `edited` tells of any change."""

    edited = Signal()

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        least: int = 3,
        most: int = 8,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._least, self._most, self._quiet = least, most, False
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.textChanged.connect(self._on_text_changed)
        self._fit()

    def value(self) -> str:
        """What stands in it, without spaces around."""
        return self.toPlainText().strip()

    def set_value(self, value: str) -> None:
        """Fill it by program; `edited` stays silent."""
        self._quiet = True
        self.setPlainText(value)
        self._quiet = False

    def set_state(self, state: str) -> None:
        """ "" plain or "error"."""
        restyle(self, state=state)

    def _on_text_changed(self) -> None:
        if not self._quiet:
            self.edited.emit()

    def _fit(self) -> None:
        # A plain text document measures its height in lines.
        lines = max(self._least, min(self._most, round(self.document().size().height())))
        self.setFixedHeight(lines * ceil(QFontMetricsF(self.font()).lineSpacing()) + _FRAME)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(240, self.height())
