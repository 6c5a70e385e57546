"""The scenarios as a pane of cards, or as a list box where the window is narrow."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.create.scenarios import WIDTH, ScenarioList
from desktop.ui.text import tr
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from domain.entities.forms import Template

_FOLDED = 152


class LeftPane(QWidget):
    """`chosen` tells the template's id; `taken` that the person goes on from there."""

    chosen = Signal(str)
    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "bg", edge="right")
        self.list, self._box = ScenarioList(), ComboBox()
        self.list.setAccessibleName(tr("create.scenario"))
        self._box.setAccessibleName(tr("create.scenario"))
        self._hint = Label(tr("create.scenario_keys"), kind="small", tone="text2")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 8)
        head.addWidget(Label(tr("create.scenario"), kind="small", tone="text2"))
        head.addStretch(1)
        head.addWidget(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 13, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._box)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        self.list.chosen.connect(self._on_chosen)
        self.list.taken.connect(self.taken)
        self._box.edited.connect(lambda: self.list.choose(str(self._box.value())))
        self.set_folded(False)

    def offer(self, templates: Sequence[Template]) -> None:
        """Offer these."""
        self.list.show_templates(templates)
        self._box.set_options([(template.id, template.name) for template in templates])

    def choose(self, id: str) -> None:
        """Choose by program."""
        self.list.choose(id)

    def take_focus(self) -> None:
        """Put the focus on the list, for its digits."""
        (self._box if self.list.isHidden() else self.list).setFocus(Qt.FocusReason.TabFocusReason)

    def set_folded(self, folded: bool) -> None:
        """Cards of 208, or a list box of 152."""
        self.list.setVisible(not folded)
        self._hint.setVisible(not folded)
        self._box.setVisible(folded)
        self.setFixedWidth(_FOLDED if folded else WIDTH)

    def _on_chosen(self, id: str) -> None:
        self._box.set_value(id)
        self.chosen.emit(id)
