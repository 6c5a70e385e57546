"""A ticket on a page of its own: form at the left, conversation in the middle, customer and progress at the right."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.actions import Actions
from desktop.ui.directory import Directory
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme.tokens import BAR_HEIGHT
from desktop.ui.tickets.body import TABS, scrolled
from desktop.ui.tickets.customer_panel import CustomerPanel
from desktop.ui.tickets.desk import TicketDesk
from desktop.ui.tickets.gestures import Gestures
from desktop.ui.tickets.heads import PageHead
from desktop.ui.tickets.parts import ActionRow, wanted_actions
from desktop.ui.tickets.progress import hops_of
from desktop.ui.tickets.source import Shown
from desktop.ui.times import duration
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.hops import HopList
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground

FORM_WIDTH, SIDE_WIDTH = 272, 296
SIDE_FROM, FORM_FROM = 1240, 1040
_ANY_HEIGHT = 16_777_215  # Qt's own


class SidePanel(QWidget):
    """Who asks, and the way of the ticket."""

    def __init__(self, area: QWidget, customer: CustomerPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._area_of_customer, self._customer_panel = area, customer
        customer.resized.connect(self._fit)
        ground(self, "surface", edge="left")
        self.setFixedWidth(SIDE_WIDTH)
        self._title, self._used = Label(kind="body_bold"), Label(kind="small", tone="text2")
        self._hops = HopList()
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 16, 4)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._used)
        head.addStretch(1)
        self._customer = QVBoxLayout()
        self._customer.addWidget(area)
        line = QWidget()
        ground(line, edge="top")
        line.setFixedHeight(1)
        self._area: QScrollArea = scrolled(self._hops)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._customer)
        column.addWidget(line)
        column.addLayout(head)
        column.addWidget(self._area, 1)

    def take(self) -> None:
        """Have the customer's page here."""
        if self._customer.indexOf(self._area_of_customer) < 0:
            self._customer.addWidget(self._area_of_customer)
        self._area_of_customer.show()
        self._fit()

    def give(self) -> None:
        """Let it go: it becomes a tab."""
        self._area_of_customer.setMinimumHeight(0)
        self._area_of_customer.setMaximumHeight(_ANY_HEIGHT)

    def _fit(self) -> None:
        """The customer takes what it needs, the way of the ticket the rest."""
        if self._customer.indexOf(self._area_of_customer) >= 0:
            need = self._customer_panel.sizeHint().height() + 24
            self._area_of_customer.setFixedHeight(min(need, max(120, self.height() // 2)))

    def show_ticket(self, shown: Shown) -> None:
        """Show the way of a ticket."""
        held = shown.page.ticket
        self._title.setText(tr("ticket.tab.history"))
        self._area.setAccessibleName(tr("ticket.tab.history"))
        self._area_of_customer.setAccessibleName(tr("ticket.tab.customer"))
        end = held.resolved_at or shown.now_at
        used = duration(max(0, end - held.created_at) // 1000)
        self._used.setText(tr("ticket.used", time=used))
        self._hops.set_hops(hops_of(shown))


class TicketPage(QWidget):
    """`closed` on Esc or back, `stepped` by -1 or 1; the window gives the list's name and the place in it."""

    closed = Signal()
    stepped = Signal(int)
    loaded = Signal(object)
    opened = Signal(str)

    def __init__(
        self,
        session: Session,
        directory: Directory,
        actions: Actions,
        gestures: Gestures,
        *,
        apart: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        ground(self, "surface")
        self._session, self._apart = session, apart
        self.head = PageHead()
        self.desk = TicketDesk(session, directory, gestures)
        self.row = ActionRow(
            actions,
            left=("take", "transfer", "assign", "pause", "remind"),
            right=("reopen", "close_ticket", "resolve"),
            packed=True,
        )
        self._back = Button(kind="quiet", icon="caret-left", shortcut="" if apart else "Esc")
        self._place = Label(tone="text2")
        self._before = IconButton("caret-up", tr("action.previous_ticket"), shortcut="[")
        self._after = IconButton("caret-down", tr("action.next_ticket"), shortcut="]")
        self._side = SidePanel(self.desk.body.page("customer"), self.desk.body.customer)
        self._form = self.desk.body.page("form")
        self._form_box = QWidget()
        ground(self._form_box, "surface", edge="right")
        self._form_box.setFixedWidth(FORM_WIDTH)
        self._form_column = QVBoxLayout(self._form_box)
        self._form_column.setContentsMargins(0, 0, 1, 0)
        self._arrange()
        self._shape: tuple[bool, bool] | None = None
        self._back.clicked.connect(self.closed)
        self._before.clicked.connect(lambda: self.stepped.emit(-1))
        self._after.clicked.connect(lambda: self.stepped.emit(1))
        self.head.why_wanted.connect(lambda: actions.press("why"))
        self.desk.bars.urge_wanted.connect(lambda: actions.press("urge"))
        self.desk.body.links.wanted.connect(lambda: actions.press("link"))
        self.desk.composer.macros_wanted.connect(lambda: actions.press("macro"))
        self.desk.loaded.connect(self._on_loaded)
        self.desk.gone.connect(self.closed)
        self.desk.opened.connect(self.opened)
        self.desk.left.connect(self.focus_page)

    def _arrange(self) -> None:
        bar = QWidget()
        ground(bar, "bg", edge="bottom")
        bar.setFixedHeight(BAR_HEIGHT)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 0, 12, 1)
        row.setSpacing(8)
        for widget in (self._back, self._place, self._before, self._after):
            row.addWidget(widget)
            widget.setVisible(not self._apart)
        row.addWidget(self.row, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._form_box)
        middle.addWidget(self.desk, 1)
        middle.addWidget(self._side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.head)
        column.addLayout(middle, 1)

    def show_ticket(self, id: str) -> None:
        """Show a ticket."""
        self.desk.show_ticket(id)

    def show_place(self, name: str, place: int, total: int) -> None:
        """Which list it was opened from, and where it stands there."""
        self._back.setText(name)
        self._back.updateGeometry()
        self._place.setText(tr("ticket.place", place=place, total=total) if place else "")
        self._before.setEnabled(place > 1)
        self._after.setEnabled(0 < place < total)

    @property
    def shown(self) -> Shown | None:
        """The ticket shown, once it is read."""
        return self.desk.shown

    def focus_page(self) -> None:
        """Put the keyboard where single letters are commands."""
        self.desk.body.conversation.setFocus()

    def anchor(self, name: str) -> QWidget:
        """What a pop-over of an action stands beside."""
        if name == "macro" and self.desk.composer.macros.isVisible():
            return self.desk.composer.macros
        return self.head.why if name == "why" else self.row.button(name)

    def tick(self) -> None:
        """Once a second."""
        if self.isVisible():
            self.head.tick(self._session.server_time.now())

    def _on_loaded(self, shown: Shown) -> None:
        self.head.show_ticket(shown)
        self._side.show_ticket(shown)
        held = shown.page.ticket
        self.row.want(
            wanted_actions(held.status, mine=held.assignee == shown.me, unassigned=held.assignee is None)
        )
        self.loaded.emit(shown)

    def _fit(self) -> None:
        """What has no room beside the conversation becomes a tab."""
        side, form = self.width() >= SIDE_FROM, self.width() >= FORM_FROM
        if self._shape == (side, form):
            return
        self._shape = (side, form)
        beside = {name for name, room in (("customer", side), ("form", form)) if room}
        if not side:
            self._side.give()
        self.desk.body.show_tabs([name for name in TABS if name not in beside])
        if side:
            self._side.take()
        if form:
            self._form_column.addWidget(self._form)
            self._form.show()
        self._side.setVisible(side)
        self._form_box.setVisible(form)
        self.head.set_narrow(not side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._before.set_name(tr("action.previous_ticket"))
            self._after.set_name(tr("action.next_ticket"))
            if self.shown is not None:
                self._side.show_ticket(self.shown)
