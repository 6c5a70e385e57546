"""The status bar of 24: sync state, unsent, needs attention at the left; figures at the right."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL, STATUS_BAR_HEIGHT
from desktop.ui.widgets.painting import box, width, write
from desktop.ui.widgets.polish import ground

_PADDING, _GAP = 8, 4
_GROUNDS = {"soon": "soon_soft", "late": "late_soft", "accent": "accent_soft", "ok": "ok_soft"}


class StatusPiece(QAbstractButton):
    """Icon and words in a tone; `filled` puts the tone's soft ground behind; clicking opens the detail."""

    def __init__(
        self, text: str = "", *, glyph: str = "", tone: str = "text2", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._glyph, self._tone, self._filled = glyph, tone, False
        self.setFixedHeight(STATUS_BAR_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_piece(text, glyph=glyph, tone=tone)

    def show_piece(self, text: str, *, glyph: str = "", tone: str = "text2", filled: bool = False) -> None:
        """Show another state."""
        if (text, glyph, tone, filled) == (self.text(), self._glyph, self._tone, self._filled):
            return
        self._glyph, self._tone, self._filled = glyph, tone, filled
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    @property
    def tone(self) -> str:
        """The tone shown."""
        return self._tone

    def _kind(self) -> str:
        return "small_bold" if self._filled else "small"

    def sizeHint(self) -> QSize:
        lead = ICON_SIZE_SMALL + _GAP if self._glyph else 0
        return QSize(lead + width(self.text(), self._kind()) + 2 * _PADDING, STATUS_BAR_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._filled:
            box(painter, self.rect(), fill=_GROUNDS.get(self._tone, "hover"), radius=0)
        elif self.underMouse():
            box(painter, self.rect(), fill="hover", radius=0)
        left = float(_PADDING)
        if self._glyph:
            top = (self.height() - ICON_SIZE_SMALL) // 2
            paint_icon(painter, QPointF(left, top), self._glyph, size=ICON_SIZE_SMALL, tone=self._tone)
            left += ICON_SIZE_SMALL + _GAP
        write(painter, left, self.rect(), self.text(), kind=self._kind(), tone=self._tone)


class StatusBar(QWidget):
    """Pieces at the left and at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "bg", edge="top")
        self.setFixedHeight(STATUS_BAR_HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 0, 4, 0)
        self._row.setSpacing(0)
        self._row.addStretch(1)
        self._left = 0

    def add_left(self, piece: QWidget) -> None:
        """Put a piece after those at the left."""
        self._row.insertWidget(self._left, piece)
        self._left += 1

    def add_right(self, piece: QWidget) -> None:
        """Put a piece after those at the right."""
        self._row.addWidget(piece)
