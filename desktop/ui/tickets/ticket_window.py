"""A ticket in a window of its own, beside the list."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.replica.queries.tickets import TicketLine
from desktop.ui.actions import TICKET, Actions, Spec
from desktop.ui.directory import Directory
from desktop.ui.session import Session
from desktop.ui.tickets.acting import Acting
from desktop.ui.tickets.gestures import Gestures
from desktop.ui.tickets.remind import remind_me
from desktop.ui.tickets.source import Shown
from desktop.ui.tickets.ticket_page import TicketPage
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.toast import Toasts

_SPECS = (
    *(spec for spec in TICKET if spec.name not in ("previous_ticket", "next_ticket", "back")),
    Spec(name="undo", icon="arrow-u-up-left", keys=("Ctrl+Z",)),
    Spec(name="close_window", keys=("Ctrl+W",)),
)
_LOOK = "window.ticket"


class TicketWindow(QWidget):
    """`opened` when another ticket is wanted from here."""

    opened = Signal(str)

    def __init__(self, session: Session, directory: Directory, id: str) -> None:
        super().__init__()
        ground(self, "bg")
        self._session, self.id = session, id
        self.actions_ = Actions(self, _SPECS)
        self._toasts = Toasts(self, above=16)
        self._gestures = Gestures(session, self._toasts, self)
        self.page = TicketPage(session, directory, self.actions_, self._gestures, apart=True)
        self._acting = Acting(session, directory, self.actions_, self._gestures, self, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.page.loaded.connect(self._on_loaded)
        self.page.closed.connect(self.close)
        self.page.opened.connect(self.opened)
        self._gestures.refused.connect(lambda why: self._toasts.say("toast.plain", words=why))
        self.actions_.refused.connect(lambda why: self._toasts.say("toast.plain", words=why))
        self.actions_.connect_to("undo", self._gestures.undo_last)
        self.actions_.connect_to("close_window", self.close)
        self.actions_.connect_to("reply", lambda: self.page.desk.write(internal=False))
        self.actions_.connect_to("note", lambda: self.page.desk.write(internal=True))
        self.actions_.connect_to("next_tab", self.page.desk.body.next_tab)
        self.actions_.connect_to("flow", self.page.desk.show_flow)
        self.actions_.connect_to("remind", lambda: remind_me(session, self.anchor("remind"), id))
        self._clock = QTimer(self)
        self._clock.timeout.connect(self.page.tick)
        self._clock.start(1000)
        self.setMinimumSize(880, 560)
        self.resize(*(session.settings.look(_LOOK) or (1240, 720)))
        self.page.show_ticket(id)

    # What its actions act on.

    def targets(self) -> Sequence[str]:
        """The one ticket."""
        return [self.id]

    def lines(self) -> Sequence[TicketLine]:
        """Nothing: the ticket itself is known."""
        return []

    def shown(self) -> Shown | None:
        """The ticket, once it is read."""
        return self.page.shown

    def anchor(self, name: str) -> QWidget:
        """What a pop-over of an action stands beside."""
        return self.page.anchor(name)

    def _on_loaded(self, shown: Shown) -> None:
        self.setWindowTitle(f"{shown.page.number} {shown.page.ticket.subject}")
        self._acting.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.page.desk.composer.flush()
        self._session.settings.remember(_LOOK, [self.width(), self.height()])
        super().closeEvent(event)
