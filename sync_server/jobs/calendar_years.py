"""From October on administrators are told which calendars lack the coming year's make-up days (RULES §2)."""

from datetime import UTC, date, datetime

import structlog

from domain.entities.base import Instant
from domain.ids import IdSource
from domain.rules.calendar_years import missing_years
from domain.wire.sync import Notice
from sync_server.clock import Clock
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.notices import told_already, write_notices
from sync_server.store.people_writer import administrators
from sync_server.store.unit_of_work import Nonces, UnitOfWork

KIND = "calendar_year"

log = structlog.get_logger("calendars")


class CalendarYears:
    """Tells each administrator once a month, for as long as the days are missing."""

    def __init__(
        self, store: Store, *, configurations: ConfigurationCache, clock: Clock, ids: IdSource, nonces: Nonces
    ) -> None:
        self._store, self._configurations = store, configurations
        self._clock, self._ids, self._nonces = clock, ids, nonces

    def run(self) -> int:
        """Write what is to be told; returns how many notices."""
        return self._store.retrying(self._once)

    def _once(self) -> int:
        now = self._clock.now()
        with self._store.write() as conn:
            missing = missing_years(self._configurations.current(conn).calendars.values(), now)
            month = _month(now)
            if not missing or told_already(conn, KIND, month):
                return 0
            for calendar, year in missing.items():
                log.warning("calendar_year_missing", calendar=calendar, year=year)
            people = administrators(conn)
            detail = {"calendars": list(missing), "year": max(missing.values())}
            told = [
                (one, Notice(id=self._ids.new(), ticket="", kind=KIND, at=month, detail=detail))
                for one in people
            ]
            if told:
                work = UnitOfWork(conn, nonces=self._nonces, at=now)
                write_notices(work, told)
                work.commit()
        return len(told)


def _month(now: Instant) -> Instant:
    """The first instant of the month: the time that a notice bears, so that there is one a month."""
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    first = datetime.combine(date(today.year, today.month, 1), datetime.min.time(), UTC)
    return int(first.timestamp() * 1000)
