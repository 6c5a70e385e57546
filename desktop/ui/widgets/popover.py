"""A pop-over: anchored to what opened it, Esc closes it, focus returns."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.widgets.button import IconButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground

_GAP = 4


class Popover(QFrame):
    """Add to `body`; `open` shows it below its anchor, above where there is no room."""

    closed = Signal()

    def __init__(self, anchor: QWidget, *, title: str = "", width: int = 0) -> None:
        super().__init__(anchor, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._anchor = anchor
        self._back_to: QWidget | None = None
        frame = QFrame(self)
        ground(frame, "surface", edge="popup")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.body = QVBoxLayout(frame)
        self.body.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
        self.body.setSpacing(8)
        if title:
            self._add_head(title)
        if width:
            self.setFixedWidth(width)

    def _add_head(self, title: str) -> None:
        close = IconButton("x", tr("widget.close"), shortcut="Esc", side=24)
        close.clicked.connect(self.close)
        self._title = Label(title, kind="h3")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close)
        self.body.addLayout(head)
        self.setAccessibleName(title)

    def set_title(self, title: str) -> None:
        """Change what stands in the head; for those that have one."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def refit(self) -> None:
        """Take the size of what is in it now, and the place that goes with it, while it is open."""
        if self.isVisible():
            self._fit()
            self.move(self._place())

    def _fit(self) -> None:
        """As high as what is in it, which Qt by itself bounds to two thirds of the screen."""
        self.adjustSize()
        layout = self.layout()
        if layout is not None:
            by_width = layout.hasHeightForWidth()
            wanted = layout.totalHeightForWidth(self.width()) if by_width else layout.totalSizeHint().height()
            most = self._anchor.screen().availableGeometry().height()
            self.resize(self.width(), max(self.height(), min(wanted, most)))

    def open(self) -> None:
        """Show it, and remember where the focus was."""
        focused = QApplication.focusWidget()
        # Not into another pop-over, which may be gone by the time this one closes.
        here = focused is not None and focused.window() is self._anchor.window()
        self._back_to = focused if here else None
        self._fit()
        self.move(self._place())
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self) -> QPoint:
        screen = self._anchor.screen().availableGeometry()
        within = screen.intersected(self._anchor.window().geometry())
        if within.width() >= self.width():
            # Beside what it belongs to, not over the next window.
            screen.setLeft(within.left())
            screen.setRight(within.right())
        below = self._anchor.mapToGlobal(QPoint(0, self._anchor.height() + _GAP))
        left = min(max(below.x(), screen.left()), screen.right() + 1 - self.width())
        bottom = within.bottom() if within.height() >= self.height() else screen.bottom()
        if below.y() + self.height() <= bottom + 1:
            return QPoint(left, below.y())
        above = self._anchor.mapToGlobal(QPoint(0, -_GAP)).y() - self.height()
        if above >= screen.top():
            return QPoint(left, above)
        return QPoint(left, max(screen.top(), screen.bottom() + 1 - self.height()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._back_to is not None:
            self._back_to.setFocus(Qt.FocusReason.PopupFocusReason)
            self._back_to = None
        self.closed.emit()
