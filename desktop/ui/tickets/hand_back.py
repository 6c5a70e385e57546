"""Returning tickets to whom they came from, with the reason."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.text_field import TextField

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
        self._reason = Field(
            tr("hand_back.reason"),
            TextField(placeholder=tr("hand_back.reason_hint")),
            required=True,
            check=self._check,
        )
        self.fields.addWidget(self._reason)
        box = QWidget()
        row = WrapLayout(box)
        for reason in REASONS:
            words = tr(f"hand_back.because.{reason}")
            chip = Chip(words, clickable=True, large=True)
            chip.clicked.connect(lambda _=False, words=words: self._reason.set_value(words))
            row.addWidget(chip)
        self.fields.addWidget(box)

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._reason.editor
        return editor

    def _check(self) -> str | None:
        return None if self._reason.value() else tr("error.reason_missing")

    def submit(self) -> None:
        if not self._reason.validate():
            self.fit()
            self._reason.focus_editor()
            return
        self.chosen.emit(self._reason.value())
