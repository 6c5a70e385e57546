"""Returning tickets to whom they came from, with the reason."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.reason import reason_chips, reason_field
from desktop.ui.widgets.label import Label

REASONS = ("wrong_store", "wrong_person", "incomplete")


class HandBackForm(FormPopover):
    """`chosen` carries the reason."""

    chosen = Signal(str)

    def __init__(self, anchor: QWidget, *, to: str, count: int = 1) -> None:
        title = tr("hand_back.title") if count == 1 else tr("hand_back.title_many", count=count)
        verb = tr("action.hand_back.short")
        super().__init__(anchor, title=title, verb=verb, glyph="arrow-bend-up-left")
        if to:
            self.fields.addWidget(Label(tr("hand_back.to", who=to), tone="text2", wrap=True))
        self._reason = reason_field("hand_back")
        self.fields.addWidget(self._reason)
        self.fields.addWidget(reason_chips(self._reason, "hand_back", REASONS))

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._reason.editor
        return editor

    def submit(self) -> None:
        if not self._reason.validate():
            self.fit()
            self._reason.focus_editor()
            return
        self.chosen.emit(self._reason.value())
