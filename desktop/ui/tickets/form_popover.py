"""A small form that pops up beside what it belongs to; Ctrl+Enter submits, Esc closes, nothing is asked twice."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.field import ErrorLine
from desktop.ui.widgets.popover import Popover

_MOST_HEIGHT = 440


class FormPopover(Popover):
    """Add to `fields`; `submit` is what the button and Ctrl+Enter do. It stays open until `close`."""

    submitted = Signal()

    def __init__(
        self,
        anchor: QWidget,
        *,
        title: str,
        verb: str,
        glyph: str = "",
        width: int = 344,
        most_height: int = _MOST_HEIGHT,
    ) -> None:
        super().__init__(anchor, title=title, width=width)
        self._most_height = most_height
        self._error = ErrorLine()
        self._inside = QWidget()
        self.fields = QVBoxLayout(self._inside)
        self.fields.setContentsMargins(1, 1, 1, 1)
        self.fields.setSpacing(12)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(title)
        self._scroll.setWidget(self._inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._submit = Button(verb, kind="primary", icon=glyph, shortcut="Ctrl+Enter")
        cancel = Button(tr("widget.cancel"), kind="quiet", shortcut="Esc")
        self._submit.clicked.connect(self.submit)
        cancel.clicked.connect(self.close)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        self.foot.addStretch(1)
        self.foot.addWidget(cancel)
        self.foot.addWidget(self._submit)
        self.body.addWidget(self._error)
        self.body.addWidget(self._scroll, 1)
        self.body.addLayout(self.foot)

    def submit(self) -> None:
        """Check and hand over; subclasses check first."""
        self.submitted.emit()

    def complain(self, sentence: str) -> None:
        """Say above the fields what went wrong; what was filled in stays."""
        self._error.set_text(sentence)
        self.fit()

    def first_field(self) -> QWidget | None:
        """Where the cursor goes when it opens."""
        return None

    def fit(self) -> None:
        """As high as what is inside, up to a limit, then it scrolls."""
        self.fields.activate()
        room = self.width() - 2 * self.body.contentsMargins().left() - 2
        height = self.fields.totalHeightForWidth(room)
        if height < 0:
            height = self._inside.sizeHint().height()
        self._scroll.setFixedHeight(min(self._most_height, height))
        self.adjustSize()
        if self.isVisible():
            self.move(self._place())

    def bring(self, part: QWidget) -> None:
        """Scroll to one of what is inside."""
        if self._inside.isAncestorOf(part):
            self._scroll.ensureWidgetVisible(part)

    def open(self) -> None:
        self.fit()
        super().open()
        first = self.first_field()
        if first is not None:
            first.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submit()
            return
        super().keyPressEvent(event)
