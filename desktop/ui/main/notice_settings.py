"""How notices come before the person, by kind, and the hours in which none does; a part of the settings."""

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from desktop.settings import SettingsFile
from desktop.ui.reminders.quiet import GROUPS, WAYS, read_hour
from desktop.ui.text import tr
from desktop.ui.widgets.field import ErrorLine
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.segmented import Segmented
from desktop.ui.widgets.text_field import TextField

_HOUR_WIDTH = 64


class NoticeSettings(QWidget):
    """Each change takes effect at once; hours that are none are said and not kept."""

    def __init__(self, settings: SettingsFile) -> None:
        super().__init__()
        self._settings = settings
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(8)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        grid.addWidget(Label(tr("settings.notices"), kind="body_bold"), 0, 0, 1, 2)
        for line, group in enumerate(GROUPS, 1):
            way = Segmented(
                [(one, tr(f"settings.way.{one}")) for one in WAYS],
                value=settings.current.notices.get(group, "pop"),
            )
            way.changed.connect(lambda to, group=group: self._choose(group, to))
            grid.addWidget(Label(tr(f"settings.notice.{group}"), tone="text2"), line, 0)
            grid.addWidget(way, line, 1)
        self._begin = self._hour("quiet_from", settings.current.quiet_from)
        self._end = self._hour("quiet_to", settings.current.quiet_to)
        hours = QHBoxLayout()
        hours.setSpacing(8)
        for part in (self._begin, Label("–", tone="text3"), self._end):
            hours.addWidget(part)
        hours.addStretch(1)
        self._error = ErrorLine()
        grid.addWidget(Label(tr("settings.quiet_hours"), tone="text2"), len(GROUPS) + 1, 0)
        grid.addLayout(hours, len(GROUPS) + 1, 1)
        grid.addWidget(self._error, len(GROUPS) + 2, 1)

    def _hour(self, name: str, value: str) -> TextField:
        field = TextField(value, placeholder=tr(f"settings.{name}_hint"))
        field.setFixedWidth(_HOUR_WIDTH)
        field.setAccessibleName(tr(f"settings.{name}"))
        field.edited.connect(self._on_hours)
        return field

    def _choose(self, group: str, way: str) -> None:
        self._settings.change(notices={**self._settings.current.notices, group: way})

    def _on_hours(self) -> None:
        """Both or neither; what is half written is complained of and changes nothing."""
        written = [self._begin.value(), self._end.value()]
        right = not any(written) or all(read_hour(one) is not None for one in written)
        self._error.set_text("" if right else tr("settings.quiet_wrong"))
        for field in (self._begin, self._end):
            field.set_state("" if right else "error")
        if right:
            self._settings.change(quiet_from=written[0], quiet_to=written[1])
