"""One step of the page: a number that turns into a check, a title, and what belongs to it."""

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.theme import paint_icon
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box, width, write

INDENT = 28
_SIDE = 20


class _Mark(QWidget):
    """The circle: a number, or a check once done."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number, self.done = number, False
        self.setFixedSize(_SIDE, _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), fill="ok_soft" if self.done else "accent_soft", radius=_SIDE // 2)
        if self.done:
            paint_icon(painter, QPointF(4, 4), "check", size=12, tone="ok")
            return
        text = str(self._number)
        left = (_SIDE - width(text, "small_bold")) / 2
        write(painter, left, QRect(0, 0, _SIDE, _SIDE), text, kind="small_bold", tone="accent")


class Step(QWidget):
    """Add to `body`; the note stands at the right of the title."""

    def __init__(self, number: int, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = _Mark(number)
        self._title = Label(title, kind="body_bold")
        self._note = Label(kind="small", tone="text3")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._note)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(INDENT, 0, 0, 0)
        self.body.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(self.body)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)

    def set_note(self, note: str) -> None:
        """Say something at the right."""
        self._note.setText(note)

    def set_done(self, done: bool) -> None:
        """Show a check instead of the number."""
        if done != self._mark.done:
            self._mark.done = done
            self._mark.update()

    @property
    def done(self) -> bool:
        """Whether it shows a check."""
        return self._mark.done
