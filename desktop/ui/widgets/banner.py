"""A banner within its pane: one line and one action."""

from PySide6.QtCore import QPointF, QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE, RADIUS_CARD
from desktop.ui.widgets.button import LinkButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box

_LOOKS = {
    "info": ("accent_soft", "accent_line", "accent", "info"),
    "warning": ("soon_soft", "soon_line", "soon", "warning"),
    "error": ("late_soft", "late_line", "late", "warning-circle"),
}


class Banner(QFrame):
    """`kind` is info, warning or error; `glyph` replaces its icon; the action, if any, emits `acted`."""

    acted = Signal()

    def __init__(
        self, kind: str, text: str, *, action: str = "", glyph: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._label = Label(elide=True)
        self._action = LinkButton(kind="body")
        self._action.clicked.connect(self.acted)
        row = QHBoxLayout(self)
        row.setContentsMargins(36, 4, 12, 4)
        row.setSpacing(12)
        row.addWidget(self._label, 1)
        row.addWidget(self._action)
        self.setFixedHeight(38)
        self.show_message(kind, text, action=action, glyph=glyph)

    def show_message(self, kind: str, text: str, *, action: str = "", glyph: str = "") -> None:
        """Say something else."""
        self._kind, self._glyph = kind, glyph
        self._label.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._action.updateGeometry()
        self.setAccessibleName(text)
        self.update()

    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill, line, tone, glyph = _LOOKS[self._kind]
        box(painter, QRect(0, 0, self.width(), self.height()), fill=fill, line=line, radius=RADIUS_CARD)
        at = QPointF(13, (self.height() - ICON_SIZE) // 2)
        paint_icon(painter, at, self._glyph or glyph, tone=tone)
