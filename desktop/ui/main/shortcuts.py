"""Every key on one page."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.actions import COMPOSER, EVERYWHERE, LIST, TICKET, Spec
from desktop.ui.text import tr
from desktop.ui.widgets.key_cap import KeyCap
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover

WIDTH, HEIGHT, _CAPS_WIDTH = 880, 600, 124
_WORKLISTS = Spec(name="worklist", keys=("Ctrl+1…9",))


def _block(title: str, specs: Sequence[Spec]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, _CAPS_WIDTH)
    grid.addWidget(Label(title, kind="small_bold", tone="text2"), 0, 0, 1, 2)
    for line, spec in enumerate((spec for spec in specs if spec.keys), start=1):
        caps = QWidget()
        row = QHBoxLayout(caps)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for keys in spec.keys:
            row.addWidget(KeyCap(keys, least=28))
        row.addStretch(1)
        grid.addWidget(caps, line, 0)
        grid.addWidget(Label(tr(f"action.{spec.name}")), line, 1)
    return box


class Shortcuts(Popover):
    """Two columns: everywhere and the list, the ticket and writing."""

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor, title=tr("action.shortcuts"), width=WIDTH)
        inside = QWidget()
        both = QHBoxLayout(inside)
        both.setContentsMargins(0, 0, 8, 0)
        both.setSpacing(32)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, blocks in (
            (left, (("everywhere", (*EVERYWHERE, _WORKLISTS)), ("list", LIST))),
            (right, (("ticket", TICKET), ("composer", COMPOSER))),
        ):
            column.setSpacing(16)
            for where, specs in blocks:
                column.addWidget(_block(tr(f"shortcuts.{where}"), specs))
            column.addStretch(1)
            both.addLayout(column, 1)
        area = QScrollArea()
        area.setAccessibleName(self.accessibleName())
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedHeight(min(HEIGHT, inside.sizeHint().height()))
        self.body.addWidget(area)
