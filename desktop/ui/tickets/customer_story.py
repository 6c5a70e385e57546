"""Everything between a customer and us in one list: orders, tickets, messages, the newest first (C09)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.replica.queries.customers import StoryLine, story
from desktop.sync.customers import Known
from desktop.ui.create.orders import amount_words, item_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.rows import shown_number
from desktop.ui.tickets.source import Shown
from desktop.ui.times import moment
from desktop.ui.widgets.button import IconButton, LinkButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.status import status_text
from domain.entities.base import Instant
from domain.wire.customers import Customer

ASK_AFTER_MS = 600
"""A ticket in view this long is worth asking the server for: nobody is asked while somebody pages through."""
FRESH_MS = 600_000
_FEW, _MANY = 6, 40
_GLYPHS = {
    "order": "storefront",
    "ticket": "ticket",
    "message": "chat-circle-text",
    "reply": "arrow-bend-up-left",
}


@dataclass(frozen=True)
class Line:
    """One row: its kind, what it says, and the ticket it leads to, if it is one that is here."""

    kind: str
    at: Instant
    words: str
    link: str = ""
    ticket: str = ""
    marked: bool = False


def lines_of(
    told: Sequence[StoryLine], customer: Customer | None, order_no: str, unit: Callable[[str], str]
) -> list[Line]:
    """What the replica and the server know, together; a ticket that both know comes once."""
    here = {one.ticket for one in told if one.kind == "ticket"}
    found = [
        Line(
            one.kind,
            one.at,
            f"{one.words} · {status_text(one.status)}"
            if one.kind == "ticket"
            else " ".join(one.words.split()),
            shown_number(one.number),
            one.ticket,
        )
        for one in told
    ]
    if customer is not None:
        for order in customer.orders:
            words = (item_words(order), amount_words(order), unit(order.unit), order.status)
            said = " · ".join(part for part in words if part)
            mine = order.number == order_no
            found.append(Line("order", order.ordered_at or 0, said, order.number, marked=mine))
        found += [
            Line("ticket", one.created_at, f"{one.subject} · {status_text(one.status)}", one.number)
            for one in customer.tickets
            if one.id not in here
        ]
    return sorted(found, key=lambda one: (-one.at, one.link))


class CustomerStory(QWidget):
    """`opened` tells a ticket, `resized` that it needs another height, `told` the record that was found."""

    opened = Signal(str)
    resized = Signal()
    told = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._key: tuple[str, str, str] = ("", "", "")
        self._shown: Shown | None = None
        self._told: list[StoryLine] = []
        self._known: Known | None = None
        self._all = False
        self._title = Label(kind="small", tone="text2", elide=True)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2)
        self._more = LinkButton("")
        self._more.clicked.connect(self._show_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addLayout(self._lines)
        column.addWidget(self._more)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(ASK_AFTER_MS)
        self._later.timeout.connect(self._ask_server)

    def show_ticket(self, shown: Shown, phone: str) -> None:
        """Show what is known of who asked for this ticket; `phone` only where it may be read."""
        self._shown = shown
        key = (shown.id, shown.page.ticket.customer or "", phone)
        if key == self._key:
            return
        self._key, self._told, self._known, self._all = key, [], None, False
        self._show()
        if not key[1] and not phone:
            self._later.stop()
            return
        replica = self._session.replica

        def read() -> list[StoryLine]:
            with replica.read() as conn:
                return story(conn, key[1], phone)

        self._session.bridge.read(read, then=lambda told: self._on_told(key, told), owner=self)
        if self._session.customers is not None:
            self._later.start()

    def _on_told(self, key: tuple[str, str, str], told: list[StoryLine]) -> None:
        if key == self._key:
            self._told = [one for one in told if one.ticket != key[0]]
            self._show()

    def _ask_server(self) -> None:
        customers, key = self._session.customers, self._key
        if customers is None:
            return
        now = self._session.clock.now()

        def find() -> Known:
            kept = customers.kept("id", key[1]) if key[1] else customers.kept("phone", key[2])
            if kept is not None and now - kept.at < FRESH_MS:
                return Known(customer=kept.customer, at=kept.at)
            return customers.find("id", key[1]) if key[1] else customers.find("phone", key[2])

        self._session.bridge.read(find, then=lambda known: self._on_known(key, known), owner=self)

    def _on_known(self, key: tuple[str, str, str], known: Known) -> None:
        if key == self._key:
            self._known = known
            self._show()
            self.told.emit(known.customer)

    def _show_all(self) -> None:
        self._all = True
        self._show()

    def _show(self) -> None:
        while self._lines.count():
            item = self._lines.takeAt(0)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        if self._shown is None:
            return
        shown, known = self._shown, self._known
        names = shown.directory.unit
        customer = known.customer if known is not None else None
        lines = lines_of(self._told, customer, shown.page.ticket.order_no or "", names)
        most = _MANY if self._all else _FEW
        for line in lines[:most]:
            self._lines.addWidget(_Row(line, shown.now_at, self.opened.emit))
        left = len(lines[:_MANY]) - most
        self._more.setText(tr("ticket.story_more", count=left) if left > 0 else "")
        self._more.setVisible(left > 0)
        self._title.setText(self._words(len(lines)))
        self._title.setVisible(bool(self._title.text()))
        # What the rows need is known once they are laid out.
        QTimer.singleShot(0, self, self.resized.emit)

    def _words(self, count: int) -> str:
        assert self._shown is not None
        known = self._known
        if known is not None and known.offline and not known.at:
            return tr("ticket.story_offline") if not count else tr("ticket.story_here", count=count)
        if known is not None and known.offline:
            when = moment(known.at, self._shown.now_at, full=True)
            return tr("ticket.story_kept", count=count, when=when)
        return tr("ticket.story", count=count) if count else ""


class _Row(QWidget):
    """Kind, what it says, when."""

    def __init__(self, line: Line, now_at: Instant, open_it: Callable[[str], object]) -> None:
        super().__init__()
        glyph = IconButton(_GLYPHS.get(line.kind, "circle"), tr(f"ticket.story_{line.kind}"), side=20)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(glyph)
        if line.ticket:
            link = LinkButton(line.link)
            link.setAccessibleName(f"{line.link} {line.words}")
            link.clicked.connect(lambda: open_it(line.ticket))
            glyph.clicked.connect(lambda: open_it(line.ticket))
            row.addWidget(link)
        elif line.link:
            glyph.setFocusPolicy(glyph.focusPolicy().NoFocus)
            row.addWidget(Label(line.link, kind="small", tone="accent" if line.marked else "text2"))
        row.addWidget(Label(line.words, kind="small", elide=True), 1)
        if line.at:
            row.addWidget(Label(moment(line.at, now_at), kind="small", tone="text3"))
