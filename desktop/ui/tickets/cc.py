"""Who follows a ticket: chips to take away, a list to add from."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.directory import Directory
from desktop.ui.form.directory import Found
from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.tickets.pick import WIDTH, PickList
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.popover import Popover


class Cc(Popover):
    """Each choice acts at once; it stays open for the next."""

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, anchor: QWidget, directory: Directory, *, following: Mapping[str, str]) -> None:
        super().__init__(anchor, title=tr("action.cc.short"), width=WIDTH)
        self._following = dict(following)
        self._directory = directory
        self._chips = QWidget()
        self._row = WrapLayout(self._chips)
        self._list = PickList(self._find, placeholder=tr("pick.person"))
        self.body.addWidget(self._chips)
        self.body.addWidget(self._list)
        self._list.picked.connect(self._add)
        for id, name in self._following.items():
            self._put_chip(id, name)
        self._chips.setVisible(bool(self._following))

    def open(self) -> None:
        super().open()
        self._list.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _find(self, text: str) -> list[Found]:
        return [one for one in self._directory.find_people(text) if one.id not in self._following]

    def _put_chip(self, id: str, name: str) -> None:
        chip = Chip(name, large=True, removable=True)
        chip.removed.connect(lambda: self._remove(id, chip))
        self._row.addWidget(chip)

    def _add(self, found: Found) -> None:
        self._following[found.id] = found.name
        self._put_chip(found.id, found.name)
        self._chips.show()
        self._list.field.clear()
        self._list.search("")
        self.adjustSize()
        self.added.emit(found.id)

    def _remove(self, id: str, chip: Chip) -> None:
        self._following.pop(id, None)
        chip.hide()
        chip.deleteLater()
        self._chips.setVisible(bool(self._following))
        self._list.search(self._list.field.text())
        self.removed.emit(id)
