"""Buttons: one primary per pane, normal, quiet, danger; the shortcut stands in the button."""

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter, QToolButton, QWidget

from desktop.ui.theme import font, icon, paint_icon
from desktop.ui.theme.tokens import CONTROL_HEIGHT, CONTROL_HEIGHT_SMALL, ICON_SIZE
from desktop.ui.widgets.painting import width, write
from desktop.ui.widgets.polish import restyle

_GAP = 6
_TONES = {"primary": "on_accent", "danger": "late", "note": "note"}


def native(shortcut: str) -> str:
    """A shortcut as this system writes it; ranges such as Alt+1–3 stay as they are."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText) or shortcut


class Button(QPushButton):
    """`kind` is primary, normal, quiet, danger or note; never elided; 28 high, small 24.

    The shortcut is only shown: the window's action is what it triggers.
    """

    def __init__(
        self,
        text: str = "",
        *,
        kind: str = "normal",
        icon: str = "",
        shortcut: str = "",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._glyph = icon
        self._shortcut = native(shortcut) if shortcut else ""
        self._reason_tip = False
        self._small = small
        self.setFont(font("small" if small else "body"))
        self.setAutoDefault(False)
        restyle(self, kind=kind, dense="yes" if small else "no")
        self.setFixedHeight(CONTROL_HEIGHT_SMALL if small else CONTROL_HEIGHT)

    @property
    def kind(self) -> str:
        """The kind in force."""
        return str(self.property("kind"))

    def set_kind(self, kind: str) -> None:
        """Turn into another kind, as the send button does when a note is written."""
        restyle(self, kind=kind)

    def set_icon(self, name: str) -> None:
        """Show another icon; "" for none."""
        self._glyph = name
        self.updateGeometry()
        self.update()

    def set_shortcut(self, shortcut: str) -> None:
        """Show another shortcut; "" for none."""
        self._shortcut = native(shortcut) if shortcut else ""
        self.updateGeometry()
        self.update()

    def refuse(self, reason: str | None) -> None:
        """Disable with the reason as tooltip, or enable again with None."""
        self.setEnabled(reason is None)
        if reason is not None or self._reason_tip:
            self.setToolTip(reason or "")
        self._reason_tip = reason is not None

    def _text_kind(self) -> str:
        return "small" if self._small else "body"

    def _parts_width(self) -> int:
        parts = []
        if self._glyph:
            parts.append(ICON_SIZE)
        if self.text():
            parts.append(width(self._shown(), self._text_kind()))
        if self._shortcut:
            parts.append(width(self._shortcut, "small"))
        return sum(parts) + _GAP * max(0, len(parts) - 1)

    def _shown(self) -> str:
        return self.text().replace("&", "")

    def sizeHint(self) -> QSize:
        padding = 8 if self._small else 12
        return QSize(self._parts_width() + 2 * padding, self.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        tone = _TONES.get(self.kind, "text") if self.isEnabled() else "text3"
        quiet_tone = tone if tone == "on_accent" else "text3"
        left = float((self.width() - self._parts_width()) // 2)
        if self._glyph:
            top = (self.height() - ICON_SIZE) // 2
            paint_icon(painter, QPointF(left, top), self._glyph, size=ICON_SIZE, tone=tone)
            left += ICON_SIZE + _GAP
        if self.text():
            write(painter, left, self.rect(), self._shown(), kind=self._text_kind(), tone=tone)
            left += width(self._shown(), self._text_kind()) + _GAP
        if self._shortcut:
            write(painter, left, self.rect(), self._shortcut, kind="small", tone=quiet_tone)


class IconButton(QToolButton):
    """An icon alone, at least 24 by 24, with a name for screen readers and a tooltip."""

    def __init__(
        self,
        glyph: str,
        name: str,
        *,
        shortcut: str = "",
        side: int = CONTROL_HEIGHT,
        tone: str = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._shortcut = native(shortcut) if shortcut else ""
        self._glyph, self._tone = glyph, tone
        self.setFixedSize(max(side, CONTROL_HEIGHT_SMALL), max(side, CONTROL_HEIGHT_SMALL))
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_icon(glyph)
        self.set_name(name)

    def set_icon(self, glyph: str, tone: str = "") -> None:
        """Show another icon, in another tone if given."""
        self._glyph, self._tone = glyph, tone or self._tone
        self.setIcon(icon(self._glyph, self._tone))

    def set_name(self, name: str) -> None:
        """The accessible name, and with the shortcut the tooltip."""
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({self._shortcut})" if self._shortcut else name)


class LinkButton(QPushButton):
    """Text in accent that acts; underlined under the pointer."""

    def __init__(
        self, text: str = "", *, glyph: str = "", kind: str = "small", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._glyph, self._kind, self._hovered = glyph, kind, False
        restyle(self, kind="link")
        self.setFont(font(kind))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(CONTROL_HEIGHT_SMALL)

    def sizeHint(self) -> QSize:
        glyph = 14 + 4 if self._glyph else 0
        return QSize(width(self.text(), self._kind) + glyph, self.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        tone = "accent" if self.isEnabled() else "text3"
        left = 0.0
        if self._glyph:
            paint_icon(painter, QPointF(0, (self.height() - 14) // 2), self._glyph, size=14, tone=tone)
            left = 18.0
        write(painter, left, self.rect(), self.text(), kind=self._kind, tone=tone)
        if self._hovered:
            below = (self.height() + font(self._kind).pixelSize()) // 2 + 1
            painter.drawLine(int(left), below, self.width() - 1, below)
