"""Giving a narrowed list a name, so that it stands in the sidebar."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.text_field import TextField

_LONGEST = 40


class SaveView(FormPopover):
    """`named` tells the name."""

    named = Signal(str)

    def __init__(self, anchor: QWidget, proposed: str) -> None:
        super().__init__(
            anchor, title=tr("list.save_view"), verb=tr("list.save"), glyph="floppy-disk", width=320
        )
        editor = TextField(proposed)
        editor.setMaxLength(_LONGEST)
        editor.returnPressed.connect(self.submit)
        self._name = Field(tr("list.view_name"), editor, required=True, check=self._check)
        self.fields.addWidget(self._name)

    def _check(self) -> str | None:
        return None if self._name.value() else tr("list.view_name_missing")

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._name.editor
        return editor

    def submit(self) -> None:
        if self._name.validate():
            self.named.emit(self._name.value())
            self.close()
        self.fit()
