"""A ticket's status: its icon, always with its word."""

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.text import has_text, tr
from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL
from desktop.ui.widgets.painting import width, write

_LOOKS = {
    "new": ("circle-dashed", "text2"),
    "open": ("circle-half", "accent"),
    "pending": ("chat-circle-dots", "text2"),
    "on_hold": ("pause-circle", "text2"),
    "resolved": ("check-circle", "ok"),
    "closed": ("check-circle-fill", "text2"),
}
_GAP = 4


STATUSES = tuple(_LOOKS)


def status_text(status: str, *, short: bool = False) -> str:
    """The word of a status, or a shorter one for narrow columns; an administrator's own is its own word."""
    for key in (f"status.short.{status}", f"status.{status}")[not short :]:
        if has_text(key):
            return tr(key)
    return status


def status_look(status: str) -> tuple[str, str]:
    """Icon and tone of a status; an unknown one looks like work in progress."""
    return _LOOKS.get(status, ("circle", "text2"))


def paint_status(
    painter: QPainter, rect: QRect, status: str, text: str, *, tone: str = "text", kind: str = "body"
) -> None:
    """Icon and word at the left of `rect`; the caller elides the word."""
    glyph, ink = status_look(status)
    top = rect.top() + (rect.height() - ICON_SIZE_SMALL) // 2
    paint_icon(painter, QPointF(rect.left(), top), glyph, size=ICON_SIZE_SMALL, tone=ink)
    write(painter, rect.left() + ICON_SIZE_SMALL + _GAP, rect, text, kind=kind, tone=tone)


class StatusLabel(QWidget):
    """Icon and word on a line of 20."""

    def __init__(self, status: str = "new", *, kind: str = "body", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self.set_status(status)

    def set_status(self, status: str) -> None:
        """Show another status."""
        self._status = status
        self.setAccessibleName(status_text(status))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(ICON_SIZE_SMALL + _GAP + width(status_text(self._status), self._kind), 20)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_status(QPainter(self), self.rect(), self._status, status_text(self._status), kind=self._kind)
