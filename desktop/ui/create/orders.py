"""The customer's orders on the creation page: choosing one fills in the store and what the form asks of an order."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.sync.customers import Known
from desktop.ui.text import tr
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import RADIUS_CARD
from desktop.ui.tickets.rows import short_moment
from desktop.ui.times import moment
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box, fitted, width, write
from domain.entities.base import Instant
from domain.wire.customers import Order

_SHOWN = 3


def amount_words(order: Order) -> str:
    """¥36.50; nothing where the amount is not known."""
    if order.amount_cents is None:
        return ""
    sign = "¥" if order.currency == "CNY" else f"{order.currency} "
    return f"{sign}{order.amount_cents / 100:,.2f}"


def item_words(order: Order) -> str:
    """拿铁 ×2、美式."""
    parts = [one.name if one.quantity == 1 else f"{one.name} ×{one.quantity:f}" for one in order.items]
    return tr("ticket.list_separator").join(parts)


class OrderCard(QAbstractButton):
    """One order: number, amount, when; below it the items and the store. Clicking chooses it, once more gives it up."""

    def __init__(self, order: Order, store: str, now_at: Instant, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = order
        self._when = moment(order.ordered_at, now_at) if order.ordered_at is not None else ""
        self._day = short_moment(order.ordered_at, now_at) if order.ordered_at is not None else ""
        self._upper = "  ".join(part for part in (order.number, amount_words(order)) if part)
        self._lower = " · ".join(part for part in (item_words(order), store, order.status) if part)
        self.setCheckable(True)
        self.setFixedHeight(44)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        said = ", ".join(part for part in (self._upper, self._when, self._lower) if part)
        self.setAccessibleName(tr("create.order", what=said))
        self.setToolTip(self._lower)

    def sizeHint(self) -> QSize:
        return QSize(200, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill = "accent_soft" if self.isChecked() else "hover" if self.underMouse() else ""
        box(
            painter, self.rect(), fill=fill, line="accent" if self.isChecked() else "line", radius=RADIUS_CARD
        )
        inner = self.width() - 24
        upper, lower = QRect(12, 4, inner, 18), QRect(12, 22, inner, 18)
        # Number and amount come first: where all three would not fit, the day alone is said.
        when = self._when
        if width(self._upper, "small") + 8 + width(when, "small") > inner:
            when = self._day
        right = width(when, "small")
        write(painter, 12, upper, fitted(self._upper, "small", inner - right - 8), kind="small")
        write(painter, self.width() - 12 - right, upper, when, kind="small", tone="text3")
        write(painter, 12, lower, fitted(self._lower, "small", inner), kind="small", tone="text2")
        if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            draw_ring(painter, self.rect().toRectF(), RADIUS_CARD)


class OrderCards(QWidget):
    """`chosen` tells the order that was chosen by hand, or None where it was given up."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label(kind="small", tone="text2", elide=True)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addLayout(self._row)
        self._cards: list[OrderCard] = []
        self.hide()

    def show_orders(
        self, known: Known | None, chosen: str, names: Callable[[str], str], now_at: Instant
    ) -> None:
        """Show the newest orders, the chosen one marked; or why there are none to show."""
        for card in self._cards:
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        orders = known.customer.orders if known is not None and known.customer is not None else ()
        first = [one for one in orders if one.number == chosen]
        shown = [*first, *(one for one in orders if one.number != chosen)][:_SHOWN]
        self._cards = [OrderCard(one, names(one.unit), now_at) for one in shown]
        for card in self._cards:
            card.setChecked(card.order.number == chosen)
            card.clicked.connect(lambda _=False, one=card: self._on_clicked(one))
            self._row.addWidget(card, 1)
        self._title.setText(self._told(known, len(orders), now_at))
        self.setVisible(bool(self._title.text()))

    def _told(self, known: Known | None, count: int, now_at: Instant) -> str:
        if known is None:
            return ""
        if known.trouble:
            return tr("create.orders_refused")
        if known.offline:
            when = moment(known.at, now_at, full=True) if known.at else ""
            return tr("create.orders_kept", when=when) if when else tr("create.orders_offline")
        if known.customer is None:
            return ""
        return tr("create.orders", count=count) if count else tr("create.no_orders")

    def _on_clicked(self, card: OrderCard) -> None:
        for other in self._cards:
            if other is not card:
                other.setChecked(False)
        self.chosen.emit(card.order if card.isChecked() else None)
