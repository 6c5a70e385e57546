"""Splitting a ticket: the messages that are another matter, ticked, and what that matter is called."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import font
from desktop.ui.tickets.events import Wording
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.times import moment
from desktop.ui.widgets.check_box import CheckBox
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.text_field import TextField
from domain.entities.base import Instant
from domain.entities.ticket import Entry
from domain.rules.decide_split import SPLIT_KINDS

_SHOWN = 372
"""So wide is the text of a message, beside its tick."""


def may_go(entries: Sequence[Entry]) -> list[Entry]:
    """The rows that can be split off."""
    return [
        row
        for row in entries
        if row.kind in SPLIT_KINDS and not row.erased and (row.body or row.detail.get("attachments"))
    ]


class Split(FormPopover):
    """`chosen` carries the ids of the rows and the new subject."""

    chosen = Signal(object, str)

    def __init__(
        self, anchor: QWidget, entries: Sequence[Entry], wording: Wording, *, now_at: Instant
    ) -> None:
        super().__init__(
            anchor, title=tr("split.title"), verb=tr("action.split.short"), glyph="git-fork", width=440
        )
        self._subject = Field(
            tr("split.subject"),
            TextField(placeholder=tr("split.subject_hint")),
            required=True,
            check=self._check,
        )
        self._ticks = [(row.id, _tick(row, wording, now_at)) for row in may_go(entries)]
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for _, tick in self._ticks:
            column.addWidget(tick)
        self.fields.addWidget(self._subject)
        self.fields.addWidget(Label(tr("split.which"), kind="small", tone="text2"))
        self.fields.addWidget(box)
        self.fields.addWidget(Label(tr("split.told"), kind="small", tone="text3", wrap=True))

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._subject.editor
        return editor

    def tick(self, entry: str) -> None:
        """Choose a message."""
        for id, one in self._ticks:
            if id == entry:
                one.set_value(True)

    def _check(self) -> str | None:
        return None if self._subject.value() else tr("split.subject_missing")

    def submit(self) -> None:
        ids = [id for id, tick in self._ticks if tick.value()]
        if not self._subject.validate():
            self.fit()
            self._subject.focus_editor()
            return
        if not ids:
            self.complain(tr("error.split_entries"))
            return
        self.chosen.emit(ids, self._subject.value())


def _tick(row: Entry, wording: Wording, now_at: Instant) -> CheckBox:
    """One message: when, who, and how it begins."""
    event = wording.event(row)
    words = " ".join((row.body or event.detail or event.words).split())
    line = f"{moment(row.at, now_at)} {event.who}  {words}"
    tick = CheckBox(QFontMetrics(font("body")).elidedText(line, Qt.TextElideMode.ElideRight, _SHOWN))
    tick.setToolTip(row.body or "")
    return tick
