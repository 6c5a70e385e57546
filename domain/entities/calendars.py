"""Working-time calendars: a zone, weekly periods, holidays and extra workdays (RULES §2)."""

from collections.abc import Mapping
from datetime import date

from domain.entities.base import Entity
from domain.errors import InvalidInputError

DAY_MINUTES = 24 * 60

Period = tuple[int, int]
"""Minutes since local midnight, half-open; 1440 is the day's end. One past midnight is two periods."""


class Calendar(Entity):
    """When people work: open(date) = weekly(date) − holidays + extra workdays, read in its own IANA zone."""

    id: str
    version: int = 1
    name: str = ""
    zone: str = "Asia/Shanghai"
    weekly: tuple[tuple[Period, ...], ...]  # seven days, Monday first
    holidays: tuple[date, ...] = ()
    extra_workdays: Mapping[date, tuple[Period, ...]] = {}

    def __post_init__(self) -> None:
        """Refuse a calendar in which no deadline could ever be reached, and periods that overlap."""
        if len(self.weekly) != 7:
            raise InvalidInputError("calendar_week_not_seven_days", calendar=self.id, days=len(self.weekly))
        for weekday, periods in enumerate(self.weekly):
            self._check(str(weekday), periods)
        for day, periods in self.extra_workdays.items():
            self._check(day.isoformat(), periods)
        if not any(self.weekly):
            raise InvalidInputError("calendar_never_open", calendar=self.id)

    def _check(self, day: str, periods: tuple[Period, ...]) -> None:
        end = 0
        for begin, until in sorted(periods):
            args = {"calendar": self.id, "day": day, "period": (begin, until)}
            if not 0 <= begin < until <= DAY_MINUTES:
                raise InvalidInputError("calendar_period_wrong", **args)
            if begin < end:
                raise InvalidInputError("calendar_periods_overlap", **args)
            end = until

    def __hash__(self) -> int:
        """Cheap, since compiled calendars are kept by it; equality compares everything."""
        return hash((self.id, self.version, self.zone))
