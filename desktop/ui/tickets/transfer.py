"""Passing tickets on: where to, found by typing, and a note, which leaving the department requires."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.directory import LINE, PERSON, TEAM, UNIT, Directory
from desktop.ui.form.directory import Found
from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.pick import PickList
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.text_area import TextArea
from domain.wire.commands import TransferTicket

_WHERE = {UNIT: "org", TEAM: "team", PERSON: "assignee", LINE: "line"}
_LEAVES = frozenset({UNIT, LINE})


class Transfer(FormPopover):
    """`chosen` carries where to, as the command has it."""

    chosen = Signal(object)

    def __init__(self, anchor: QWidget, directory: Directory, *, count: int = 1) -> None:
        title = tr("transfer.title") if count == 1 else tr("transfer.title_many", count=count)
        super().__init__(
            anchor, title=title, verb=tr("action.transfer.short"), glyph="arrow-bend-up-right", width=376
        )
        self._to = PickList(directory.find_places, placeholder=tr("transfer.find"), rows=6)
        self._where = Label(tone="text2", elide=True)
        note = TextArea(placeholder=tr("transfer.note_hint"), least=2, most=5)
        self._note = Field(tr("transfer.note"), note, check=self._check)
        for widget in (self._to, self._where, self._note):
            self.fields.addWidget(widget)
        self._to.moved.connect(self._on_moved)
        self._to.picked.connect(lambda _: note.setFocus(Qt.FocusReason.OtherFocusReason))
        self._on_moved(self._to.current())

    def first_field(self) -> QWidget | None:
        return self._to.field

    def _kind(self) -> str:
        found = self._to.current()
        return found.id.partition(":")[0] if found is not None else ""

    def _check(self) -> str | None:
        return tr("transfer.note_missing") if self._kind() in _LEAVES and not self._note.value() else None

    def _on_moved(self, found: Found | None) -> None:
        self._where.setText(tr("transfer.to", name=found.name, detail=found.detail) if found else "")
        self._note.clear_error()

    def submit(self) -> None:
        found = self._to.current()
        if found is None:
            self._to.field.setFocus()
            return
        if not self._note.validate():
            self.fit()
            self._note.focus_editor()
            return
        kind, _, id = found.id.partition(":")
        self.chosen.emit(TransferTicket(**{_WHERE[kind]: id}, note=self._note.value()))
