"""The head of a ticket: number, state, subject, place and clocks; narrow in the pane, wide on the page."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.clocks import Clocks, next_due
from desktop.ui.tickets.parts import NumberLabel
from desktop.ui.tickets.source import Shown
from desktop.ui.times import moment
from desktop.ui.widgets.button import IconButton, LinkButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import width
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.priority import PriorityMark
from desktop.ui.widgets.status import StatusLabel
from domain.entities.base import Instant

_CLOCKS_WIDE, _CLOCKS_NARROW = 472, 380


def task_due(shown: Shown) -> str:
    """Until when a task is to be done; "" for what is none."""
    at = shown.page.ticket.task_due_at
    return tr("ticket.task_due", time=moment(at, shown.now_at, full=True)) if at is not None else ""


class PaneHead(QWidget):
    """Beside the list: four lines and the clocks."""

    remind_wanted = Signal()
    apart_wanted = Signal()
    why_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self._number, self._status = NumberLabel(), StatusLabel()
        self._priority = PriorityMark()
        self.remind = IconButton("bell-z", tr("action.remind"), shortcut="S")
        self._apart = IconButton("arrow-square-out", tr("action.open_apart"), shortcut="Ctrl+Enter")
        self._subject = Label(kind="h2", wrap=True, selectable=True)
        self._place = Label(kind="small", tone="text2", elide=True)
        self._tier = Chip("")
        self._unsent = Chip("", glyph="cloud-slash", look="soon")
        self._clocks = Clocks()
        self._due = Label(kind="small", tone="text2", elide=True)
        self.why = LinkButton(glyph="question")
        self._clock_box = QWidget()
        self.remind.clicked.connect(self.remind_wanted)
        self._apart.clicked.connect(self.apart_wanted)
        self.why.clicked.connect(self.why_wanted)
        self._arrange()

    def _arrange(self) -> None:
        first, third, due = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        first.setSpacing(12)
        for widget in (self._number, self._status, self._priority):
            first.addWidget(widget)
        first.addStretch(1)
        first.addWidget(self.remind)
        first.addWidget(self._apart)
        third.setSpacing(8)
        third.addWidget(self._place, 20)
        third.addWidget(self._tier)
        third.addWidget(self._unsent)
        third.addStretch(1)
        due.addWidget(self._due, 1)
        due.addWidget(self.why)
        top = QVBoxLayout()
        top.setContentsMargins(16, 6, 12, 10)
        top.setSpacing(4)
        top.addLayout(first)
        top.addWidget(self._subject)
        top.addLayout(third)
        clocks = QVBoxLayout(self._clock_box)
        clocks.setContentsMargins(16, 8, 16, 6)
        clocks.setSpacing(4)
        clocks.addWidget(self._clocks)
        clocks.addLayout(due)
        ground(self._clock_box, "sunken", edge="top")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self._clock_box)

    def show_ticket(self, shown: Shown) -> None:
        """Show a ticket."""
        self._shown = shown
        held = shown.page.ticket
        self._number.show_number(shown.number, provisional=shown.provisional)
        self._status.set_status(held.status)
        self._priority.set_priority(held.priority)
        self._unsent.setVisible(bool(shown.page.unsent))
        self._unsent.setText(tr("ticket.unsent_count", count=len(shown.page.unsent)))
        self._unsent.updateGeometry()
        self._subject.setText(held.subject)
        phone = shown.personal("phone")
        customer = f"{shown.customer} {phone}".strip()
        handler = shown.handler() if held.assignee != shown.me else ""
        words = " · ".join(part for part in (shown.page.store, customer, handler, task_due(shown)) if part)
        self._place.setText(words)
        self._place.setMaximumWidth(width(words, "small") + 2)  # so that what follows stands beside it
        self._tier.setText(shown.tier())
        self._tier.setVisible(bool(shown.tier()))
        self._tier.updateGeometry()
        self._show_clocks(shown)

    def _show_clocks(self, shown: Shown) -> None:
        clocks = shown.clocks()
        self._clocks.show_clocks(clocks, shown.now_at)
        self._clock_box.setVisible(any(clock.target is not None for clock in clocks))
        due = next_due(clocks)
        self._due.setText("")
        if shown.page.unsent:
            self._due.setText(tr("ticket.clock.local"))
        elif due is not None and due.due_at is not None:
            when = moment(due.due_at, shown.now_at, full=True)
            self._due.setText(tr("ticket.clock.next", metric=tr(f"metric.{due.metric}"), time=when))
        self.why.setText(tr("action.why"))
        self.why.updateGeometry()

    def tick(self, now_at: Instant) -> None:
        """Once a second."""
        self._clocks.tick(now_at)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.remind.set_name(tr("action.remind"))
            self._apart.set_name(tr("action.open_apart"))
            if self._shown is not None:
                self.show_ticket(self._shown)


class PageHead(QWidget):
    """On a page of its own: two lines at the left, the clocks at the right; 76 high."""

    why_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "surface", edge="bottom")
        self.setFixedHeight(76)
        self._shown: Shown | None = None
        self._number, self._status = NumberLabel(), StatusLabel(kind="small")
        self._priority = PriorityMark(kind="small")
        self._handler, self._store = Label(kind="small", tone="text2"), Label(kind="small", tone="text2")
        self._category = Chip("")
        self._unsent = Chip("", glyph="cloud-slash", look="soon")
        self._subject = Label(kind="h1", elide=True)
        self._clocks = Clocks(full=True)
        self.why = IconButton("question", tr("action.why"), shortcut="W", side=24)
        self.why.clicked.connect(self.why_wanted)
        first = QHBoxLayout()
        first.setSpacing(12)
        for widget in (
            self._number,
            self._status,
            self._priority,
            self._handler,
            self._store,
            self._category,
            self._unsent,
        ):
            first.addWidget(widget)
        first.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(first)
        words.addWidget(self._subject)
        self._clocks.setFixedWidth(_CLOCKS_WIDE)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 9)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(self._clocks)
        row.addWidget(self.why)

    def show_ticket(self, shown: Shown) -> None:
        """Show a ticket."""
        self._shown = shown
        page = shown.page
        self._number.show_number(shown.number, provisional=shown.provisional)
        self._status.set_status(page.ticket.status)
        self._priority.set_priority(page.ticket.priority)
        handler = shown.handler()
        self._handler.setText(tr("ticket.handled_by", name=handler) if handler else "")
        self._handler.setVisible(bool(handler))
        self._store.setText(" · ".join(part for part in (page.store, task_due(shown)) if part))
        category = page.category_path[-1] if page.category_path else ""
        self._category.setText(category)
        self._category.setToolTip(" › ".join(page.category_path))
        self._category.setVisible(bool(category))
        self._category.updateGeometry()
        self._unsent.setVisible(bool(page.unsent))
        self._unsent.setText(tr("ticket.unsent_count", count=len(page.unsent)))
        self._unsent.updateGeometry()
        self._subject.setText(page.ticket.subject)
        self._clocks.show_clocks(shown.clocks(), shown.now_at)
        self.why.setVisible(any(clock.target is not None for clock in shown.clocks()))

    def set_narrow(self, narrow: bool) -> None:
        """Less room for the clocks."""
        self._clocks.setFixedWidth(_CLOCKS_NARROW if narrow else _CLOCKS_WIDE)

    def tick(self, now_at: Instant) -> None:
        """Once a second."""
        self._clocks.tick(now_at)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.why.set_name(tr("action.why"))
            if self._shown is not None:
                self.show_ticket(self._shown)
