"""The frame of a card: icon, title, what happened, a way to the ticket; body and foot are its kind's."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.ui.attention.concerns import Concern
from desktop.ui.text import tr
from desktop.ui.theme import pixmap
from desktop.ui.theme.tokens import ICON_SIZE_HEAD, PANE_PADDING
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground


class Card(QFrame):
    """`opened` asks for the ticket; keys act on the card in front alone."""

    opened = Signal(str)

    def __init__(
        self, concern: Concern, *, glyph: str, tone: str, told: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.concern = concern
        self.front = False
        self._glyph, self._tone = glyph, tone
        self._icon = QLabel()
        ground(self, "surface", edge="card")
        self._open = Button(tr("attention.open"), icon="arrow-square-out")
        if not concern.item.held:
            self._open.hide()
        self._open.clicked.connect(lambda: self.opened.emit(concern.item.ticket))
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.foot = QFrame()
        ground(self.foot, "sunken", edge="top")
        self.acts = QHBoxLayout(self.foot)
        self.acts.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
        self.acts.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._make_head(told))
        column.addLayout(self.body)
        column.addWidget(self.foot)

    def _make_head(self, told: str) -> QWidget:
        item = self.concern.item
        head = QFrame()
        ground(head, edge="bottom")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(f"{item.number} {item.subject}".strip(), kind="h3", elide=True))
        words.addWidget(Label(told, kind="small", tone="text2", wrap=True))
        row = QHBoxLayout(head)
        row.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
        row.setSpacing(12)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self._open, 0, Qt.AlignmentFlag.AlignVCenter)
        self._draw_icon()
        return head

    def _draw_icon(self) -> None:
        self._icon.setPixmap(pixmap(self._glyph, ICON_SIZE_HEAD, self._tone, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # The first comes while the frame is being made, before it has an icon.
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icon"):
            self._draw_icon()

    def set_front(self, front: bool) -> None:
        """Whether this is the card that keys act on; it shows them."""
        self.front = front
        self._open.set_shortcut("Enter" if front else "")

    def press(self, key: str) -> bool:
        """Act on a key the page was given; False where it means nothing here."""
        return False
