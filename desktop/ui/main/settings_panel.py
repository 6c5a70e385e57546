"""What a person may set on this machine: language, look, density, quiet."""

from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.settings import SettingsFile
from desktop.ui.main.notice_settings import NoticeSettings
from desktop.ui.text import tr
from desktop.ui.widgets.check_box import CheckBox
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.segmented import Segmented

WIDTH = 400


class SettingsPanel(Popover):
    """Each change takes effect at once and is kept."""

    def __init__(self, settings: SettingsFile, anchor: QWidget) -> None:
        super().__init__(anchor, title=tr("action.settings"), width=WIDTH)
        self._settings = settings
        now = settings.current
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setVerticalSpacing(12)
        self._grid.setHorizontalSpacing(16)
        self.body.addLayout(self._grid)
        self._choice(
            "language", now.language, (("zh_CN", tr("settings.chinese")), ("en", tr("settings.english")))
        )
        schemes = [(one, tr(f"settings.scheme.{one or 'system'}")) for one in ("", "light", "dark")]
        self._choice("scheme", now.scheme, schemes)
        densities = [(one, tr(f"settings.density.{one}")) for one in ("compact", "comfortable")]
        self._choice("density", now.density, densities)
        self._switch("do_not_disturb", ticked=now.do_not_disturb)
        self._switch("tray", ticked=now.tray)
        self._switch("shrink_photos", ticked=now.shrink_photos)
        self.body.addWidget(NoticeSettings(settings))

    def _choice(
        self, name: str, value: str, options: "list[tuple[str, str]] | tuple[tuple[str, str], ...]"
    ) -> None:
        line = self._grid.rowCount()
        # An empty value is a choice, too: as the system has it.
        chosen = Segmented([(one or "-", words) for one, words in options], value=value or "-")
        chosen.changed.connect(lambda to: self._set(name, "" if to == "-" else to))
        self._grid.addWidget(Label(tr(f"settings.{name}"), tone="text2"), line, 0)
        self._grid.addWidget(chosen, line, 1)

    def _switch(self, name: str, *, ticked: bool) -> None:
        box = CheckBox(tr(f"settings.{name}"))
        box.set_value(ticked)
        box.edited.connect(lambda: self._settings.change(**{name: box.value()}))
        self._grid.addWidget(box, self._grid.rowCount(), 0, 1, 2)

    def _set(self, name: str, value: str) -> None:
        self.close()
        self._settings.change(**{name: value})
