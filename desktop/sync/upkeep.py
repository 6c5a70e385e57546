"""What a replica's engine sees to beside the exchange: unclean ends, checks asked for, forgetting what is old."""

from desktop.clock import Clock, ServerTime
from desktop.lease import DeviceLease
from desktop.replica import integrity, meta, purge, retention
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from domain.wire.sync import PullAnswer

DAY_MS = 86_400_000
_RUNNING = "running"


class Upkeep:
    """Keeps in the replica whether the program ended in order, and what it is to be checked for."""

    def __init__(self, replica: Replica, *, clock: Clock, time: ServerTime) -> None:
        self._replica, self._clock, self._time = replica, clock, time
        self._begun = self._asked = False
        self._forget_at = 0

    def verify(self) -> None:
        """Have the replica checked; may be called from any thread."""
        self._asked = True

    def begin(self) -> None:
        """Before a step: have checked what has to be; a program that did not end in order is one reason."""
        asked, self._asked = self._asked, False
        if self._begun and not asked:
            return
        with self._replica.write() as conn:
            if not self._begun and meta.number(conn, _RUNNING):
                integrity.begin(conn, "unclean")
            if asked:
                integrity.begin(conn, "asked")
            meta.put(conn, _RUNNING, 1)
        self._begun = True

    def end(self) -> None:
        """The program ends in order."""
        if self._begun:
            with self._replica.write() as conn:
                meta.put(conn, _RUNNING, 0)

    def forget(self) -> Changed:
        """Once a day, slice by slice, purge what is kept no longer; nothing when that is done."""
        now = self._clock.monotonic()
        if now < self._forget_at:
            return Changed()
        with self._replica.write() as conn:
            purge.forget_journal(conn, self._time.now())
            changed = retention.purge_slice(conn, self._time.now())
        if not changed:
            self._forget_at = now + DAY_MS
        return changed

    def catches_up(self) -> bool:
        """Whether only the totals are still to come by which an expired cursor is caught up."""
        with self._replica.read() as conn:
            return integrity.catches_up(conn)

    def checks_feed(self) -> bool:
        """Whether a check goes on with the next page of the feed."""
        with self._replica.read() as conn:
            return integrity.waits_for_feed(conn)

    def renew(self, lease: DeviceLease | None, answer: PullAnswer, asked: int) -> None:
        """The server answered what was asked then: it may be read on. The replica notes now and then until when."""
        if lease is not None and lease.renewed(answer.lease_s, server_at=answer.server_time, asked=asked):
            with self._replica.write(durable=False) as conn:
                meta.put(conn, "lease_until", lease.until_at)
