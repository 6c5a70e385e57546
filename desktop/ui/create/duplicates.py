"""Open tickets of the same customer: add to one, open it, or say that it is another matter."""

from PySide6.QtCore import QPointF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.replica.queries.intake import EarlierTicket
from desktop.ui.text import tr
from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import RADIUS_CARD
from desktop.ui.times import moment
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box
from desktop.ui.widgets.status import StatusLabel
from domain.entities.base import Instant


class _Ticket(QWidget):
    """Number, status, when, subject in a white card."""

    def __init__(self, ticket: EarlierTicket, now_at: Instant) -> None:
        super().__init__()
        upper = QHBoxLayout()
        upper.setSpacing(8)
        upper.addWidget(Label(ticket.number, tone="text2"))
        upper.addWidget(StatusLabel(ticket.status))
        upper.addStretch(1)
        upper.addWidget(Label(moment(ticket.created_at, now_at), kind="small", tone="text2"))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(4)
        column.addLayout(upper)
        column.addWidget(Label(ticket.subject, elide=True))

    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), fill="surface", line="soon_line", radius=RADIUS_CARD)


class Duplicates(QWidget):
    """`added`, `opened` and `dismissed` tell the ticket in front; several are gone through one by one."""

    added = Signal(str)
    opened = Signal(str)
    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tickets: tuple[EarlierTicket, ...] = ()
        self._ticket: _Ticket | None = None
        self._title = Label(kind="body_bold")
        self._told = Label(kind="small", tone="soon", elide=True)
        self._add = Button(tr("create.add_to_it"), icon="arrow-elbow-down-right", small=True)
        self._open = Button(tr("create.open_it"), icon="arrow-square-out", small=True)
        self._no = Button(tr("create.not_duplicate"), kind="quiet", small=True)
        self._room = QVBoxLayout()
        self._arrange()
        self._add.clicked.connect(lambda: self.added.emit(self._front()))
        self._open.clicked.connect(lambda: self.opened.emit(self._front()))
        self._no.clicked.connect(lambda: self.dismissed.emit(self._front()))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _arrange(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(24, 0, 0, 0)
        head.setSpacing(0)
        head.addWidget(self._title)
        head.addWidget(self._told)
        acts = QHBoxLayout()
        acts.setSpacing(6)
        acts.addWidget(self._add)
        acts.addWidget(self._open)
        acts.addWidget(self._no)
        acts.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(self._room)
        column.addLayout(acts)

    def show_tickets(self, tickets: tuple[EarlierTicket, ...], *, now_at: Instant) -> None:
        """Show the newest of these; none hides the card."""
        self._tickets = tickets
        if self._ticket is not None:
            self._ticket.hide()
            self._ticket.deleteLater()
            self._ticket = None
        if tickets:
            self._title.setText(tr("create.duplicates", count=len(tickets)))
            self._told.setText(
                tr("create.same_customer", when=moment(tickets[0].created_at, now_at, full=True))
            )
            self._ticket = _Ticket(tickets[0], now_at)
            self._room.addWidget(self._ticket)
        self.updateGeometry()

    def _front(self) -> str:
        return self._tickets[0].id

    def count(self) -> int:
        """How many tickets it speaks of."""
        return len(self._tickets)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), fill="soon_soft", line="soon_line", radius=RADIUS_CARD)
        paint_icon(painter, QPointF(13, 11), "copy", tone="soon")
