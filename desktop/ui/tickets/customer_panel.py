"""Who asks: name, tier, how to reach them, and all that was between them and us."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.customer_story import CustomerStory
from desktop.ui.tickets.source import Shown
from desktop.ui.widgets.avatar import SIDE_LARGE, Avatar
from desktop.ui.widgets.button import IconButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.label import Label
from domain.wire.customers import Customer

_SHOWN_ABOVE = frozenset({"name", "phone", "tier"})


class CustomerPanel(QWidget):
    """`opened` tells another ticket of the same customer."""

    opened = Signal(str)
    resized = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phone = ""
        self._avatar = Avatar(side=SIDE_LARGE)
        self._name, self._tier = Label(kind="body_bold"), Chip("", glyph="crown")
        self._phone_label = Label(tone="text2", selectable=True)
        self._copy = IconButton("copy", tr("ticket.copy_phone"), side=24)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._phone))
        self._rest = KeyValues()
        self._story = CustomerStory(session)
        self._story.opened.connect(self.opened)
        self._story.resized.connect(self.resized)
        self._story.told.connect(self._on_record)
        self._arrange()

    def _arrange(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self._name)
        first.addWidget(self._tier)
        first.addStretch(1)
        second.setSpacing(4)
        second.addWidget(self._phone_label)
        second.addWidget(self._copy)
        second.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(first)
        words.addLayout(second)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._avatar)
        top.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._rest)
        column.addWidget(self._story)
        column.addStretch(1)

    def show_ticket(self, shown: Shown) -> None:
        """Show who asked for this ticket."""
        self._avatar.set_name(shown.customer or "?")
        self._name.setText(shown.customer or tr("ticket.no_customer"))
        self._phone = shown.personal("phone")
        self._show_tier(shown.tier() or shown.page.ticket.tier)
        self._phone_label.setText(self._phone)
        self._phone_label.setVisible(bool(self._phone))
        masked = any(one.key == "phone" and one.masked for one in shown.page.personal)
        self._copy.setVisible(bool(self._phone) and not masked)
        template = shown.page.template
        labels = {field.key: field.label for field in template.fields} if template else {}
        order_no = shown.page.ticket.order_no or ""
        order = [(tr("ticket.order"), order_no)] if order_no else []
        self._rest.set_rows(
            order
            + [
                (labels.get(one.key, one.key), one.value)
                for one in shown.page.personal
                if one.key not in _SHOWN_ABOVE and one.value
            ]
        )
        self._story.show_ticket(shown, "" if masked else self._phone)

    def _on_record(self, customer: Customer | None) -> None:
        """Fill in what the ticket itself does not say of its customer."""
        if customer is not None and customer.tier and not self._tier.text():
            self._show_tier(customer.tier)

    def _show_tier(self, tier: str) -> None:
        self._tier.setText(tier)
        self._tier.setVisible(bool(tier))
        self._tier.updateGeometry()
