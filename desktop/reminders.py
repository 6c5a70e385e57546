"""Reminders at their time: rebuilt from the replica, shown once, surviving a restart (DESIGN §5)."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from desktop.clock import Clock, ServerTime
from desktop.commands import local
from desktop.replica.changed import Changed
from desktop.replica.due import Due, due, end_past, forget_told, open_reminders, past, told
from desktop.replica.engine import Replica
from domain.entities.base import Instant
from domain.errors import GongdanError
from domain.ids import IdSource

__all__ = ["Due", "Reminders", "in_minutes", "tomorrow_at"]

MINUTE_MS, DAY_MS = 60_000, 86_400_000
AHEAD_MS = DAY_MS
OLD_MS = DAY_MS
"""Deadlines and news older than this are in the lists, but nobody is interrupted for them."""
MOST = 200
HEARTBEAT_S = 60
"""Timers stand still while a machine sleeps, and clocks are set: looked at this often besides."""
CHECKS = 4
"""Checks that may wait for each other: one that is asked for while another runs must not be dropped."""

log = structlog.get_logger("reminders")


def in_minutes(now: Instant, minutes: int) -> Instant:
    """So many minutes from now."""
    return now + minutes * MINUTE_MS


def tomorrow_at(now: Instant, hour: int = 9) -> Instant:
    """Tomorrow at a full hour, as the clock on this machine's wall goes."""
    local_now = datetime.fromtimestamp(now / 1000).astimezone()
    day = (local_now + timedelta(days=1)).date()
    # Made from the date alone, so that a change to summer time in between doesn't shift the hour.
    return int(datetime(day.year, day.month, day.day, hour).astimezone().timestamp() * 1000)


class Reminders:
    """Tells of each reminder once, when it is due; `tell` is called on a thread of the scheduler."""

    def __init__(
        self,
        replica: Replica,
        *,
        clock: Clock,
        time: ServerTime,
        ids: IdSource,
        tell: Callable[[Due], None],
        changed: Callable[[Changed], None] = lambda moved: None,
    ) -> None:
        self._replica, self._clock, self._time, self._ids = replica, clock, time, ids
        self._tell, self._changed = tell, changed
        self._scheduler: Any = None
        self._checking = threading.Lock()

    def start(self) -> None:
        """Begin to tell; what fell due while the program was closed is told now."""
        from apscheduler.schedulers.background import BackgroundScheduler

        make: Any = BackgroundScheduler  # ships no types
        self._scheduler = make(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": CHECKS}
        )
        self._scheduler.add_job(self.check, "interval", seconds=HEARTBEAT_S, id="heartbeat")
        self._scheduler.add_job(self._begin, id="first")
        self._scheduler.start()

    def _begin(self) -> None:
        self.check()
        self.forget_old()

    def stop(self) -> None:
        """Tell no more; waits for a check under way."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def notice(self, moved: Changed) -> None:
        """Something has moved: look again where it may concern reminders."""
        if self._scheduler is not None and moved.kinds & {"tickets", "reminders", "notices", "scope"}:
            self._scheduler.add_job(self.check, id="look", replace_existing=True)

    def check(self) -> None:
        """Tell what is due by now and wait for what comes next."""
        try:
            with self._checking:
                self._end_past()
                self._tell_due()
                self._await_next()
        except GongdanError as error:
            # A full disk, say: the next heartbeat tries again.
            log.warning("reminders_wait", code=error.code)
        except Exception as error:
            log.error("bug", kind=type(error).__name__, exc_info=error)

    def _end_past(self) -> None:
        """A deadline that was met, or moved, asks for nobody's attention any more."""
        now = self._time.now()
        with self._replica.read() as conn:
            if not past(conn, now):
                return
        with self._replica.write() as conn:
            end_past(conn, now)
        self._changed(Changed(kinds=frozenset({"reminders"})))

    def _tell_due(self) -> None:
        now = self._time.now()
        with self._replica.read() as conn:
            found = due(conn, since=now - OLD_MS, until=now, now=now, most=MOST)
        if not found:
            return
        # Marked before they are told: what is told twice is worse than what waits in the tray after a crash.
        with self._replica.write() as conn:
            fresh = [one for one in found if told(conn, one)]
        for one in fresh:
            self._tell(one)
        if fresh:
            self._changed(Changed(kinds=frozenset({"reminders"})))

    def _await_next(self) -> None:
        now = self._time.now()
        with self._replica.read() as conn:
            coming = due(conn, since=now - OLD_MS, until=now + AHEAD_MS, now=now, most=1)
        if not coming or self._scheduler is None:
            return
        wall = self._clock.now() + max(0, coming[0].at - now)
        at = datetime.fromtimestamp(wall / 1000, UTC)
        self._scheduler.add_job(self.check, "date", run_date=at, id="next", replace_existing=True)

    # What the person does.

    def remind(self, ticket: str, *, due_at: Instant, words: str = "") -> Changed:
        """Set a reminder of one's own."""
        return self._moved(
            local.remind(self._replica, self._ids.new(), ticket=ticket, due_at=due_at, words=words)
        )

    def snooze(self, reminder: str, *, until: Instant) -> Changed:
        """Have it come again later."""
        return self._moved(local.snooze(self._replica, reminder, until=until))

    def done(self, reminder: str) -> Changed:
        """Be done with it; a notice is seen by that."""
        if reminder.startswith("notice."):
            seen = local.mark_notices_seen(
                self._replica, [reminder.removeprefix("notice.")], self._time.now()
            )
        else:
            seen = Changed()
        return self._moved(local.reminder_done(self._replica, reminder) | seen)

    def open(self) -> list[Due]:
        """What was shown and is not done yet."""
        with self._replica.read() as conn:
            return open_reminders(conn)

    def forget_old(self) -> None:
        """Drop what was done long ago."""
        with self._replica.write() as conn:
            forget_told(conn, self._time.now() - 2 * OLD_MS)

    def _moved(self, moved: Changed) -> Changed:
        self.notice(moved)
        return moved
