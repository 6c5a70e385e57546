"""One signed-in person's parts: replica, runner, exchange, reminders, started and stopped together."""

from collections.abc import Callable

from desktop.clock import SystemClock, SystemIds
from desktop.commands.runner import Runner
from desktop.reminders import Reminders
from desktop.replica.changed import Changed
from desktop.settings import SettingsFile
from desktop.sync.ahead import ReadAhead
from desktop.sync.engine import Engine
from desktop.sync.http import HttpTransport
from desktop.sync.pokes import PokeStream, http_stream
from desktop.sync.reports import Reports
from desktop.sync.sign_in import SignedOn, keep_key
from desktop.sync.worker import SyncWorker
from desktop.ui.bridge import Bridge
from desktop.ui.session import Session


class Work:
    """Made when somebody signs in, stopped when they leave."""

    def __init__(self, signed_on: SignedOn, settings: SettingsFile, sign_out: Callable[[], None]) -> None:
        clock, ids, time = SystemClock(), SystemIds(), signed_on.time
        self.signed_on, self.bridge = signed_on, Bridge()
        # Connections of their own: pages of the first sync hold up no push, and a report no exchange.
        self._pages = HttpTransport(signed_on.transport.server, signed_on.shelf, clock)
        self._asking = HttpTransport(signed_on.transport.server, signed_on.shelf, clock)
        engine = Engine(
            signed_on.replica,
            ReadAhead(signed_on.transport, self._pages),
            signed_on.shelf,
            clock=clock,
            time=time,
            device_name=signed_on.device_name,
            keep_key=lambda device: keep_key(signed_on, device),
        )
        self.worker = SyncWorker(
            engine,
            clock=clock,
            time=time,
            changed=self.bridge.announce,
            state_changed=self.bridge.announce_state,
            pokes=PokeStream(http_stream(signed_on.transport), clock=clock),
        )
        self.reminders = Reminders(
            signed_on.replica,
            clock=clock,
            time=time,
            ids=ids,
            tell=self.bridge.announce_reminder,
            changed=self.bridge.announce,
        )
        self.session = Session(
            person=signed_on.person,
            replica=signed_on.replica,
            runner=Runner(signed_on.replica, clock=clock, time=time, ids=ids),
            bridge=self.bridge,
            sync=self.worker,
            reminders=self.reminders,
            reports=Reports(self._asking, signed_on.replica),
            clock=clock,
            server_time=time,
            ids=ids,
            settings=settings,
            sign_out=sign_out,
        )
        self.bridge.changed.connect(self._moved)

    def start(self) -> None:
        """Begin to exchange and to remind; once the window is there."""
        self.worker.start()
        self.reminders.start()

    def stop(self) -> None:
        """Stop everything and close the replica; nothing is lost by what was under way."""
        self.bridge.close()
        self.bridge.changed.disconnect(self._moved)
        self.reminders.stop()
        self.worker.stop()
        self._asking.close()
        self._pages.close()
        self.signed_on.transport.close()
        self.signed_on.replica.close()

    def _moved(self, moved: Changed) -> None:
        if "outbox" in moved.kinds:
            self.worker.wake()
        self.reminders.notice(moved)
