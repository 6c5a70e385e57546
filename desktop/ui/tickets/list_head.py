"""The head of a list: its name, how many, what narrows it, how it is sorted."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme.tokens import BAR_HEIGHT
from desktop.ui.tickets.filters import Filter
from desktop.ui.times import figure
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.search_box import SearchBox

_TEXT_WIDTH = 200


class ListHead(QWidget):
    """40 high; the buttons open menus that the page makes."""

    filter_dropped = Signal(str)
    text_changed = Signal(str)
    text_left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "surface", edge="bottom")
        self.setFixedHeight(BAR_HEIGHT + 1)
        self._title = Label(kind="h2")
        self._count = Label(kind="body", tone="text2")
        self.add_filter = Chip("", glyph="plus", large=True, clickable=True)
        self.save_view = Chip("", glyph="floppy-disk", large=True, clickable=True)
        self.text = SearchBox("")
        self.text.setFixedWidth(_TEXT_WIDTH)
        self.text.hide()
        self.sort = Button(kind="quiet", icon="sort-ascending", small=True)
        self.edit_view = IconButton("pencil-simple", "", side=24)
        self.drop_view = IconButton("trash", "", side=24)
        self.columns = IconButton("sliders-horizontal", "", side=24)
        self.layout_button = IconButton("layout", "", shortcut="Ctrl+\\", side=24)
        self._chips: list[Chip] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 1)
        self._row.setSpacing(8)
        for widget in (self._title, self._count, self.add_filter, self.save_view, self.text):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        for tool in (self.sort, self.edit_view, self.drop_view, self.columns, self.layout_button):
            self._row.addWidget(tool)
        self.text.searched.connect(self.text_changed)
        self.text.left.connect(self._leave_text)
        self._write_words()

    def show_title(self, title: str, *, own: bool = False, given: bool = False) -> None:
        """Name the list; one's own view can be edited and deleted, a given one taken over."""
        self._title.setText(title)
        self.edit_view.set_icon("copy" if given else "pencil-simple")
        self.edit_view.set_name(tr("list.copy_view" if given else "list.edit_view"))
        self.edit_view.setVisible(own or given)
        self.drop_view.setVisible(own)

    def show_count(self, count: int | None) -> None:
        """How many tickets it holds; None while that is not known."""
        self._count.setText("…" if count is None else figure(count))

    def show_filters(self, filters: Sequence[Filter]) -> None:
        """One chip for each; × or Delete drops it."""
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for place, one in enumerate(filters):
            chip = Chip(one.words, glyph="funnel-simple", look="chosen", large=True, removable=True)
            chip.removed.connect(lambda field=one.field: self.filter_dropped.emit(field))
            chip.clicked.connect(self.add_filter.clicked)
            self._row.insertWidget(2 + place, chip)
            self._chips.append(chip)
        self.save_view.setVisible(bool(filters))

    def show_sort(self, words: str, *, descending: bool) -> None:
        """What it is sorted by."""
        self.sort.setText(words)
        self.sort.set_icon("sort-descending" if descending else "sort-ascending")
        self.sort.updateGeometry()

    def filter_by_text(self) -> None:
        """Open the line to type in."""
        self.text.show()
        self.text.setFocus()
        self.text.selectAll()

    def drop_text(self) -> None:
        """Close the line, forgetting what stood in it."""
        self.text.blockSignals(True)
        self.text.clear()
        self.text.blockSignals(False)
        self.text.hide()

    def _leave_text(self) -> None:
        self.text.hide()
        self.text_left.emit()

    def _write_words(self) -> None:
        self.add_filter.setText(tr("list.add_filter"))
        self.save_view.setText(tr("list.save_view"))
        self.text.setPlaceholderText(tr("list.filter_text"))
        self.text.setAccessibleName(tr("list.filter_text"))
        self.drop_view.set_name(tr("list.drop_view"))
        self.columns.set_name(tr("list.columns"))
        self.layout_button.set_name(tr("action.pane"))
        for chip in (self.add_filter, self.save_view):
            chip.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()
