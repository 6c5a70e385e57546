"""The page of what needs attention: the list, and the cards from the chosen item on."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from desktop.commands import settle
from desktop.commands.export import export_outbox
from desktop.replica.changed import Changed
from desktop.ui.attention.card import Card
from desktop.ui.attention.concerns import Concern, load
from desktop.ui.attention.conflict_card import ConflictCard
from desktop.ui.attention.item_list import ItemList
from desktop.ui.attention.refusal_card import RefusalCard
from desktop.ui.directory import Directory
from desktop.ui.form.own_keys import kept
from desktop.ui.form.reading_order import step
from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme.tokens import CARD_GAP
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.empty_state import EmptyState
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.toast import Toasts, toasts_of
from domain.errors import GongdanError

LIST_WIDTH, HEAD_HEIGHT = 304, 41
CARDS = 4
"""The chosen item and those after it: what a page has room for."""

_KEYS: dict[int, str] = {
    Qt.Key.Key_1: "1",
    Qt.Key.Key_2: "2",
    Qt.Key.Key_E: "E",
    Qt.Key.Key_N: "N",
    Qt.Key.Key_Delete: "Del",
    Qt.Key.Key_Escape: "Esc",
}
AskPath = Callable[[QWidget], str]


def ask_path(parent: QWidget) -> str:
    """Ask where to write the file; "" when the person thought better of it."""
    name, _ = QFileDialog.getSaveFileName(
        parent, tr("attention.export"), tr("attention.export_file"), "JSON Lines (*.jsonl)"
    )
    return name


class AttentionPage(QWidget):
    """`ticket_opened` tells a ticket to show; `closed` that Esc leaves the page."""

    closed = Signal()
    ticket_opened = Signal(str)

    def __init__(
        self,
        session: Session,
        *,
        toasts: Toasts | None = None,
        ask_path: AskPath = ask_path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._toasts, self._ask_path = session, toasts, ask_path
        self._names = Directory(session.replica, session.bridge)
        self._concerns: list[Concern] = []
        self._cards: list[Card] = []
        self._count = Label(tone="text2")
        self.list = ItemList()
        self._title, self._stays = Label(kind="h2"), Label(kind="small", tone="text2", elide=True)
        self.export = Button(kind="quiet", icon="download-simple", small=True)
        self.error = Banner("error", "")
        self._empty = EmptyState("checks", "", tone="ok")
        self._arrange()
        self._write_words()
        self.list.chosen.connect(lambda _: self._show_cards())
        self.export.clicked.connect(self.export_unsent)
        session.bridge.changed.connect(self._on_changed)
        self._read()

    def _arrange(self) -> None:
        full = QWidget()
        row = QHBoxLayout(full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_left())
        row.addWidget(self._make_right(), 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(full)
        self._stack.addWidget(self._empty)
        ground(self, "bg")
        ground(self._empty, "surface")

    def _make_left(self) -> QWidget:
        head = QWidget()
        head.setFixedHeight(HEAD_HEIGHT)
        ground(head, edge="bottom")
        line = QHBoxLayout(head)
        line.setContentsMargins(12, 0, 12, 1)
        line.setSpacing(8)
        line.addWidget(self._title)
        line.addWidget(self._count)
        self._stays.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._stays, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.addWidget(self.export)
        foot.addStretch(1)
        left = QWidget()
        left.setFixedWidth(LIST_WIDTH)
        ground(left, "surface", edge="right")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        return left

    def _make_right(self) -> QWidget:
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(CARD_GAP)
        self._column.addWidget(self.error)
        self._column.addStretch(1)
        self.error.hide()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        return self._scroll

    def _write_words(self) -> None:
        self._title.setText(tr("attention.title"))
        self._stays.setText(tr("attention.stays"))
        self.export.setText(tr("attention.export"))
        self.export.updateGeometry()
        self._empty.show_state("checks", tr("attention.empty"), tr("attention.empty_why"), tone="ok")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()
            self.list.viewport().update()
            self._show_cards(anew=True)

    # Reading.

    def _on_changed(self, moved: Changed) -> None:
        if "attention" in moved.kinds:
            self._read()

    def _read(self) -> None:
        replica = self._session.replica
        self._session.bridge.read(lambda: load(replica), then=self._show, owner=self)

    def _show(self, concerns: list[Concern]) -> None:
        self._concerns = concerns
        self._count.setText(str(len(concerns)))
        self._stack.setCurrentIndex(0 if concerns else 1)
        self.list.show_concerns(concerns, now_at=self._session.clock.now())
        self._show_cards()

    def count(self) -> int:
        """How many items are open."""
        return len(self._concerns)

    def card(self) -> Card | None:
        """The card in front, on which keys act."""
        return self._cards[0] if self._cards else None

    def next_problem(self) -> None:
        """Go to the item after the chosen one, and round (F8)."""
        if self._concerns:
            self.list.choose((self.list.currentIndex().row() + 1) % len(self._concerns))
            self.list.setFocus()

    def _show_cards(self, *, anew: bool = False) -> None:
        start = max(0, self.list.currentIndex().row())
        wanted = self._concerns[start : start + CARDS]
        if not anew and self._cards and [card.concern for card in self._cards] == wanted:
            return
        for card in self._cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [self._card(concern) for concern in wanted]
        for place, card in enumerate(self._cards):
            self._column.insertWidget(place + 1, card)
            card.set_front(place == 0)
        self.error.hide()
        self._scroll.verticalScrollBar().setValue(0)

    def _card(self, concern: Concern) -> Card:
        now_at = self._session.clock.now()
        card: Card
        if concern.conflict:
            card = conflict = ConflictCard(concern, self._names, now_at=now_at)
            conflict.settled.connect(self._settle)
        else:
            card = refusal = RefusalCard(concern, self._names, now_at=now_at)
            refusal.resent.connect(self._resend)
            refusal.noted.connect(self._note)
            refusal.discarded.connect(self._discard)
            refusal.copied.connect(lambda: self._say("attention.copied"))
        card.opened.connect(self.ticket_opened)
        return card

    # Acting.

    def _settle(self, num: int, choices: dict[str, settle.Choice]) -> None:
        runner = self._session.runner
        self._act(lambda: settle.settle_conflict(runner, num, choices), "attention.settled")

    def _resend(self, num: int, edited: dict[str, object]) -> None:
        runner = self._session.runner
        self._act(lambda: settle.resend(runner, num, edited=edited), "attention.resent")

    def _note(self, num: int) -> None:
        runner = self._session.runner
        self._act(lambda: settle.paste_as_note(runner, num), "attention.noted")

    def _discard(self, num: int) -> None:
        runner = self._session.runner
        self._act(lambda: settle.discard(runner, num), "attention.discarded")

    def _act(self, gesture: Callable[[], Changed], key: str) -> None:
        self.error.hide()
        self._session.bridge.act(gesture, owner=self, then=lambda _: self._say(key), failed=self._failed)

    def _failed(self, error: GongdanError) -> None:
        self.error.show_message("error", error_words(error))
        self.error.show()
        self._read()

    def _say(self, key: str) -> None:
        self._toasts_here().say(key)

    def _toasts_here(self) -> Toasts:
        if self._toasts is None:
            self._toasts = toasts_of(self.window())
        return self._toasts

    def export_unsent(self) -> None:
        """Write what the server has not taken to a file the person chooses."""
        chosen = self._ask_path(self)
        if not chosen:
            return
        replica = self._session.replica

        def work() -> int:
            return export_outbox(replica, Path(chosen))

        def told(count: int) -> None:
            self._toasts_here().say("attention.exported", count=count)

        self._session.bridge.read(work, then=told, owner=self, failed=self._failed)

    # Keys.

    def focusNextPrevChild(self, next: bool) -> bool:
        return step(self, focused=self.focusWidget(), forward=next)

    def event(self, event: QEvent) -> bool:
        # The window's single letters act on the list that this page stands in place of.
        if kept(event):
            return True
        asked = event.type() == QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and self._key(event) == "Ctrl+C":
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.list.setFocus(event.reason())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        card, key = self.card(), self._key(event)
        if key and card is not None and card.press(key):
            return
        if key == "Esc":
            self.closed.emit()
        elif key == "Enter" and card is not None and card.concern.item.held:
            self.ticket_opened.emit(card.concern.item.ticket)
        else:
            super().keyPressEvent(event)

    def _key(self, event: QKeyEvent) -> str:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return "Ctrl+Enter" if control else "Enter"
        if control:
            return "Ctrl+C" if event.key() == Qt.Key.Key_C else ""
        return _KEYS.get(event.key(), "")
