"""Writing a new ticket past the lease: the usual page over a scratch replica whose key nobody keeps (SYNC §7)."""

import os

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.clock import Clock, SystemClock, SystemIds
from desktop.commands.runner import Runner
from desktop.commands.sealed import seal
from desktop.lease import LeaseTime
from desktop.reminders import Reminders
from desktop.replica import outside, rows
from desktop.replica.engine import Replica
from desktop.replica.outside import Outside
from desktop.sealed import overwrite
from desktop.settings import SettingsFile
from desktop.sync.reports import NoServer, Reports
from desktop.sync.signed_on import Locked
from desktop.sync.state import SyncState
from desktop.ui.bridge import Bridge
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.polish import ground
from domain.wire import codec

SCRATCH = "scratch"


class NoSync:
    """Nothing is exchanged while the replica is closed."""

    state = SyncState(connection="offline")

    def wake(self) -> None:
        """There is nobody to wake."""

    def sync_now(self) -> None:
        """There is nobody to ask."""

    def verify(self) -> None:
        """There is nothing to compare."""


class ScratchWork:
    """A replica with forms and no tickets, under a random key; `stop` leaves nothing of it."""

    def __init__(self, locked: Locked, settings: SettingsFile, clock: Clock) -> None:
        self._locked = locked
        self._folder = locked.box.folder / SCRATCH
        overwrite(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.replica = Replica(self._folder / "replica.db", os.urandom(32), durable=False)
        forms = codec.decode(locked.box.forms(), Outside)
        with self.replica.write() as conn:
            outside.put_in(conn, forms, count=locked.box.next_count())
        self.bridge = Bridge()
        time, ids = LeaseTime(clock, locked.lease), SystemIds()
        self._reminders = Reminders(
            self.replica,
            clock=clock,
            time=time,
            ids=ids,
            tell=self.bridge.announce_reminder,
            changed=self.bridge.announce,
        )
        self.session = Session(
            person=locked.person,
            replica=self.replica,
            runner=Runner(self.replica, clock=clock, time=time, ids=ids),
            bridge=self.bridge,
            sync=NoSync(),
            reminders=self._reminders,
            reports=Reports(NoServer(), self.replica),
            clock=clock,
            server_time=time,
            ids=ids,
            settings=settings,
            sign_out=lambda: None,
            takes_files=False,
        )

    def seal(self, ticket: str) -> str:
        """Seal what was written; returns the ticket's provisional number."""
        with self.replica.read() as conn:
            made = rows.load_ticket(conn, ticket)
        seal(self.replica, self._locked.box)
        return (made.provisional or "") if made is not None else ""

    def stop(self) -> None:
        """Close everything and delete the scratch files."""
        try:
            self.bridge.close()
            self._reminders.stop()
            self.replica.close()
        finally:
            overwrite(self._folder)


class SealedCreateWindow(QWidget):
    """`sealed` tells the number of the ticket that was written; the window goes with it and tells `gone`."""

    sealed = Signal(str)
    gone = Signal()

    def __init__(
        self,
        locked: Locked,
        settings: SettingsFile,
        *,
        clock: Clock | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        from desktop.ui.create.page import CreatePage

        self._work: ScratchWork | None = ScratchWork(locked, settings, clock or SystemClock())
        self.setWindowTitle(tr("door.create"))
        self.setMinimumSize(1024, 640)
        ground(self, "bg")
        banner = Banner("warning", tr("door.create_banner"), glyph="lock-key")
        self.page = CreatePage(self._work.session)
        self.page.submitted.connect(self._on_submitted)
        self.page.closed.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(banner)
        column.addWidget(self.page, 1)

    def _on_submitted(self, ticket: str) -> None:
        if self._work is not None:
            self.sealed.emit(self._work.seal(ticket))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave nothing of what was not sealed."""
        super().closeEvent(event)
        work, self._work = self._work, None
        if work is not None:
            # It writes its draft down as it goes; after that nothing of it may open the replica again.
            self.page.hide()
            for timer in self.page.findChildren(QTimer):
                timer.stop()
            self.page.deleteLater()
            work.stop()
            self.gone.emit()
