"""Linking a ticket with another: how they belong together, and which one."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.form.directory import Found
from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.pick import PickList
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import Field

_OFFERED = ("related", "incident_of", "child_of", "parent_of")
_OF_PROBLEM = ("problem_of", "related", "child_of", "parent_of")


class LinkTo(FormPopover):
    """`chosen` carries the relation and the other ticket's id."""

    chosen = Signal(str, str)

    def __init__(
        self, anchor: QWidget, find: Callable[[str], Sequence[Found]], *, is_problem: bool = False
    ) -> None:
        super().__init__(
            anchor, title=tr("link.title"), verb=tr("action.link.short"), glyph="link", width=440
        )
        offered = _OF_PROBLEM if is_problem else _OFFERED
        how = ComboBox([(name, tr(f"link.as.{name}")) for name in offered])
        how.set_value(offered[0])
        self._how = Field(tr("link.how"), how)
        self._other = PickList(find, placeholder=tr("merge.find"), rows=6)
        self.fields.addWidget(self._how)
        self.fields.addWidget(self._other)
        self._other.moved.connect(lambda _: self.fit())
        self._other.picked.connect(lambda _: self.submit())

    def first_field(self) -> QWidget | None:
        return self._other.field

    def submit(self) -> None:
        found = self._other.current()
        if found is None:
            self._other.field.setFocus()
            return
        self.chosen.emit(str(self._how.value()), found.id)
