"""Looks up who is behind the phone number on the page, and again when tickets move."""

from PySide6.QtCore import QObject, Signal

from desktop.replica.changed import Changed
from desktop.replica.queries import intake
from desktop.replica.queries.intake import Caller
from desktop.sync.customers import Known
from desktop.ui.session import Session

SHORTEST = 7


class CallerLookup(QObject):
    """`found` tells a Caller; one without tickets for a number too short to mean anybody.

    `known` tells a Known, or None while the server is asked and where nobody is asked about.
    """

    found = Signal(object)
    known = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._phone = self._asked = ""
        self.caller = Caller()
        session.bridge.changed.connect(self._on_changed)

    def forget(self) -> None:
        """Nobody is asked about any more."""
        self._phone, self.caller, self._asked = "", Caller(), ""

    def ask(self, phone: str) -> None:
        """Look up a number, away from the window's thread; an answer that comes too late is passed over."""
        if len(phone) < SHORTEST:
            self.forget()
            self.found.emit(self.caller)
            self.known.emit(None)
            return
        self._phone = phone
        replica = self._session.replica

        def read() -> Caller:
            with replica.read() as conn:
                return intake.by_phone(conn, phone)

        def tell(caller: Caller) -> None:
            if phone == self._phone:
                self.caller = caller
                self.found.emit(caller)

        self._session.bridge.read(read, then=tell, owner=self)
        self._ask_server(phone)

    def _ask_server(self, phone: str) -> None:
        """Ask for each number once; tickets that move say nothing new of the customer."""
        customers = self._session.customers
        if customers is None or phone == self._asked:
            return
        self._asked = phone
        self.known.emit(None)

        def tell(known: Known) -> None:
            if phone == self._phone:
                self.known.emit(known)

        self._session.bridge.read(lambda: customers.find("phone", phone), then=tell, owner=self)

    def _on_changed(self, moved: Changed) -> None:
        if self._phone and "tickets" in moved.kinds:
            self.ask(self._phone)
