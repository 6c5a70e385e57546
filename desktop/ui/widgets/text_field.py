"""A line of text to fill in."""

from PySide6.QtCore import QPointF, QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL
from desktop.ui.widgets.painting import box
from desktop.ui.widgets.polish import restyle

_ICON_LEFT, _TEXT_AFTER_ICON = 9, 20


class TextField(QLineEdit):
    """28 high; `glyph` stands before the text. `edited` tells of changes by the person."""

    edited = Signal()

    def __init__(
        self, text: str = "", *, placeholder: str = "", glyph: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._glyph = glyph
        self.setPlaceholderText(placeholder)
        if glyph:
            self.setTextMargins(_TEXT_AFTER_ICON, 0, 0, 0)
        self.textEdited.connect(self.edited)

    def value(self) -> str:
        """What stands in it, without spaces around."""
        return self.text().strip()

    def set_value(self, value: str) -> None:
        """Fill it by program; `edited` stays silent."""
        self.setText(value)

    def set_state(self, state: str) -> None:
        """ "" plain, "error", or "suggested"."""
        restyle(self, state=state)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        top = (self.height() - ICON_SIZE_SMALL) // 2
        if self.property("state") == "suggested" and not self.hasFocus():
            # The style sheet's dashes would not follow the round corners.
            box(painter, self.rect(), line="soon", dashed=True)
        if self._glyph:
            tone = "soon" if self.property("state") == "suggested" else "text3"
            paint_icon(painter, QPointF(_ICON_LEFT, top), self._glyph, size=ICON_SIZE_SMALL, tone=tone)
        if self.isReadOnly():
            place = QRect(self.width() - ICON_SIZE_SMALL - 8, top, ICON_SIZE_SMALL, ICON_SIZE_SMALL)
            paint_icon(painter, QPointF(place.topLeft()), "lock-simple", size=ICON_SIZE_SMALL, tone="text3")
