"""The tickets that one is linked with: open them, take links away, add one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.replica.queries.together import Related
from desktop.ui.text import tr
from desktop.ui.tickets.rows import shown_number
from desktop.ui.widgets.button import Button, IconButton, LinkButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.status import StatusLabel
from domain.rules.decide_links import BY_HAND

_RELATION_WIDTH = 88


class LinksPanel(QWidget):
    """`opened` carries a ticket, `removed` relation and ticket, `wanted` that a link is to be added."""

    opened = Signal(str)
    removed = Signal(str, str)
    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._nothing = Label(tone="text3", wrap=True)
        self._add = Button(icon="link", small=True)
        self._add.clicked.connect(self.wanted)
        foot = QHBoxLayout()
        foot.addWidget(self._add)
        foot.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self._nothing)
        whole.addLayout(self._column)
        whole.addLayout(foot)

    def show_links(self, links: Sequence[Related], *, may_change: bool) -> None:
        """Show these, in the order in which they came."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(one, may_change=may_change) for one in links]
        for row in self._rows:
            self._column.addWidget(row)
        self._nothing.setText(tr("link.none"))
        self._nothing.setVisible(not links)
        self._add.setText(tr("link.add"))
        self._add.setVisible(may_change)

    def _row(self, one: Related, *, may_change: bool) -> QWidget:
        box = QWidget()
        ground(box, edge="bottom")
        line = QHBoxLayout(box)
        line.setContentsMargins(0, 4, 0, 5)
        line.setSpacing(8)
        relation = Label(tr(f"relation.{one.relation}"), kind="small", tone="text2")
        relation.setFixedWidth(_RELATION_WIDTH)
        line.addWidget(relation)
        if one.here:
            number = LinkButton(shown_number(one.number))
            number.clicked.connect(lambda: self.opened.emit(one.ticket))
            line.addWidget(number)
            line.addWidget(StatusLabel(one.status))
            subject = Label(one.subject, elide=True)
            subject.setToolTip(f"{one.subject}\n{one.store}".strip())
            line.addWidget(subject, 1)
        else:
            line.addWidget(Label(tr("link.out_of_sight"), tone="text3"), 1)
        if may_change and one.here and one.relation in BY_HAND:
            away = IconButton("x", tr("link.remove", number=shown_number(one.number)), side=24)
            away.clicked.connect(lambda: self.removed.emit(one.relation, one.ticket))
            line.addWidget(away, 0, Qt.AlignmentFlag.AlignRight)
        return box
