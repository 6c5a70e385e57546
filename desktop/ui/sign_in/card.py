"""A window that is one card on the ground, as the sign-in window is: title, words, and what can be done."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import pixmap
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground

CARD_WIDTH, MARGIN, LEAST_HEIGHT = 440, 48, 480


class CardWindow(QWidget):
    """`glyph` in `tone` before the title; `closed` when the window goes."""

    closed = Signal()

    def __init__(self, *, glyph: str, tone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._glyph, self._tone = glyph, tone
        self._written = False
        ground(self, "bg")
        self._sign = QLabel()
        self._title = Label(kind="h1", wrap=True)
        self._card = QWidget()
        ground(self._card, "surface", edge="card")
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        self.column = QVBoxLayout(self._card)
        self.column.setContentsMargins(24, 20, 24, 24)
        self.column.setSpacing(12)
        self.column.addLayout(head)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(MARGIN, 24, MARGIN, 24)
        outer.addStretch(1)
        outer.addWidget(self._card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)

    def write(self, title: str) -> None:
        """The title, and the room that all words take now."""
        self._written = True
        self.setWindowTitle(tr("sign_in.window"))
        self._title.setText(title)
        self._sign.setPixmap(pixmap(self._glyph, 24, self._tone, self.devicePixelRatioF()))
        for part in self._card.findChildren(QWidget):
            part.updateGeometry()
        self.column.invalidate()
        self._card.setFixedSize(CARD_WIDTH, self.column.totalHeightForWidth(CARD_WIDTH))
        self.setMinimumSize(CARD_WIDTH + 2 * MARGIN, max(LEAST_HEIGHT, self._card.height() + 48))

    def write_words(self) -> None:
        """Write everything in the language in force."""

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language and the scheme."""
        super().changeEvent(event)
        if self._written and event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.write_words()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that it is gone."""
        super().closeEvent(event)
        self.closed.emit()
