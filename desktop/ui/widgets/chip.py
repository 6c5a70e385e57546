"""A chip: a short word in a box, to read, to choose or to remove."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import font, paint_icon
from desktop.ui.theme.tokens import CHIP_HEIGHT, CHIP_HEIGHT_LARGE
from desktop.ui.widgets.painting import box, width, write

_ICON, _GAP = 14, 4
# ground, line, tone of each look
_LOOKS = {
    "plain": ("", "line", "text2"),
    "chosen": ("accent_soft", "accent_line", "accent"),
    "soon": ("soon_soft", "soon_line", "soon"),
    "ok": ("ok_soft", "ok_line", "ok"),
    "late": ("late_soft", "late_line", "late"),
    "note": ("note_soft", "note_line", "note"),
    "muted": ("hover", "hover", "text2"),
}


class Chip(QAbstractButton):
    """20 high, `large` 24. `look` is plain, chosen, soon, ok, late, note or muted.

    `choosable` makes it a toggle whose chosen look has a check; `removable` adds ×, which emits `removed`
    (Delete does too); `menu` adds a caret. One that is only read takes no focus.
    """

    removed = Signal()

    def __init__(
        self,
        text: str,
        *,
        glyph: str = "",
        look: str = "plain",
        large: bool = False,
        clickable: bool = False,
        choosable: bool = False,
        removable: bool = False,
        menu: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._glyph, self._look = glyph, look
        self._large, self._removable, self._menu = large, removable, menu
        self._acts = clickable or choosable or removable or menu
        self.setText(text)
        self.setFont(font("small"))
        self.setCheckable(choosable)
        self.setFixedHeight(CHIP_HEIGHT_LARGE if large else CHIP_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self._acts else Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover, self._acts)
        if removable:
            self.setToolTip(f"{tr('widget.remove')} (Delete)")

    def set_look(self, look: str, *, glyph: str | None = None) -> None:
        """Change how it looks, and its icon if given."""
        self._look = look
        self._glyph = self._glyph if glyph is None else glyph
        self.updateGeometry()
        self.update()

    def _shown_glyph(self) -> str:
        return "check" if self.isChecked() else self._glyph

    def _trailing(self) -> str:
        return "x" if self._removable else "caret-down" if self._menu else ""

    def sizeHint(self) -> QSize:
        sides = 16 if self._large else 12
        lead = _ICON + _GAP if self._shown_glyph() else 0
        trail = _ICON + _GAP if self._trailing() else 0
        return QSize(sides + lead + width(self.text(), "small") + trail, self.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def checkStateSet(self) -> None:
        self.updateGeometry()

    def nextCheckState(self) -> None:
        super().nextCheckState()
        self.updateGeometry()

    def _cross(self) -> QRect:
        return QRect(self.width() - _ICON - _GAP - 2, 0, _ICON + _GAP + 2, self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._acts:
            super().mousePressEvent(event)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._removable and self._cross().contains(event.position().toPoint()):
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._removable and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill, line, tone = _LOOKS["chosen" if self.isChecked() else self._look]
        if self._acts and self.isEnabled() and (self.underMouse() or self.isDown()) and not fill:
            fill = "line" if self.isDown() else "hover"
        box(painter, self.rect(), fill=fill, line=line)
        tone = tone if self.isEnabled() else "text3"
        left = 8.0 if self._large else 6.0
        top = (self.height() - _ICON) // 2
        if self._shown_glyph():
            paint_icon(painter, QPointF(left, top), self._shown_glyph(), size=_ICON, tone=tone)
            left += _ICON + _GAP
        write(painter, left, self.rect(), self.text(), kind="small", tone=tone)
        if self._trailing():
            at = QPointF(self.width() - _ICON - (8 if self._large else 6) + 2, top)
            paint_icon(painter, at, self._trailing(), size=_ICON, tone=tone)
