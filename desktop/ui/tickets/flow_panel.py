"""The flow of a ticket: where it stands and what is to be done there, above the picture of the whole way."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.ui.attachments.box import Box
from desktop.ui.text import tr
from desktop.ui.tickets.flow_card import FlowCard
from desktop.ui.tickets.flow_picture import FlowPicture
from desktop.ui.tickets.flow_stops import flow_of, stops_of, walked_of
from desktop.ui.tickets.source import Shown
from desktop.ui.widgets.empty_state import EmptyState


class FlowPanel(QWidget):
    """`wanted` carries a toast's key and what to do with the ticket."""

    wanted = Signal(str, object)

    def __init__(self, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = box
        self._shown: Shown | None = None
        self._key: object = None
        self.cards: list[FlowCard] = []
        self.picture = FlowPicture()
        self._empty = EmptyState("tree-structure", tr("flow.none"), tr("flow.none_why"))
        self._sideways = QScrollArea()  # of its own, so that the cards stay as wide as the pane
        self._sideways.setWidget(self.picture)
        self._sideways.setWidgetResizable(True)
        self._sideways.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._sideways.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(0)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._cards)
        column.addWidget(self._sideways)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidget(inside)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._area)
        outer.addWidget(self._empty)

    def show_ticket(self, shown: Shown) -> None:
        """Show a ticket; while nothing of its flow changes, what is being filled in stays."""
        self._shown = shown
        flow = flow_of(shown)
        self._area.setVisible(flow is not None)
        self._empty.setVisible(flow is None)
        if flow is None:
            return
        held = shown.page.ticket
        self._sideways.setVisible(bool(flow.nodes))
        self.picture.show_flow(flow, stops_of(shown), walked_of(shown))
        bar = self._sideways.horizontalScrollBar().sizeHint().height()
        self._sideways.setFixedHeight(self.picture.sizeHint().height() + bar)
        key = (shown.id, held.flow, held.fields, shown.page.may, shown.page.personal)
        if key == self._key:
            return
        self._key = key
        for card in self.cards:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        tokens = held.flow.tokens if held.flow is not None else ()
        self.cards = [FlowCard(shown, flow, token, self._box) for token in tokens]
        for card in self.cards:
            self._cards.addWidget(card)
            card.wanted.connect(self.wanted)

    def focus_first(self) -> None:
        """Put the cursor into the first card, else on the picture."""
        if self.cards:
            self.cards[0].focus_first()
        else:
            self.picture.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self._shown is not None:
            self._key = None
            self.show_ticket(self._shown)
