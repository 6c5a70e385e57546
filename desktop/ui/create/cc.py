"""Who gets a copy: chips to remove, and a line to add one by name or initials."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.form.directory import Directory, Found, NoDirectory
from desktop.ui.form.lookup import LookupField
from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.label import Label

_CAPTION, _LINE = 28, 160


class CcRow(QWidget):
    """`edited` tells that the people changed."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._directory: Directory = NoDirectory()
        self._people: list[str] = []
        caption = Label(tr("create.cc"), kind="small", tone="text2")
        caption.setFixedSize(_CAPTION, 24)
        self._chips = WrapLayout(gap=4, line_gap=4)
        self._add = Chip(tr("create.cc_add"), glyph="plus", large=True, clickable=True)
        self._line = LookupField(self._find, self._name, placeholder=tr("form.find_person"))
        self._line.setFixedWidth(_LINE)
        self._line.setAccessibleName(tr("create.cc_add"))
        self._line.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(caption)
        row.addLayout(self._chips, 1)
        self._add.clicked.connect(self._open_line)
        self._line.edited.connect(self._on_line_edited)
        self._line.editingFinished.connect(self._close_line)
        self._draw()

    def offer(self, directory: Directory) -> None:
        """Know the people."""
        self._directory = directory
        self._draw()

    def value(self) -> tuple[str, ...]:
        """The ids of who gets a copy."""
        return tuple(self._people)

    def set_value(self, people: Sequence[str]) -> None:
        """Fill by program."""
        self._people = list(people)
        self._draw()

    def _find(self, text: str) -> Sequence[Found]:
        return [found for found in self._directory.find_people(text) if found.id not in self._people]

    def _name(self, id: str) -> str:
        return self._directory.person_name(id)

    def _open_line(self) -> None:
        self._line.set_value("")
        self._add.hide()
        self._line.show()
        self._line.setFocus()

    def _close_line(self) -> None:
        if self._line.isVisible() and not self._line.matches().isVisible():
            self._line.hide()
            self._add.show()

    def _on_line_edited(self) -> None:
        person = self._line.value()
        if person:
            self._people.append(person)
            self._line.set_value("")
            self._line.hide()
            self._draw()
            self._add.setFocus()
            self.edited.emit()

    def _remove(self, person: str) -> None:
        self._people.remove(person)
        self._draw()
        self._add.setFocus()
        self.edited.emit()

    def _draw(self) -> None:
        while self._chips.count():
            item = self._chips.takeAt(0)
            gone = item.widget() if item is not None else None
            if gone is not None and gone not in (self._add, self._line):
                gone.hide()
                gone.deleteLater()
        for person in self._people:
            chip = Chip(self._directory.person_name(person), large=True, removable=True)
            chip.removed.connect(lambda person=person: self._remove(person))
            self._chips.addWidget(chip)
            chip.show()
        self._chips.addWidget(self._add)
        self._chips.addWidget(self._line)
        self._add.show()
        self.updateGeometry()
