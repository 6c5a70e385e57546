"""Merging a ticket into another: which one, and who will follow what, told before it is confirmed."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.replica.queries.together import MergePreview
from desktop.ui.form.directory import Found
from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.pick import PickList
from desktop.ui.widgets.check_box import CheckBox
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.text_area import TextArea
from domain.wire.together_commands import MergeTicket

Preview = Callable[[str], MergePreview | None]


class Merge(FormPopover):
    """`chosen` carries into which ticket, as the command has it."""

    chosen = Signal(object)

    def __init__(
        self, anchor: QWidget, find: Callable[[str], Sequence[Found]], preview: Preview, *, number: str
    ) -> None:
        title = tr("merge.title", number=number)
        super().__init__(anchor, title=title, verb=tr("action.merge.short"), glyph="git-merge", width=440)
        self._preview = preview
        self._into = PickList(find, placeholder=tr("merge.find"), rows=5)
        self._told = Label(tone="text2", wrap=True)
        self._follow = Label(kind="small", tone="text2", wrap=True)
        self._confirm = CheckBox(tr("merge.confirm"))
        note = TextArea(placeholder=tr("merge.note_hint"), least=1, most=4)
        self._note = Field(tr("merge.note"), note)
        for widget in (self._into, self._told, self._follow, self._confirm, self._note):
            self.fields.addWidget(widget)
        self._into.moved.connect(self._on_moved)
        self._into.picked.connect(lambda _: note.setFocus(Qt.FocusReason.OtherFocusReason))
        self._on_moved(self._into.current())

    def first_field(self) -> QWidget | None:
        return self._into.field

    def _on_moved(self, found: Found | None) -> None:
        """Tell what merging into this one would change."""
        seen = self._preview(found.id) if found is not None else None
        self._told.setText(tr("merge.told", ticket=found.name) if found is not None else "")
        self._told.setVisible(found is not None)
        self._follow.setText(_followers(seen) if seen is not None else "")
        self._follow.setVisible(seen is not None)
        self._confirm.setVisible(seen is not None and not seen.same_customer)
        self.complain(tr("merge.not_managed") if seen is not None and not seen.managed else "")

    def submit(self) -> None:
        found = self._into.current()
        if found is None:
            self._into.field.setFocus()
            return
        if self._confirm.isVisible() and not self._confirm.value():
            self.complain(tr("error.merge_not_confirmed"))
            self._confirm.setFocus()
            return
        self.chosen.emit(MergeTicket(into=found.id, confirmed=self._confirm.value(), note=self._note.value()))


def _followers(seen: MergePreview) -> str:
    """Who comes into the cc of each of the two; what their own grants show them is not known here."""
    separator = tr("ticket.list_separator")
    lines = [
        tr(f"merge.{key}", who=separator.join(names))
        for key, names in (("follow_target", seen.follow_target), ("follow_source", seen.follow_source))
        if names
    ]
    return "\n".join([*lines, tr("merge.cc_sees")]) if lines else tr("merge.nobody_more")
