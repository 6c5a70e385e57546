"""Long work: what it does with figures, a bar, and a way to stop it."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import pixmap
from desktop.ui.theme.tokens import ICON_SIZE
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label


class Progress(QWidget):
    """Shown once work takes over 2 s (`tokens.PROGRESS_DELAY_MS`); 取消 emits `cancelled`."""

    cancelled = Signal()

    def __init__(self, text: str = "", *, cancellable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._label = Label(text, elide=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._cancel = Button(shortcut="Esc", small=True)
        self._cancel.setVisible(cancellable)
        self._cancel.clicked.connect(self.cancelled)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._icon)
        line.addWidget(self._label, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._cancel)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self._bar)
        column.addLayout(foot)
        self._dress()

    def advance(self, text: str, *, done: int, total: int) -> None:
        """Say how far it is; a total of 0 is not known yet."""
        self._label.setText(text)
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._bar.setAccessibleName(text)

    def _dress(self) -> None:
        self._icon.setPixmap(pixmap("arrows-clockwise", ICON_SIZE, "accent", self.devicePixelRatioF()))
        self._cancel.setText(tr("widget.cancel"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.LanguageChange):
            self._dress()
