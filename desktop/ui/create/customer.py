"""Step 1: who calls, by phone number, and what is known of them."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.replica.queries.intake import Caller, EarlierTicket
from desktop.sync.customers import Known
from desktop.ui.create.orders import OrderCards
from desktop.ui.create.step import Step
from desktop.ui.form.editors import PhoneField
from desktop.ui.form.view import FormView
from desktop.ui.form.wording import error_sentence
from desktop.ui.text import tr
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import RADIUS_CARD
from desktop.ui.times import moment
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box, fitted, width, write
from desktop.ui.widgets.status import paint_status, status_text
from desktop.ui.widgets.text_field import TextField
from domain.entities.base import Instant
from domain.entities.forms import FormField
from domain.rules.forms import field_error

LOOKUP_MS = 150
_PHONE = FormField(key="phone", label="", kind="phone", section="customer")
_SHOWN = 2


class EarlierCard(QAbstractButton):
    """One earlier ticket: number, status, when; below it the subject. Clicking opens it."""

    def __init__(self, ticket: EarlierTicket, now_at: Instant, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ticket, self._when = ticket, moment(ticket.created_at, now_at)
        self.setFixedHeight(44)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        said = f"{ticket.number}, {status_text(ticket.status)}, {self._when}, {ticket.subject}"
        self.setAccessibleName(said)
        self.setToolTip(ticket.subject)

    def sizeHint(self) -> QSize:
        return QSize(240, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), fill="hover" if self.underMouse() else "", line="line", radius=RADIUS_CARD)
        upper, lower = QRect(12, 4, self.width() - 24, 18), QRect(12, 22, self.width() - 24, 18)
        write(painter, 12, upper, self._ticket.number, kind="small", tone="text2")
        left = 12 + width(self._ticket.number, "small") + 8
        status = QRect(left, 4, self.width() - left, 18)
        paint_status(
            painter, status, self._ticket.status, status_text(self._ticket.status), tone="text2", kind="small"
        )
        right = self.width() - 12 - width(self._when, "small")
        write(painter, right, upper, self._when, kind="small", tone="text3")
        write(painter, 12, lower, fitted(self._ticket.subject, "small", self.width() - 24), kind="small")
        if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            draw_ring(painter, self.rect().toRectF(), RADIUS_CARD)


class CustomerStep(Step):
    """`asked` tells a phone number worth looking up, `edited` any change, `opened` an earlier ticket.

    `ordered` tells the Order the matter is about, or None where it is about none any more.
    """

    asked = Signal(str)
    edited = Signal()
    opened = Signal(str)
    ordered = Signal(object)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(number, tr("create.customer"), parent)
        self._required = self._recorded = False
        self._record_tier = self._tier_held = ""
        self.form: FormView | None = None
        self.phone = Field(
            "", PhoneField(placeholder=tr("create.phone"), glyph="phone"), check=self._phone_error
        )
        self.name = TextField(placeholder=tr("create.name"))
        self.name.setAccessibleName(tr("create.name"))
        self.phone.editor.setAccessibleName(tr("create.phone"))
        self.phone.setFixedWidth(200)
        self.name.setFixedWidth(120)
        self._tier = Chip("", glyph="crown-simple")
        self._told = Label(kind="small", tone="text2", elide=True)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(LOOKUP_MS)
        self._rest.timeout.connect(self._ask)
        self._cards = QHBoxLayout()
        self._cards.setSpacing(8)
        self.orders = OrderCards()
        self.orders.chosen.connect(self.ordered)
        self._arrange()
        self.phone.editor.edited.connect(self._on_phone_edited)
        self.name.edited.connect(self.edited)
        self.show_customer(None, now_at=0)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self.phone, 0, top)
        row.addWidget(self.name, 0, top)
        told = QHBoxLayout()
        told.setContentsMargins(4, 4, 0, 4)
        told.addWidget(self._tier)
        told.addWidget(self._told, 1)
        row.addLayout(told, 1)
        self._room = QVBoxLayout()
        self._room.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(row)
        self.body.addLayout(self._cards)
        self.body.addWidget(self.orders)
        self.body.addLayout(self._room)

    def show_form(self, form: FormView) -> None:
        """Put what else the template asks about the customer in place of what was there."""
        if self.form is not None:
            self._room.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
        self.form = form
        self._room.addWidget(form)
        self._show_tier(self._tier_held)  # in the words of this template
        form.changed.connect(lambda _: self.edited.emit())

    def set_required(self, required: bool) -> None:
        """Whether the template wants a phone number."""
        self._required = required

    def show_customer(self, customer: Caller | None, *, now_at: Instant) -> None:
        """Show what is known; None for somebody unknown."""
        while self._cards.count():
            item = self._cards.takeAt(0)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        known = customer is not None and bool(customer.tickets)
        self._show_tier(self._record_tier or (customer.tier if customer else ""))
        if customer is None or not known:
            first = len(self.phone.value()) >= 10 and not self._recorded
            self._told.setText(tr("create.first_contact") if first else "")
            return
        last = moment(customer.tickets[0].created_at, now_at)
        self._told.setText(tr("create.known", count=len(customer.tickets), last=last))
        # Those that are open stand at the right, as possible duplicates.
        settled = [ticket for ticket in customer.tickets if not ticket.open][:_SHOWN]
        for ticket in settled:
            card = EarlierCard(ticket, now_at)
            card.clicked.connect(lambda _=False, id=ticket.id: self.opened.emit(id))
            self._cards.addWidget(card, 1)
        if len(settled) == 1:
            self._cards.addStretch(1)

    def show_record(
        self, known: Known | None, chosen: str, names: Callable[[str], str], now_at: Instant
    ) -> None:
        """Show the customer's record: tier and orders; None while it is asked for, or of nobody."""
        customer = known.customer if known is not None else None
        self._recorded, self._record_tier = customer is not None, customer.tier if customer else ""
        if customer is not None:
            self._show_tier(customer.tier)
            if self._told.text() == tr("create.first_contact"):
                self._told.setText("")
        self.orders.show_orders(known, chosen, names, now_at)

    def _show_tier(self, tier: str) -> None:
        field = next((one for one in self.form.fields() if one.key == "tier"), None) if self.form else None
        words = {one.value: one.label for one in field.options} if field is not None else {}
        self._tier_held = tier
        self._tier.setText(words.get(tier, tier))
        self._tier.setVisible(bool(tier))
        self._tier.updateGeometry()

    def error(self) -> str:
        """What is wrong with the phone number as it stands, or ""."""
        return self._phone_error() or ""

    def _phone_error(self) -> str | None:
        number = self.phone.value()
        if not number:
            return tr("create.phone_missing") if self._required else None
        found = field_error(_PHONE, number, at="create")
        return None if found is None else error_sentence(found, _PHONE)

    def _on_phone_edited(self) -> None:
        self._rest.start()
        self.edited.emit()

    def _ask(self) -> None:
        self.asked.emit(self.phone.value())

    def look_up_now(self) -> None:
        """Ask without waiting for typing to rest."""
        self._rest.stop()
        self._ask()
