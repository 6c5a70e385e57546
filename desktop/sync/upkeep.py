"""What a replica's engine sees to beside the exchange: unclean ends, checks asked for, forgetting what is old."""

from desktop.clock import Clock, ServerTime
from desktop.replica import integrity, meta, purge, retention
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica

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
