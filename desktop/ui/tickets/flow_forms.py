"""The small forms of a flow: where to send it back to and why; what an approver says."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.text_area import TextArea


class ReturnForm(FormPopover):
    """`chosen` carries the node and the reason."""

    chosen = Signal(str, str)

    def __init__(self, anchor: QWidget, nodes: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            anchor, title=tr("flow.return_title"), verb=tr("flow.return"), glyph="arrow-bend-up-left"
        )
        choice = ComboBox(nodes)
        choice.set_value(nodes[0][0])
        self._to = Field(tr("flow.return_to"), choice, required=True)
        self._reason = Field(
            tr("hand_back.reason"),
            TextArea(placeholder=tr("hand_back.reason_hint"), least=2, most=5),
            required=True,
            check=lambda: None if self._reason.value() else tr("error.reason_missing"),
        )
        self.fields.addWidget(self._to)
        self.fields.addWidget(self._reason)

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._reason.editor
        return editor

    def submit(self) -> None:
        if not self._reason.validate():
            self.fit()
            self._reason.focus_editor()
            return
        self.chosen.emit(str(self._to.value()), str(self._reason.value()))
