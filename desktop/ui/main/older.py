"""Older tickets in the search results: asked of the server when the person wants it, fetched when one is opened."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.replica.changed import Changed
from desktop.ui.main.hits import Entry
from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.times import moment
from desktop.ui.widgets.status import status_look, status_text
from domain.errors import GongdanError
from domain.wire.older import OlderTicket


class OlderTickets(QObject):
    """Holds what the server found for one text; never asks by itself, since each question is written down there."""

    moved = Signal()
    """There is something else to show."""
    arrived = Signal(str)
    """The ticket that was opened is here."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._text = self._told = self._coming = ""
        self._found: Sequence[OlderTicket] = ()
        session.bridge.changed.connect(self._on_changed)

    def offer(self, text: str) -> list[Entry]:
        """The last line: to look on the server, where there is something to look for and it was not done yet."""
        older = self._session.older
        if not text or text == self._text or older is None:
            return []
        if self._session.sync.state.offline or not older.any_left_out():
            return []
        return [Entry(kind="ask_older", glyph="clock-counter-clockwise", first=tr("main.search_older_more"))]

    def entries(self, text: str) -> list[Entry]:
        """What the server found for this text, or how far that is."""
        if not text or text != self._text:
            return []
        if self._told:
            return [Entry(kind="title", first=self._told)]
        return [Entry(kind="title", first=tr("main.search_older")), *map(self._entry, self._found)]

    def ask(self, text: str) -> None:
        """Look for a text on the server."""
        older = self._session.older
        if older is None:
            return
        self._text, self._told, self._found = text, tr("main.search_older_asking"), ()
        self._session.bridge.read(
            lambda: older.find(text),
            then=lambda found: self._take(text, found),
            failed=lambda error: self._fail(text, error),
            owner=self,
        )
        self.moved.emit()

    def open(self, id: str) -> None:
        """Fetch a ticket; `arrived` tells when it is here."""
        session, older = self._session, self._session.older
        if older is None:
            return
        self._coming = id
        session.bridge.act(lambda: older.want(id), then=lambda _: session.sync.sync_now(), owner=self)

    def _take(self, text: str, found: Sequence[OlderTicket]) -> None:
        if text == self._text:
            self._found, self._told = found, "" if found else tr("main.search_older_none")
            self.moved.emit()

    def _fail(self, text: str, error: GongdanError) -> None:
        if text == self._text:
            self._told = tr("main.search_older_failed", reason=error_words(error))
            self.moved.emit()

    def _on_changed(self, moved: Changed) -> None:
        if self._coming and self._coming in moved.tickets:
            id, self._coming = self._coming, ""
            self.arrived.emit(id)

    def _entry(self, one: OlderTicket) -> Entry:
        glyph, tone = status_look(one.status)[:2]
        return Entry(
            kind="older",
            key=one.id,
            glyph=glyph,
            tone=tone,
            first=f"{one.number}  {one.subject}",
            second=status_text(one.status),
            right=moment(one.created_at, self._session.server_time.now()),
        )
