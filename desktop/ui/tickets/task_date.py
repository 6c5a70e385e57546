"""Until when a task is to be done."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.pause import choices
from desktop.ui.tickets.when import When
from domain.entities.base import Instant


class TaskDate(FormPopover):
    """`chosen` carries the moment."""

    chosen = Signal(object)

    def __init__(self, anchor: QWidget, *, now_at: Instant, due_at: Instant | None = None) -> None:
        super().__init__(
            anchor, title=tr("task.title"), verb=tr("action.task_date.short"), glyph="calendar-blank"
        )
        self._when = When(tr("task.until"), choices(now_at), now_at=now_at)
        if due_at is not None:
            self._when.set_value(due_at)
        self.fields.addWidget(self._when)

    def open(self) -> None:
        super().open()
        self._when.focus_editor()

    def submit(self) -> None:
        if not self._when.validate():
            self.fit()
            self._when.focus_editor()
            return
        self.chosen.emit(self._when.value())
