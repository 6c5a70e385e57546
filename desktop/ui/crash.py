"""The dialog for mistakes of the program itself: what became of the work, and what support needs."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground

MOST_LINES = 200


class CrashWindow(QWidget):
    """Shown once; further mistakes are added to its record. Never modal: the work behind can be saved."""

    quit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        ground(self, "bg")
        self.setWindowTitle(tr("crash.title"))
        self.setMinimumSize(560, 320)
        self.record = QPlainTextEdit()
        self.record.setReadOnly(True)
        self.record.setAccessibleName(tr("crash.details"))
        self._copy = Button(tr("crash.copy"), icon="copy")
        self._quit = Button(tr("crash.quit"), kind="quiet")
        self._go_on = Button(tr("crash.go_on"), kind="primary")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.record.toPlainText()))
        self._quit.clicked.connect(self.quit_asked)
        self._go_on.clicked.connect(self.close)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self._copy, self._quit):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(Label(tr("crash.title"), kind="h2"))
        column.addWidget(Label(tr("crash.text"), wrap=True))
        column.addWidget(Label(tr("crash.details"), kind="small", tone="text2"))
        column.addWidget(self.record, 1)
        column.addLayout(row)

    def add(self, lines: list[str]) -> None:
        """Add a mistake to the record and show the window."""
        if self.record.blockCount() < MOST_LINES:
            self.record.appendPlainText("\n".join(lines))
        self.show()
        self.raise_()
