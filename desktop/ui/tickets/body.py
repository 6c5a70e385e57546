"""The tabs of a ticket: conversation, progress, form, customer, links; the window chooses which stand beside them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui.attachments.box import Box
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.tickets.conversation import Conversation, Talk, count_said
from desktop.ui.tickets.customer_panel import CustomerPanel
from desktop.ui.tickets.flow_panel import FlowPanel
from desktop.ui.tickets.flow_stops import flow_of
from desktop.ui.tickets.form_panel import FormPanel
from desktop.ui.tickets.history import History
from desktop.ui.tickets.links_panel import LinksPanel
from desktop.ui.tickets.source import Shown
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.tab_bar import TabBar

TABS = ("conversation", "flow", "history", "form", "customer", "links")


def scrolled(widget: QWidget) -> QScrollArea:
    """A page that scrolls upright, padded as panes are."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
    column.addWidget(widget)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def _talk(shown: Shown, *, offline: bool) -> Talk:
    return Talk(
        ticket=shown.page.ticket,
        entries=shown.page.entries,
        customer=shown.customer,
        me=shown.me,
        now_at=shown.now_at,
        wording=shown.wording(),
        offline=offline,
    )


class TicketBody(QWidget):
    """Holds the pages; `lend` gives one to the window, which puts it beside, and takes its tab away."""

    saved = Signal(object)
    opened = Signal(str)

    def __init__(self, session: Session, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.conversation = Conversation(box)
        self.history = History()
        self.form = FormPanel(box)
        self.flow = FlowPanel(box)
        self.customer = CustomerPanel(session)
        self.links = LinksPanel()
        self._pages: dict[str, QWidget] = {
            "conversation": self.conversation,
            "flow": self.flow,
            "history": scrolled(self.history),
            "form": self.form,
            "customer": scrolled(self.customer),
            "links": scrolled(self.links),
        }
        self._shown: Shown | None = None
        self._behind: set[str] = set()  # pages that still show another ticket, or an older state
        self._tabs = TabBar()
        self._names: list[str] = []
        self._stack = QStackedWidget()
        bar = QWidget()
        ground(bar, edge="bottom")
        row = QHBoxLayout(bar)
        row.setContentsMargins(PANE_PADDING, 0, PANE_PADDING, 1)
        row.addWidget(self._tabs, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._stack, 1)
        self._tabs.currentChanged.connect(self._on_tab)
        self.form.saved.connect(self.saved)
        self.customer.opened.connect(self.opened)
        self.links.opened.connect(self.opened)
        self.show_tabs(TABS)

    def show_tabs(self, names: Sequence[str]) -> None:
        """Which pages are tabs here; the others stand elsewhere."""
        if list(names) == self._names:
            return
        current = self.current()
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for name in list(self._names):
            if name not in names:
                self._stack.removeWidget(self._pages[name])
        self._names = list(names)
        for name in names:
            self._tabs.addTab(tr(f"ticket.tab.{name}"))
            if self._stack.indexOf(self._pages[name]) < 0:
                self._stack.addWidget(self._pages[name])
        self._tabs.blockSignals(False)
        self.choose(current if current in names else names[0])
        self._write_tabs()

    def page(self, name: str) -> QWidget:
        """A page, to be put elsewhere."""
        return self._pages[name]

    def current(self) -> str:
        """The name of the tab shown."""
        at = self._tabs.currentIndex()
        return self._names[at] if 0 <= at < len(self._names) else ""

    def choose(self, name: str) -> None:
        """Show a tab."""
        if name in self._names:
            self._tabs.setCurrentIndex(self._names.index(name))
            self._on_tab(self._names.index(name))

    def next_tab(self) -> None:
        """Show the tab after this one."""
        at = (self._tabs.currentIndex() + 1) % len(self._names)
        while not self._tabs.isTabVisible(at):
            at = (at + 1) % len(self._names)
        self.choose(self._names[at])

    def show_ticket(self, shown: Shown) -> None:
        """Bring the pages in sight to a ticket; the others follow when they are looked at."""
        self._shown = shown
        self._behind = set(self._pages)
        if self.current() == "flow" and not self._flows():
            self.choose("conversation")
        self._catch_up()
        self._write_tabs()

    def _catch_up(self) -> None:
        """Bring what is in sight up to date: the tab in front, and the pages that stand beside."""
        if self._shown is None:
            return
        for name in [name for name in self._behind if name == self.current() or name not in self._names]:
            self._behind.discard(name)
            self._bring(name, self._shown)

    def _bring(self, name: str, shown: Shown) -> None:
        if name == "conversation":
            self.conversation.show_talk(_talk(shown, offline=self._session.sync.state.offline))
        elif name == "history":
            wording = shown.wording()
            events = [wording.event(entry) for entry in shown.page.entries]
            self.history.show_events(events, shown.now_at)
        elif name == "flow":
            self.flow.show_ticket(shown)
        elif name == "form":
            self.form.show_ticket(shown)
        elif name == "links":
            self.links.show_links(shown.page.related, may_change="link" in shown.page.may)
        else:
            self.customer.show_ticket(shown)

    def _write_tabs(self) -> None:
        for place, name in enumerate(self._names):
            words = tr(f"ticket.tab.{name}")
            self._pages[name].setAccessibleName(words)
            if name == "flow":
                self._tabs.setTabVisible(place, self._flows())
            if name == "conversation" and self._shown is not None:
                said = count_said(self._shown.page.entries)
                words = f"{words} {said}" if said else words
            elif name == "history" and self._shown is not None:
                words = f"{words} {len(self._shown.page.entries)}"
            elif name == "links" and self._shown is not None and self._shown.page.related:
                words = f"{words} {len(self._shown.page.related)}"
            if self._tabs.tabText(place) != words:
                self._tabs.setTabText(place, words)

    def _flows(self) -> bool:
        """Whether the ticket walks a flow; others have no such tab."""
        return self._shown is not None and flow_of(self._shown) is not None

    def _on_tab(self, place: int) -> None:
        if 0 <= place < len(self._names):
            self._stack.setCurrentWidget(self._pages[self._names[place]])
            self._catch_up()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_tabs()
            if self._shown is not None:
                self.show_ticket(self._shown)
