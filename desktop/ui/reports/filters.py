"""The filter bar: period, unit, line, category, team; at the right, how durations are counted."""

from typing import Literal, get_args

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.clock import Clock
from desktop.settings import SettingsFile
from desktop.ui.directory import Directory
from desktop.ui.form.directory import Found
from desktop.ui.reports.answers import Time
from desktop.ui.reports.period import PRESETS, Period, Preset, period_of, period_words, today
from desktop.ui.reports.pickers import Find, PeriodPicker, Picker
from desktop.ui.text import tr
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.widgets.button import LinkButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.segmented import Segmented
from domain.wire.reports import Question

Narrow = Literal["unit", "line", "category", "team"]
NARROWS: tuple[Narrow, ...] = get_args(Narrow)
_HIGH = 40
_LOOK = "reports.filters"


class FilterBar(QWidget):
    """`asked` when the question changed, `timed` when durations are to be counted otherwise."""

    asked = Signal()
    timed = Signal()

    def __init__(
        self, directory: Directory, clock: Clock, settings: SettingsFile, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._directory, self._clock, self._settings = directory, clock, settings
        self._narrowed: dict[Narrow, Found] = {}
        self._custom: Period | None = None
        self._preset: Preset = "days_30"
        self.opened: Popover | None = None
        self.setFixedHeight(_HIGH)
        self.period = Chip("", large=True, menu=True)
        self.period.set_look("chosen")
        self.period.clicked.connect(self._pick_period)
        self.chips = {name: Chip("", large=True, menu=True) for name in NARROWS}
        for name, chip in self.chips.items():
            chip.clicked.connect(lambda checked=False, one=name: self._pick(one))
        self.clear = LinkButton(tr("report.clear"))
        self.clear.clicked.connect(self.clear_filters)
        self._caption = Label(kind="small", tone="text2")
        self.time = Segmented([(one, tr(f"report.time.{one}")) for one in get_args(Time)])
        self.time.changed.connect(lambda _: self.timed.emit())
        self._arrange()
        self._recall()
        self._write()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(PANE_PADDING, 0, PANE_PADDING, 0)
        row.setSpacing(8)
        for part in (self.period, *self.chips.values(), self.clear):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self._caption)
        row.addWidget(self.time)

    def _recall(self) -> None:
        preset = self._settings.look(_LOOK)
        if preset in PRESETS:
            self._preset = preset

    # What is asked.

    def question(self) -> Question:
        """What the filters ask now; a preset moves with the day."""
        first, last = self.days()
        narrowed = {name: found.id for name, found in self._narrowed.items()}
        return Question(first=first, last=last, **narrowed)

    def days(self) -> Period:
        """First and last day."""
        return self._custom or period_of(self._preset, today(self._clock.now()))

    def duration_time(self) -> Time:
        """How durations are counted."""
        return "calendar" if self.time.value() == "calendar" else "working"

    def words(self) -> list[tuple[str, str]]:
        """Each filter in force, name and value: for exports and empty states."""
        period = (tr("report.filter.period"), self._period_words())
        named = [(tr(f"report.filter.{name}"), found.name) for name, found in sorted(self._narrowed.items())]
        return [period, *named]

    def narrowed(self) -> bool:
        """Whether anything besides the period is in force."""
        return bool(self._narrowed)

    def narrow(self, name: Narrow, found: Found) -> None:
        """Ask for one unit, line, category or team; for everything where its id is empty."""
        if found.id:
            self._narrowed[name] = found
        else:
            self._narrowed.pop(name, None)
        self._changed()

    def set_period(self, period: Period, preset: str = "") -> None:
        """Ask for days, or for a preset, which is remembered."""
        self._custom = None if preset else period
        if preset:
            self._preset = next(one for one in PRESETS if one == preset)
            self._settings.remember(_LOOK, preset)
        self._changed()

    def clear_filters(self) -> None:
        """Ask for everything in the period."""
        self._narrowed.clear()
        self._changed()

    def _changed(self) -> None:
        self._write()
        self.asked.emit()

    # Choosing.

    def _pick_period(self) -> None:
        picker = PeriodPicker(self.period, today(self._clock.now()), self.days())
        picker.picked.connect(self.set_period)
        self._show(picker)

    def _pick(self, name: Narrow) -> None:
        find: dict[Narrow, Find] = {
            "unit": self._directory.find_units,
            "line": lambda text: self._directory.lines(),
            "category": self._directory.find_categories,
            "team": self._directory.find_teams,
        }
        picker = Picker(self.chips[name], find[name], searched=name != "line")
        picker.picked.connect(lambda found: self.narrow(name, found))
        self._show(picker)

    def _show(self, picker: Popover) -> None:
        # The one before is let go only now: it may still be handing the focus back as it closes.
        if self.opened is not None:
            self.opened.deleteLater()
        self.opened = picker
        picker.open()

    # Words.

    def _period_words(self) -> str:
        return period_words(self.days(), today(self._clock.now()))

    def _write(self) -> None:
        self.period.setText(_shown("period", self._period_words()))
        for name, chip in self.chips.items():
            found = self._narrowed.get(name)
            chip.setText(_shown(name, found.name if found else tr("report.all")))
            chip.set_look("chosen" if found else "plain")
        self.clear.setText(tr("report.clear"))
        self.clear.setVisible(bool(self._narrowed))
        self._caption.setText(tr("report.time"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write()


def _shown(name: str, value: str) -> str:
    return tr("report.filter.shown", name=tr(f"report.filter.{name}"), value=value)
