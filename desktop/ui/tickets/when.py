"""Choosing a moment: a few usual ones as chips, any other written as 11-20 14:00 or 14:00."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.times import local, moment
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.text_field import TextField
from domain.entities.base import Instant

_HOUR = re.compile(r"(\d{1,2})[:：](\d{2})\s*$")


def read_moment(text: str, now_at: Instant) -> Instant | None:
    """The moment somebody wrote; without a day today or, when that is past, tomorrow; without a year the next one."""
    hour = _HOUR.search(text)
    digits = [int(part) for part in re.findall(r"\d+", text[: hour.start()] if hour else text)]
    if not digits and not hour:
        return None
    now = local(now_at)
    try:
        made = _day(digits, now)
        if made is None:
            return None
        clock = (int(hour[1]), int(hour[2])) if hour else (9, 0)
        made = made.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0)
    except ValueError:
        return None
    if not digits and made <= now:
        made += timedelta(days=1)
    return int(made.timestamp() * 1000)


def _day(digits: list[int], now: datetime) -> datetime | None:
    if not digits:
        return now
    if len(digits) == 2:
        made = now.replace(month=digits[0], day=digits[1])
        return made.replace(year=now.year + 1) if made.date() < now.date() else made
    return now.replace(year=digits[0], month=digits[1], day=digits[2]) if len(digits) == 3 else None


class When(QWidget):
    """A field with chips above it; `value` is an instant."""

    edited = Signal()

    def __init__(
        self,
        label: str,
        offered: Sequence[tuple[str, Instant]],
        *,
        now_at: Instant,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._now_at = now_at
        self._exact: dict[str, Instant] = {}
        hint = tr("when.hint")
        self._field = Field(
            label, TextField(placeholder=hint, glyph="clock"), required=True, check=self._check
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._field)
        chips = QWidget()
        row = WrapLayout(chips)
        for words, at in offered:
            chip = Chip(words, clickable=True, large=True)
            chip.clicked.connect(lambda _=False, at=at: self.set_value(at))
            row.addWidget(chip)
        column.addWidget(chips)

    def set_value(self, at: Instant) -> None:
        """Choose a moment."""
        written = f"{local(at):%Y-%m-%d %H:%M}"
        self._exact[written] = at
        self._field.set_value(written)
        self._field.editor.setToolTip(moment(at, self._now_at, full=True))
        self.edited.emit()

    def value(self) -> Instant | None:
        """The moment, or None."""
        written = self._field.value()
        return self._exact.get(written) or read_moment(written, self._now_at)

    def _check(self) -> str | None:
        if not self._field.value():
            return tr("when.missing")
        at = self.value()
        if at is None:
            return tr("when.unreadable")
        return tr("when.past") if at <= self._now_at else None

    def validate(self) -> bool:
        """Check now."""
        return self._field.validate()

    def focus_editor(self) -> None:
        """Put the cursor here."""
        self._field.focus_editor()
