"""A choice among known values, found by typing where there are many."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL
from desktop.ui.widgets.painting import box
from desktop.ui.widgets.polish import restyle


class ComboBox(QComboBox):
    """28 high; options are (value, words); `typed` filters by any part of the words."""

    edited = Signal()

    def __init__(
        self,
        options: Sequence[tuple[Any, str]] = (),
        *,
        placeholder: str = "",
        typed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPlaceholderText(placeholder)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        if typed:
            self._let_type(placeholder)
        self.set_options(options)
        self.activated.connect(self.edited)
        self.currentIndexChanged.connect(self._show_if_empty)
        self._show_if_empty(self.currentIndex())

    def _show_if_empty(self, index: int) -> None:
        # The style sheet's colour would win over the palette's for hints.
        restyle(self, empty="yes" if index < 0 else "no")

    def _let_type(self, placeholder: str) -> None:
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.lineEdit()
        if line is not None:
            line.setPlaceholderText(placeholder)
            # The box has the frame; the line inside it has none.
            line.setStyleSheet("border: 0; background: transparent; padding: 0; min-height: 0;")
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCompleter(completer)

    def set_options(self, options: Sequence[tuple[Any, str]]) -> None:
        """Offer other options, keeping the value where it is still among them."""
        kept = self.value()
        self.clear()
        for value, words in options:
            self.addItem(words, value)
        self.set_value(kept)

    def value(self) -> Any:
        """The chosen value, or None."""
        return self.currentData() if self.currentIndex() >= 0 else None

    def set_value(self, value: Any) -> None:
        """Choose by value; an unknown one or None empties the box."""
        self.setCurrentIndex(self.findData(value) if value is not None else -1)

    def set_state(self, state: str) -> None:
        """ "" plain, "error", or "suggested"."""
        restyle(self, state=state)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a form past a box must not change it.
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        at = QPointF(self.width() - ICON_SIZE_SMALL - 8, (self.height() - ICON_SIZE_SMALL) // 2)
        painter = QPainter(self)
        if self.property("state") == "suggested" and not self.hasFocus():
            box(painter, self.rect(), line="soon", dashed=True)
        paint_icon(painter, at, "caret-down", size=ICON_SIZE_SMALL, tone="text3")
