"""The ticket beside the list follows the cursor."""

from PySide6.QtCore import QObject, QTimer

from desktop.ui.tickets.list_page import ListPage
from desktop.ui.tickets.pane import TicketPane

REST_MS = 70
"""The cursor has to rest this long: a held arrow key reads no tickets on its way."""


class Follower(QObject):
    """Shows the current row's ticket once the cursor rests; nothing at once."""

    def __init__(self, list_page: ListPage, pane: TicketPane) -> None:
        super().__init__(list_page)
        self._list, self._pane = list_page, pane
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._show)
        list_page.chosen.connect(self._on_chosen)

    def _on_chosen(self, id: str) -> None:
        if id:
            self._rest.start()
        else:
            self._rest.stop()
            self._pane.show_ticket("")

    def _show(self) -> None:
        self._pane.show_ticket(self._list.current_id())
