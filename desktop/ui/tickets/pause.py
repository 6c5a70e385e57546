"""Putting tickets on hold: why, and until when."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.reason import reason_chips, reason_field
from desktop.ui.tickets.when import When
from desktop.ui.times import local
from desktop.ui.widgets.field import Field
from domain.entities.base import Instant

REASONS = ("supplier", "materials", "store", "parts")


def choices(now_at: Instant) -> list[tuple[str, Instant]]:
    """What is offered as the end: in an hour, this evening, tomorrow, in three days, next Monday; nine o'clock."""
    now = local(now_at)
    evening = now.replace(hour=18, minute=0, second=0, microsecond=0)
    nine = now.replace(hour=9, minute=0, second=0, microsecond=0)
    offered: list[tuple[str, datetime]] = [("when.hour", now + timedelta(hours=1))]
    if evening - now > timedelta(hours=1):
        offered.append(("when.evening", evening))
    offered.append(("when.tomorrow", nine + timedelta(days=1)))
    offered.append(("when.three_days", nine + timedelta(days=3)))
    offered.append(("when.monday", nine + timedelta(days=7 - now.weekday())))
    return [(tr(key), int(at.timestamp() * 1000)) for key, at in offered]


class Pause(FormPopover):
    """`chosen` tells reason and end."""

    chosen = Signal(str, object)

    def __init__(self, anchor: QWidget, *, now_at: Instant, count: int = 1) -> None:
        title = tr("pause.title") if count == 1 else tr("pause.title_many", count=count)
        super().__init__(anchor, title=title, verb=tr("pause.verb"), glyph="pause")
        self._reason = reason_field("pause", missing="pause.reason_missing")
        self._until = When(tr("pause.until"), choices(now_at), now_at=now_at)
        self.fields.addWidget(self._reason)
        self.fields.addWidget(reason_chips(self._reason, "pause", REASONS))
        self.fields.addWidget(self._until)

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._reason.editor
        return editor

    def submit(self) -> None:
        wrong: Sequence[Field | When] = [one for one in (self._reason, self._until) if not one.validate()]
        self.fit()
        if wrong:
            wrong[0].focus_editor()
            return
        self.chosen.emit(self._reason.value(), self._until.value())
