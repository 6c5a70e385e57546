"""The two ways to write: 公开回复 R, 内部备注 N."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import CONTROL_HEIGHT, ICON_SIZE
from desktop.ui.widgets.painting import width, write

_GAP = 16


class WritingTabs(QWidget):
    """`changed` tells whether a note is to be written."""

    changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._internal, self._reply_allowed = False, True
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_internal(self, internal: bool) -> None:
        """Show which is chosen."""
        self._internal = internal
        self.update()

    def allow_reply(self, allowed: bool) -> None:
        """Without a requester, or on a closed ticket, only notes are written."""
        self._reply_allowed = allowed
        self.update()

    def write_words(self) -> None:
        """After a switch of language."""
        self.setAccessibleName(tr("bubble.note" if self._internal else "bubble.public"))
        self.updateGeometry()
        self.update()

    def _reply_width(self) -> int:
        return width(tr("bubble.public"), "body_bold") + 4 + width("R", "small")

    def sizeHint(self) -> QSize:
        note = ICON_SIZE + 4 + width(tr("bubble.note"), "body_bold") + 4 + width("N", "small")
        return QSize(self._reply_width() + _GAP + note, CONTROL_HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        internal = event.position().x() > self._reply_width() + _GAP // 2
        if internal != self._internal and (internal or self._reply_allowed):
            self.changed.emit(internal)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = QRect(0, 0, self.width(), self.height())
        words = tr("bubble.public")
        tone = "text3" if not self._reply_allowed else "text2" if self._internal else "accent"
        kind = "body" if self._internal else "body_bold"
        write(painter, 0, line, words, kind=kind, tone=tone)
        write(painter, width(words, kind) + 4, line, "R", kind="small", tone="text3")
        left = self._reply_width() + _GAP
        tone = "note" if self._internal else "text2"
        top = (self.height() - ICON_SIZE) // 2
        paint_icon(painter, QPointF(left, top), "lock-simple", tone=tone)
        left += ICON_SIZE + 4
        words = tr("bubble.note")
        kind = "body_bold" if self._internal else "body"
        write(painter, left, line, words, kind=kind, tone=tone)
        write(painter, left + width(words, kind) + 4, line, "N", kind="small", tone="text3")
