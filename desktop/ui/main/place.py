"""What the actions of the main window act on: the ticket in front, or those chosen in the list."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.replica.queries.tickets import TicketLine
from desktop.ui.main.desk_area import DeskArea
from desktop.ui.main.front import Front
from desktop.ui.tickets.list_page import ListPage
from desktop.ui.tickets.pane import TicketPane
from desktop.ui.tickets.source import Shown
from desktop.ui.tickets.ticket_page import TicketPage


class MainPlace:
    """See `tickets.acting.Place`."""

    def __init__(self, front: Front, area: DeskArea, list_page: ListPage, pane: TicketPane) -> None:
        self._front, self._area, self._list, self._pane = front, area, list_page, pane

    def on_list(self) -> bool:
        """Whether the list is what the person sees; keys must not act on what is behind another page."""
        return not self._front.covers() and self._area.shows_list()

    def targets(self) -> Sequence[str]:
        """The ticket in front, or those chosen in the list."""
        page = self._front.ticket
        if page is not None:
            return [page.desk.source.id]
        return self._list.chosen_ids() if self.on_list() else []

    def lines(self) -> Sequence[TicketLine]:
        """What the list knows of them."""
        return self._list.chosen_lines() if self.on_list() else []

    def shown(self) -> Shown | None:
        """The one ticket, once it is read."""
        shown = self.view().shown
        return shown if shown is not None and list(self.targets()) == [shown.id] else None

    def view(self) -> TicketPage | TicketPane:
        """Where the ticket shows."""
        return self._front.ticket or self._pane

    def anchor(self, name: str) -> QWidget:
        """What a pop-over of an action stands beside."""
        page = self._front.ticket
        if page is not None:
            return page.anchor(name)
        beside = self._pane.isVisible() and len(self.targets()) == 1
        return self._pane.anchor(name) if beside else self._list.anchor()
