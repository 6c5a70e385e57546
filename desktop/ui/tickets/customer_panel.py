"""Who asks: name, tier, how to reach them, and their other tickets."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.replica.queries.search import SearchHit, search
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.rows import shown_number
from desktop.ui.tickets.source import Shown
from desktop.ui.times import moment
from desktop.ui.widgets.avatar import SIDE_LARGE, Avatar
from desktop.ui.widgets.button import IconButton, LinkButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.status import status_text
from domain.entities.base import Instant

_MOST = 5
_SHOWN_ABOVE = frozenset({"name", "phone", "tier"})


class CustomerPanel(QWidget):
    """`opened` tells another ticket of the same customer."""

    opened = Signal(str)
    resized = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked = ("", "")
        self._phone = ""
        self._avatar = Avatar(side=SIDE_LARGE)
        self._name, self._tier = Label(kind="body_bold"), Chip("", glyph="crown")
        self._phone_label = Label(tone="text2", selectable=True)
        self._copy = IconButton("copy", tr("ticket.copy_phone"), side=24)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._phone))
        self._rest = KeyValues()
        self._others_title = Label(kind="small", tone="text2")
        self._others = QVBoxLayout()
        self._others.setSpacing(0)
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
        column.addWidget(self._others_title)
        column.addLayout(self._others)
        column.addStretch(1)

    def show_ticket(self, shown: Shown) -> None:
        """Show who asked for this ticket."""
        self._avatar.set_name(shown.customer or "?")
        self._name.setText(shown.customer or tr("ticket.no_customer"))
        tier, self._phone = shown.tier(), shown.personal("phone")
        self._tier.setText(tier)
        self._tier.setVisible(bool(tier))
        self._tier.updateGeometry()
        self._phone_label.setText(self._phone)
        self._phone_label.setVisible(bool(self._phone))
        masked = any(one.key == "phone" and one.masked for one in shown.page.personal)
        self._copy.setVisible(bool(self._phone) and not masked)
        template = shown.page.template
        labels = {field.key: field.label for field in template.fields} if template else {}
        self._rest.set_rows(
            [
                (labels.get(one.key, one.key), one.value)
                for one in shown.page.personal
                if one.key not in _SHOWN_ABOVE and one.value
            ]
        )
        self._ask(shown.id, "" if masked else self._phone, shown.now_at)

    def _ask(self, id: str, phone: str, now_at: Instant) -> None:
        """Look for other tickets with the same number."""
        if (id, phone) == self._asked:
            return
        self._asked = (id, phone)
        self._show_others([], now_at)
        if not phone:
            return
        replica = self._session.replica

        def read() -> list[SearchHit]:
            with replica.read() as conn:
                return [hit for hit in search(conn, phone, limit=_MOST + 1) if hit.id != id][:_MOST]

        self._session.bridge.read(read, then=lambda hits: self._on_found(id, hits, now_at), owner=self)

    def _on_found(self, id: str, hits: Sequence[SearchHit], now_at: Instant) -> None:
        if self._asked[0] == id:
            self._show_others(hits, now_at)

    def _show_others(self, hits: Sequence[SearchHit], now_at: Instant) -> None:
        while self._others.count():
            item = self._others.takeAt(0)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        self._others_title.setText(tr("ticket.other_tickets", count=len(hits)))
        self._others_title.setVisible(bool(hits))
        for hit in hits:
            self._others.addWidget(_Other(hit, now_at, self._opener(hit.id)))
        self.resized.emit()

    def _opener(self, id: str) -> Callable[[], None]:
        return lambda: self.opened.emit(id)


class _Other(QWidget):
    """One other ticket: number, subject, how it stands."""

    def __init__(self, hit: SearchHit, now_at: Instant, open_it: Callable[[], None]) -> None:
        super().__init__()
        link = LinkButton(shown_number(hit.number))
        link.setAccessibleName(f"{hit.number} {hit.subject}")
        link.clicked.connect(open_it)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(link)
        row.addWidget(Label(hit.subject, elide=True), 1)
        how = f"{status_text(hit.status)} · {moment(hit.created_at, now_at)}"
        row.addWidget(Label(how, kind="small", tone="text2"))
