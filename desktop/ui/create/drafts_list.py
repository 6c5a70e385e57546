"""The other drafts in a pop-over: go on with one, or drop it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.create.draft import subject_of
from desktop.ui.create.drafts import Kept
from desktop.ui.form.editors import grouped
from desktop.ui.text import tr
from desktop.ui.times import moment
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover
from domain.entities.base import Instant

_WIDTH, _MOST = 420, 8


class DraftsList(Popover):
    """`chosen` tells the draft to go on with, `dropped` one to forget."""

    chosen = Signal(str)
    dropped = Signal(str)

    def __init__(self, kept: Sequence[Kept], now_at: Instant, anchor: QWidget) -> None:
        super().__init__(anchor, title=tr("create.drafts_title"), width=_WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in kept[:_MOST]:
            self.body.addWidget(self._row(one, now_at))

    def _row(self, one: Kept, now_at: Instant) -> QWidget:
        row = QWidget()
        words = QVBoxLayout()
        words.setSpacing(0)
        who = " · ".join(part for part in (one.draft.name, grouped(one.draft.phone)) if part)
        words.addWidget(Label(subject_of(one.draft) or who or tr("create.untitled"), elide=True))
        told = " · ".join(part for part in (moment(one.updated_at, now_at, full=True), who) if part)
        words.addWidget(Label(told, kind="small", tone="text2", elide=True))
        go_on = Button(tr("create.go_on"), small=True)
        drop = IconButton("trash", tr("create.drop_draft"), side=24, tone="late")
        go_on.clicked.connect(lambda: self._choose(one.draft.id))
        drop.clicked.connect(lambda: self._drop(one.draft.id, row))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addLayout(words, 1)
        line.addWidget(go_on)
        line.addWidget(drop)
        return row

    def _choose(self, id: str) -> None:
        self.chosen.emit(id)
        self.close()

    def _drop(self, id: str, row: QWidget) -> None:
        row.hide()
        self.adjustSize()
        self.dropped.emit(id)
