"""A yes or no, and one of several, drawn with the same icons as the rest."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.ui.theme import font, paint_icon
from desktop.ui.theme.tokens import CONTROL_HEIGHT_SMALL, ICON_SIZE
from desktop.ui.widgets.painting import width, write

_TEXT_LEFT = ICON_SIZE + 6


class _Tick(QAbstractButton):
    """What both share: an icon that shows the choice, then the words."""

    edited = Signal()
    on, off = "", ""

    def __init__(self, text: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setFont(font("body"))
        self.setCheckable(True)
        self.setFixedHeight(CONTROL_HEIGHT_SMALL)
        self.clicked.connect(self.edited)

    def value(self) -> bool:
        """Whether it is ticked."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Tick it by program."""
        self.setChecked(bool(value))

    def set_state(self, state: str) -> None:
        """Fields call this; a tick has no frame to colour."""
        self.setProperty("state", state)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_TEXT_LEFT + width(self.text()), CONTROL_HEIGHT_SMALL)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _ink(self) -> str:
        if not self.isEnabled():
            return "text3"
        if self.property("state") == "error":
            return "late"
        return "accent" if self.isChecked() else "line_strong"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        at = QPointF(0, (self.height() - ICON_SIZE) // 2)
        paint_icon(painter, at, self.on if self.isChecked() else self.off, tone=self._ink())
        write(painter, _TEXT_LEFT, self.rect(), self.text(), tone="text" if self.isEnabled() else "text3")


class CheckBox(_Tick):
    """A yes or no."""

    on, off = "check-square-fill", "square"


class RadioButton(_Tick):
    """One of several beside each other in one parent."""

    on, off = "check-circle-fill", "circle"

    def __init__(self, text: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(text, parent=parent)
        self.setAutoExclusive(True)
        self.setCursor(Qt.CursorShape.ArrowCursor)
