"""Pop-overs of the filter bar: choose one from a list by name or initials, or a period."""

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QDate, QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDateEdit, QGridLayout, QListView, QWidget

from desktop.ui.form.directory import Found
from desktop.ui.form.lookup import FoundDelegate, FoundModel
from desktop.ui.reports.period import PRESETS, Period, period_of, period_words
from desktop.ui.text import tr
from desktop.ui.theme.tokens import ITEM_HEIGHT
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.search_box import SearchBox

_WIDE, _MOST_ROWS = 320, 9
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
Find = Callable[[str], Sequence[Found]]


class FoundList(QListView):
    """A list of matches; `picked` on a click or Enter."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = FoundModel()
        self.setModel(self._model)
        self.setItemDelegate(FoundDelegate(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._pick)

    def show_found(self, found: Sequence[Found]) -> None:
        """List other matches, the first chosen."""
        self._model.show_found(found)
        self.setCurrentIndex(self._model.index(0))
        self.setFixedHeight(min(max(1, len(found)), _MOST_ROWS) * ITEM_HEIGHT)

    def _pick(self, index: QModelIndex) -> None:
        found = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(found, Found):
            self.picked.emit(found)

    def pick_current(self) -> None:
        """Choose what is marked."""
        self._pick(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pick_current()
            return
        super().keyPressEvent(event)


class Picker(Popover):
    """Everything, or one of what `find` gives; `picked` tells a Found, its id empty for everything."""

    picked = Signal(object)

    def __init__(self, anchor: QWidget, find: Find, *, searched: bool = True) -> None:
        super().__init__(anchor, width=_WIDE)
        self._find = find
        self.body.setContentsMargins(4, 8, 4, 4)
        self.search = SearchBox(tr("report.filter.find"))
        self.search.setVisible(searched)
        self.list = FoundList()
        self.body.addWidget(self.search)
        self.body.addWidget(self.list)
        self.search.searched.connect(self._show)
        self.search.left.connect(self.close)
        self.search.installEventFilter(self)
        self.list.picked.connect(self._on_picked)
        self.setFocusProxy(self.search if searched else self.list)
        self._show("")

    def _show(self, text: str) -> None:
        everything = [] if text else [Found(id="", name=tr("report.all"))]
        self.list.show_found([*everything, *self._find(text)])
        self.adjustSize()

    def _on_picked(self, found: Found) -> None:
        self.close()
        self.picked.emit(found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the search box work on the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._show(self.search.text().strip())
                self.list.pick_current()
                return True
        return super().eventFilter(watched, event)


class PeriodPicker(Popover):
    """The usual periods, and two dates; `picked` tells first and last day, and the preset's name or ''."""

    picked = Signal(object, str)

    def __init__(self, anchor: QWidget, day: date, period: Period) -> None:
        super().__init__(anchor, width=_WIDE)
        self._day = day
        self.body.setContentsMargins(4, 8, 4, 12)
        self.list = FoundList()
        found = [
            Found(
                id=preset,
                name=tr(f"report.period.{preset}"),
                detail=period_words(period_of(preset, day), day),
            )
            for preset in PRESETS
        ]
        self.list.show_found(found)
        self.list.picked.connect(self._on_preset)
        self.body.addWidget(self.list)
        self.first, self.last = _date_edit(period[0], day), _date_edit(period[1], day)
        self.apply = Button(tr("report.apply"), kind="primary")
        self.apply.clicked.connect(self._on_dates)
        self.body.addLayout(self._dates())
        self.setFocusProxy(self.list)

    def _dates(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(12, 4, 12, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for column, (key, edit) in enumerate((("from_day", self.first), ("to_day", self.last))):
            caption = Label(tr(f"report.{key}"), kind="small", tone="text2")
            caption.setBuddy(edit)
            edit.setAccessibleName(caption.text())
            grid.addWidget(caption, 0, column)
            grid.addWidget(edit, 1, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.apply, 1, 2)
        return grid

    def _on_preset(self, found: Found) -> None:
        self.close()
        preset = next(one for one in PRESETS if one == found.id)
        self.picked.emit(period_of(preset, self._day), preset)

    def _on_dates(self) -> None:
        first, last = _date(self.first), _date(self.last)
        self.close()
        self.picked.emit((min(first, last), max(first, last)), "")


def _date_edit(day: date, latest: date) -> QDateEdit:
    edit = QDateEdit(QDate(day.year, day.month, day.day))
    edit.setMaximumDate(QDate(latest.year, latest.month, latest.day))
    edit.setDisplayFormat("yyyy-MM-dd")
    edit.lineEdit().setTextMargins(6, 0, 0, 0)
    return edit


def _date(edit: QDateEdit) -> date:
    chosen = edit.date()
    return date(chosen.year(), chosen.month(), chosen.day())
