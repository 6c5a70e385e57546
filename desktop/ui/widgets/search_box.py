"""The search box: a magnifying glass, the hint, and the key that leads here."""

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE
from desktop.ui.widgets.key_cap import KeyCap

PAUSE_MS = 120


class SearchBox(QLineEdit):
    """`searched` tells the words when typing rests, at once on Enter; Esc empties it, then leaves."""

    searched = Signal(str)
    left = Signal()

    def __init__(self, placeholder: str, *, shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setTextMargins(24, 0, 0, 0)
        self._cap = KeyCap(shortcut, parent=self) if shortcut else None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(PAUSE_MS)
        self._rest.timeout.connect(self._search)
        self.textChanged.connect(self._on_text_changed)

    def _on_text_changed(self, text: str) -> None:
        if self._cap is not None:
            self._cap.setVisible(not text)
        self._rest.start()

    def _search(self) -> None:
        self._rest.stop()
        self.searched.emit(self.text().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._search()
        elif event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
                self._search()
            else:
                self.left.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._cap is not None:
            self._cap.move(self.width() - self._cap.width() - 8, (self.height() - self._cap.height()) // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        at = QPointF(9, (self.height() - ICON_SIZE) // 2)
        paint_icon(QPainter(self), at, "magnifying-glass", tone="text3")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
