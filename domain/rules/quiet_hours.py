"""Until when a channel is to be silent (RULES §9)."""

from datetime import datetime, timedelta

from domain.entities.base import Instant
from domain.entities.calendars import DAY_MINUTES
from domain.entities.notices import Quiet
from domain.rules.open_time import instant_of, local
from domain.rules.zones import zone

DAYS_AHEAD = 8


def quiet_until(quiet: Quiet, place: str, at: Instant) -> Instant | None:
    """When the silence that holds at an instant ends, in the channel's zone; none where it may speak now.

    Silence without an end lasts `DAYS_AHEAD` days, and is asked for again then.
    """
    where = zone(place)
    now = local(where, at)
    minute = now.hour * 60 + now.minute
    if not _is_quiet(quiet, now.weekday(), minute):
        return None
    midnight = datetime(now.year, now.month, now.day, tzinfo=where)
    for ahead in range(DAYS_AHEAD):
        day = midnight + timedelta(days=ahead)
        end = _end(quiet, day.weekday(), minute if ahead == 0 else 0)
        if end < DAY_MINUTES:
            # Where the clocks were put on, the minute may not exist; it never comes before now.
            return max(instant_of(day + timedelta(minutes=end)), at + 1)
    return instant_of(midnight + timedelta(days=DAYS_AHEAD))


def _is_quiet(quiet: Quiet, weekday: int, minute: int) -> bool:
    return any(begin <= minute < end for begin, end in quiet.weekly[weekday])


def _end(quiet: Quiet, weekday: int, minute: int) -> int:
    """The first minute of a day, from one on, that is not silent; the day's end where there is none."""
    for begin, end in sorted(quiet.weekly[weekday]):
        if begin <= minute < end:
            minute = end
    return minute
