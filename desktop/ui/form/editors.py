"""The editors of a form: numbers, money, dates, phone numbers, several choices; one for each kind of field."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.painting import width, write
from desktop.ui.widgets.text_field import TextField

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_SPACES = re.compile(r"[\s,，]")


class NumberField(TextField):
    """A number; what is none stays as it was written, and the form's check says so."""

    def value(self) -> Any:
        """An int, a float, the text that is no number, or None."""
        text = _SPACES.sub("", self.text())
        if not text:
            return None
        if not _PLAIN_NUMBER.fullmatch(text):
            return self.text().strip()
        number = float(text)
        return int(number) if number.is_integer() and "." not in text else number

    def set_value(self, value: Any) -> None:
        """Fill it by program."""
        self.setText("" if value is None else str(value))


class MoneyField(NumberField):
    """An amount; the currency stands behind the figure."""

    def value(self) -> Any:
        """A float, the text that is no amount, or None."""
        held = super().value()
        if isinstance(held, str):
            bare = held.replace(tr("form.currency"), "").strip("\u00a5\uffe5 ")
            return float(bare) if _PLAIN_NUMBER.fullmatch(bare) else held
        return held

    def set_value(self, value: Any) -> None:
        """Fill it by program, with two digits."""
        whole = isinstance(value, int | float) and not isinstance(value, bool)
        self.setText(f"{value:.2f}" if whole else "" if value is None else str(value))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        unit = tr("form.currency")
        if self.text().strip().endswith(unit):
            return
        wide = width(unit, "small")
        place = QRect(self.width() - wide - 10, 0, wide, self.height())
        write(QPainter(self), place.left(), place, unit, kind="small", tone="text3")


class PhoneField(TextField):
    """A phone number, shown in groups once it is left: 138 0000 2716."""

    def value(self) -> str:
        """The digits."""
        return re.sub(r"[\s\-()（）]", "", self.text())

    def set_value(self, value: Any) -> None:
        """Fill it by program."""
        self.setText(grouped(str(value or "")))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setText(grouped(self.value()))


def grouped(phone: str) -> str:
    """138 0000 2716 for a mobile number; others as they are."""
    if len(phone) == 11 and phone.startswith("1"):
        return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    return phone


class DateField(TextField):
    """A day, written as 2026-11-20, 11-20, 11/20 or 20261120; the ISO form is what counts."""

    def __init__(self, *, today: date | None, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(placeholder=placeholder, glyph="calendar-blank", parent=parent)
        self._today = today

    def value(self) -> Any:
        """The day in ISO form, the text that is none, or None."""
        text = self.text().strip()
        if not text:
            return None
        read = read_day(text, self._today)
        return read.isoformat() if read is not None else text

    def set_value(self, value: Any) -> None:
        """Fill it by program."""
        self.setText("" if value is None else str(value))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setText(self.value() or "")


def read_day(text: str, today: date | None) -> date | None:
    """The day that somebody wrote; without a year the one nearest to `today`."""
    digits = [int(part) for part in re.findall(r"\d+", text)]
    if len(digits) == 1 and len(str(digits[0])) == 8:
        written = str(digits[0])
        digits = [int(written[:4]), int(written[4:6]), int(written[6:])]
    try:
        if len(digits) == 3:
            return date(*digits)
        if len(digits) == 2 and today is not None:
            around = [date(today.year + year, *digits) for year in (-1, 0, 1)]
            return min(around, key=lambda day: abs((day - today).days))
    except ValueError:
        return None
    return None


class ChipChoice(QWidget):
    """Several of a few options, as chips that wrap."""

    edited = Signal()

    def __init__(self, options: Sequence[tuple[str, str]], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: dict[str, Chip] = {}
        row = WrapLayout(self)
        for option, words in options:
            chip = Chip(words, large=True, choosable=True)
            chip.clicked.connect(self.edited)
            chip.installEventFilter(self)
            self._chips[option] = chip
            row.addWidget(chip)
        if self._chips:
            self.setFocusProxy(next(iter(self._chips.values())))

    def value(self) -> list[str]:
        """The chosen options, in the order offered."""
        return [option for option, chip in self._chips.items() if chip.isChecked()]

    def set_value(self, value: Any) -> None:
        """Choose by program."""
        for option, chip in self._chips.items():
            chip.setChecked(option in (value or ()))

    def set_state(self, state: str) -> None:
        """Unchosen chips turn to late where one has to be chosen."""
        for chip in self._chips.values():
            chip.set_look("late" if state == "error" else "plain")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            QTimer.singleShot(0, self, self._tell_if_left)
        return super().eventFilter(watched, event)

    def _tell_if_left(self) -> None:
        """The field around listens to this widget alone: pass on that the last chip was left."""
        inside = QApplication.focusWidget()
        if inside is None or not self.isAncestorOf(inside):
            QCoreApplication.sendEvent(self, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
