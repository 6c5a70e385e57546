"""The help at the right: what may be the same matter, and the text modules."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.replica.queries.intake import EarlierTicket
from desktop.ui.create.duplicates import Duplicates
from desktop.ui.text import tr
from desktop.ui.text_modules.panel import ModulesPanel
from desktop.ui.widgets.polish import ground
from domain.entities.base import Instant

WIDTH = 328


class HelpPane(QWidget):
    """Duplicates above, text modules below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "surface", edge="left")
        self.setFixedWidth(WIDTH)
        self.duplicates, self.modules = (
            Duplicates(),
            ModulesPanel("description", keys=tr("create.module_keys"), width=WIDTH),
        )
        self._above = QWidget()
        ground(self._above, edge="bottom")
        above = QVBoxLayout(self._above)
        above.setContentsMargins(15, 12, 16, 13)
        above.addWidget(self.duplicates)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._above)
        column.addWidget(self.modules, 1)
        self._above.hide()

    def show_duplicates(self, tickets: tuple[EarlierTicket, ...], *, now_at: Instant) -> None:
        """Show the tickets that may be the same matter; none gives their room back."""
        self.duplicates.show_tickets(tickets, now_at=now_at)
        self._above.setVisible(bool(tickets))
