"""Asks for a moment: when a reminder is to come again."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.when import When
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.popover import Popover
from domain.entities.base import Instant

WIDTH = 320


class SnoozeAt(Popover):
    """`chosen` tells the instant; Enter takes it."""

    chosen = Signal(object)

    def __init__(self, anchor: QWidget, *, now_at: Instant) -> None:
        super().__init__(anchor, title=tr("reminder.snooze_title"), width=WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._when = When(tr("reminder.at"), (), now_at=now_at)
        self.take = Button(tr("reminder.snooze_take"), kind="primary", shortcut="Enter")
        self.take.clicked.connect(self._take)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.take)
        self.body.addWidget(self._when)
        self.body.addLayout(foot)

    @property
    def when(self) -> When:
        """The field."""
        return self._when

    def open(self) -> None:
        """Show it with the cursor in the field."""
        super().open()
        self._when.focus_editor()

    def _take(self) -> None:
        if self._when.validate():
            self.chosen.emit(self._when.value())
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            return
        super().keyPressEvent(event)
