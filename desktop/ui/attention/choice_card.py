"""One of two values to choose between: whose it is, since when, and the value itself."""

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.attention.emphasis import Piece, marked
from desktop.ui.theme import font, paint_icon
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import RADIUS_CARD
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box
from desktop.ui.widgets.polish import restyle
from desktop.ui.widgets.priority import PriorityMark
from desktop.ui.widgets.status import StatusLabel


class ChoiceCard(QAbstractButton):
    """Checked with a mouse, Space or from outside; `whose` and `since` stand above the value."""

    def __init__(self, whose: str, since: str, value: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._whose = Label(whose, kind="small")
        told = Label(since, kind="small", tone="text2")
        head = QHBoxLayout()
        head.setContentsMargins(20, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self._whose)
        head.addStretch(1)
        head.addWidget(told)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(value)
        column.addStretch(1)
        for part in (self._whose, told, value):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"{whose} {since}: {value.accessibleName()}")
        self.toggled.connect(self._dress)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None else QSize()

    def _dress(self, chosen: bool) -> None:
        self._whose.setFont(font("small_bold" if chosen else "small"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        chosen = self.isChecked()
        fill = "accent_soft" if chosen else "hover" if self.underMouse() else "surface"
        box(painter, self.rect(), fill=fill, line="accent" if chosen else "line", radius=RADIUS_CARD)
        glyph, tone = ("check-circle-fill", "accent") if chosen else ("circle", "text2")
        paint_icon(painter, QPointF(11, 9), glyph, size=16, tone=tone)
        if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            draw_ring(painter, self.rect().toRectF(), RADIUS_CARD)


class MarkedText(QLabel):
    """A long value, what differs marked."""

    def __init__(self, text: list[Piece], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces = text
        self.setFont(font("body"))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        restyle(self, tone="text")
        self.setAccessibleName("".join(words for words, _ in text))
        self.setText(marked(text))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setText(marked(self._pieces))


def value_widget(key: str, raw: object, words: str) -> QWidget:
    """A short value as it looks elsewhere: priorities and statuses with their marks."""
    if key == "priority" and isinstance(raw, str):
        return PriorityMark(raw)
    if key == "status" and isinstance(raw, str):
        return StatusLabel(raw)
    label = Label(words, wrap=True)
    label.setAccessibleName(words)
    return label
