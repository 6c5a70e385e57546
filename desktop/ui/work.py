"""One signed-in person's parts: replica, runner, exchange, reminders, started and stopped together."""

from collections.abc import Callable

from desktop.clock import SystemClock, SystemIds
from desktop.commands.runner import Runner
from desktop.reminders import Reminders
from desktop.replica import attachments
from desktop.replica.changed import Changed
from desktop.settings import SettingsFile
from desktop.sync.ahead import ReadAhead
from desktop.sync.attachments import DownLane, HttpCourier, UpLane
from desktop.sync.customers import Customers
from desktop.sync.engine import Engine
from desktop.sync.explaining import Explaining
from desktop.sync.http import HttpTransport
from desktop.sync.older import Older
from desktop.sync.own_modules import OwnModules
from desktop.sync.pokes import PokeStream, http_stream
from desktop.sync.reports import Reports
from desktop.sync.signed_on import SignedOn, keep_key
from desktop.sync.snapshot import SnapshotTaker
from desktop.sync.state import SyncState
from desktop.sync.worker import SyncWorker
from desktop.ui.attachments import opened
from desktop.ui.bridge import Bridge
from desktop.ui.lease_watch import LeaseWatch
from desktop.ui.session import Session


class Work:
    """Made when somebody signs in, stopped when they leave."""

    def __init__(self, signed_on: SignedOn, settings: SettingsFile, sign_out: Callable[[], None]) -> None:
        clock, ids, time = SystemClock(), SystemIds(), signed_on.time
        self.signed_on, self.bridge = signed_on, Bridge()
        # Connections of their own: pages of the first sync hold up no push, and a report no exchange.
        self._pages = HttpTransport(signed_on.transport.server, signed_on.shelf, clock)
        self._asking = HttpTransport(signed_on.transport.server, signed_on.shelf, clock)
        self._snapshots = SnapshotTaker(signed_on.replica, self._pages)
        self._ahead = ReadAhead(signed_on.transport, self._pages, unless=self._snapshots.wanted)
        engine = Engine(
            signed_on.replica,
            self._ahead,
            signed_on.shelf,
            clock=clock,
            time=time,
            device_name=signed_on.device_name,
            keep_key=lambda device: keep_key(signed_on, device),
            snapshots=self._snapshots,
            lease=signed_on.lease,
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
            older=Older(self._asking, signed_on.replica),
            explaining=Explaining(self._asking, signed_on.replica),
            own_modules=OwnModules(self._asking),
            customers=Customers(self._asking, signed_on.replica, clock),
        )
        self.lease_watch = LeaseWatch(
            signed_on.lease, signed_on.box, signed_on.replica, signed_on.key, self.bridge
        )
        self._carriers = [HttpTransport(signed_on.transport.server, signed_on.shelf, clock) for _ in range(2)]
        up, down = map(HttpCourier, self._carriers)
        replica, tell = signed_on.replica, self.bridge.announce
        self.lanes = (
            UpLane(replica, up, clock=clock, changed=tell),
            DownLane(
                replica,
                down,
                clock=clock,
                changed=tell,
                cache_bytes=lambda: settings.current.attachment_cache_mb << 20,
            ),
        )
        self._offline = True
        self.bridge.changed.connect(self._moved)
        self.bridge.sync_state.connect(self._stands)

    def start(self) -> None:
        """Begin to exchange and to remind; once the window is there."""
        opened.clean(self.signed_on.replica)
        self.worker.start()
        for lane in self.lanes:
            lane.start()
        self.reminders.start()
        self.lease_watch.start()

    def stop(self) -> None:
        """Stop everything and close the replica; nothing is lost by what was under way."""
        self.bridge.close()
        self.bridge.changed.disconnect(self._moved)
        self.bridge.sync_state.disconnect(self._stands)
        for lane in self.lanes:
            lane.stop()
        opened.clean(self.signed_on.replica)
        self.reminders.stop()
        self.worker.stop()
        self._ahead.stop()
        self._snapshots.end()
        self.lease_watch.stop()
        self._asking.close()
        self._pages.close()
        for carrier in self._carriers:
            carrier.close()
        self.signed_on.transport.close()
        self.signed_on.replica.close()

    @property
    def files_left(self) -> int:
        """1 where files of what was sent are still on this machine alone."""
        with self.signed_on.replica.read() as conn:
            return int(attachments.uploads_left(conn))

    def _stands(self, state: SyncState) -> None:
        if self._offline and not state.offline:
            for lane in self.lanes:
                lane.try_now()
        self._offline = state.offline

    def _moved(self, moved: Changed) -> None:
        if moved.kinds & {"outbox", "attachments", "tickets"}:
            for lane in self.lanes:
                lane.wake()
        if moved.kinds & {"outbox", "notices"}:
            self.worker.wake()
        self.reminders.notice(moved)
        self.lease_watch.notice(moved)
