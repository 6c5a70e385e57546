"""Lines above the composer about other tickets: merged into another, incidents left open, urged or late."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.rows import DONE, shown_number
from desktop.ui.tickets.source import Shown
from desktop.ui.tickets.urge import urge_readers
from desktop.ui.widgets.banner import Banner
from domain.rules.sla_steps import late
from domain.rules.urging import URGED_IN


class TogetherBars(QWidget):
    """`opened` carries a ticket, `incidents` the open ones to be resolved, `urge_wanted` that it be urged."""

    opened = Signal(str)
    incidents = Signal(object)
    urge_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self.pointer = Banner("info", "", glyph="git-merge")
        self.problem = Banner("warning", "", glyph="tree-structure")
        self.urge = Banner("warning", "", glyph="megaphone-simple")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for banner in (self.pointer, self.problem, self.urge):
            column.addWidget(banner)
            banner.hide()
        self.pointer.acted.connect(self._open)
        self.problem.acted.connect(self._resolve)
        self.urge.acted.connect(self.urge_wanted)
        self.hide()

    def show_ticket(self, shown: Shown) -> None:
        """Say what there is to say of a ticket."""
        self._shown = shown
        held = shown.page.ticket
        self._tell_pointer(shown)
        left = len(shown.page.incidents) if held.status in DONE else 0
        words = tr("together.incidents", count=left)
        self.problem.show_message(
            "warning", words, action=tr("together.resolve_them"), glyph="tree-structure"
        )
        self.problem.setVisible(bool(left))
        self._tell_urge(shown)
        banners = (self.pointer, self.problem, self.urge)
        self.setVisible(any(not banner.isHidden() for banner in banners))

    def _tell_pointer(self, shown: Shown) -> None:
        into = shown.page.ticket.merged_into
        known = next((one for one in shown.page.related if one.ticket == into and one.here), None)
        number = shown_number(known.number) if known is not None else tr("ticket.other")
        action = tr("together.open") if known is not None else ""
        self.pointer.show_message(
            "info", tr("together.merged", ticket=number), action=action, glyph="git-merge"
        )
        self.pointer.setVisible(into is not None)

    def _tell_urge(self, shown: Shown) -> None:
        """A late ticket offers to be urged; to whom it was urged already, it says how often."""
        held = shown.page.ticket
        may = "urge" in shown.page.may and held.status in URGED_IN and held.assignee != shown.me
        overdue = any(late(clock, shown.now_at) for clock in shown.clocks())
        state = held.urged
        words = tr("together.late")
        if state is not None:
            words = tr("together.urged", count=state.count, level=tr(f"urge.level.{state.level}"))
            if readers := urge_readers(shown, shown.now_at):
                words = tr("together.urged_read", words=words, who=readers)
        self.urge.show_message(
            "warning", words, action=tr("action.urge.short") if may else "", glyph="megaphone-simple"
        )
        self.urge.setVisible(state is not None or (overdue and may))

    def _open(self) -> None:
        into = self._shown.page.ticket.merged_into if self._shown is not None else None
        if into:
            self.opened.emit(into)

    def _resolve(self) -> None:
        if self._shown is not None:
            self.incidents.emit(list(self._shown.page.incidents))
