"""A line or paragraph of text in a step of the scale and a token's colour."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.ui.theme import colour, font
from desktop.ui.theme.tokens import TYPE
from desktop.ui.widgets.painting import baseline
from desktop.ui.widgets.polish import restyle


class Label(QLabel):
    """Plain text; `elide` cuts it with a tooltip, `wrap` breaks it, `selectable` lets it be copied."""

    def __init__(
        self,
        text: str = "",
        *,
        kind: str = "body",
        tone: str = "text",
        elide: bool = False,
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._elide = elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(kind))
        self.setMinimumHeight(TYPE[kind].line)
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.set_tone(tone)

    def set_tone(self, tone: str) -> None:
        """Change the colour to another token."""
        restyle(self, tone=tone)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(24, hint.height()) if self._elide else hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_tip()

    def setText(self, text: str) -> None:
        super().setText(text)
        self._show_tip()

    def _show_tip(self) -> None:
        if self._elide:
            cut = self.fontMetrics().horizontalAdvance(self.text()) > self.width()
            self.setToolTip(self.text() if cut else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(colour(str(self.property("tone"))))
        measure = self.fontMetrics()
        shown = measure.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        left = self.width() - measure.horizontalAdvance(shown) if self._is_right() else 0
        painter.drawText(left, baseline(self.rect(), measure), shown)

    def _is_right(self) -> bool:
        return bool(self.alignment() & Qt.AlignmentFlag.AlignRight)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
