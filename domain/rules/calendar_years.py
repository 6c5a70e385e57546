"""Whether a calendar knows the holidays and make-up days of the year it will be asked about (RULES §2)."""

from collections.abc import Iterable
from datetime import date

from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.rules.open_time import local
from domain.rules.zones import zone

WARN_FROM_MONTH = 10
"""From October on the coming year's days should be known."""


def year_wanted(today: date) -> int:
    """The year that has to be known by now."""
    return today.year + (1 if today.month >= WARN_FROM_MONTH else 0)


def year_missing(calendar: Calendar, today: date) -> int | None:
    """The year whose days are wanted and missing; a calendar without any holiday is meant to have none.

    Every year since 2008 has had make-up days: one without them is not published yet, or not imported.
    """
    wanted = year_wanted(today)
    if not calendar.holidays:
        return None
    known = any(day.year == wanted for day in calendar.holidays)
    made_up = any(day.year == wanted for day in calendar.extra_workdays)
    return None if known and made_up else wanted


def missing_years(calendars: Iterable[Calendar], now: Instant) -> dict[str, int]:
    """The calendars that lack a year they should know by now, each in its own zone, with that year."""
    found = {}
    for calendar in calendars:
        year = year_missing(calendar, local(zone(calendar.zone), now).date())
        if year is not None:
            found[calendar.id] = year
    return found
