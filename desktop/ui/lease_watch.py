"""Looks at the lease once a minute: says when its end is near, when it has come, and keeps forms outside up to date."""

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.lease import DeviceLease
from desktop.replica import outside
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from desktop.sealed import SealedBox
from desktop.ui.bridge import Bridge
from domain.wire import codec

LOOK_EVERY_MS = 60_000


class LeaseWatch(QObject):
    """`near` tells how many seconds are left, once a day; `ended` that nothing may be read any more."""

    near = Signal(int)
    ended = Signal()

    def __init__(
        self, lease: DeviceLease, box: SealedBox, replica: Replica, key: bytes, bridge: Bridge
    ) -> None:
        super().__init__()
        self._lease, self._box, self._replica, self._key, self._bridge = lease, box, replica, key, bridge
        self._stale = True
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now and from then on."""
        self._timer.start()
        QTimer.singleShot(0, self, self.look)

    def notice(self, moved: Changed) -> None:
        """Forms, units or grants have changed: keep them outside anew."""
        if moved.kinds & {"config", "scope"}:
            self._stale = True

    def look(self) -> None:
        """Look once."""
        self._lease.touch()
        if self._lease.ended():
            self._timer.stop()
            self.ended.emit()
            return
        if self._lease.warns_now():
            self.near.emit(self._lease.left_s())
        if self._stale:
            self._stale = False
            self._bridge.read(self._keep_forms, then=lambda _: None, owner=self)

    def stop(self) -> None:
        """Look no more; write down how late it is."""
        self._timer.stop()
        self._lease.touch(at_end=True)
        if self._stale:
            self._keep_forms()

    def _keep_forms(self) -> None:
        with self._replica.read() as conn:
            forms = outside.taken_out(conn)
        if forms is not None:
            self._box.prepare(self._key, codec.encode(forms))
