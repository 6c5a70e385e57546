"""Working time between instants and deadlines from budgets (RULES §2); no calendar is round the clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.sla import Target
from domain.errors import InvalidInputError
from domain.rules.open_time import DAY_MS, MINUTE_MS, OpenTime, hours_of, instant_of, local, open_time
from domain.rules.zones import zone

_UNIT_MS = {"minute": MINUTE_MS, "hour": 60 * MINUTE_MS}


def working_ms(calendar: Calendar | None, from_at: Instant, to_at: Instant) -> int:
    """Open milliseconds from one instant to another; negative where the second is the earlier."""
    hours = hours_of(calendar)
    return hours.position(to_at) - hours.position(from_at)


def add_working_s(calendar: Calendar | None, start_at: Instant, budget_s: int) -> Instant:
    """The instant at which a budget of working seconds is used up; exactly at closing is due at closing."""
    if budget_s < 0:
        raise InvalidInputError("budget_negative", budget_s=budget_s)
    if budget_s == 0:
        return start_at
    hours = hours_of(calendar)
    return hours.instant(hours.position(start_at) + budget_s * 1000)


def days_to_seconds(calendar: Calendar | None, start_at: Instant, n: int) -> int:
    """Working seconds from a start to the same local time on the n-th later open day."""
    return days_to_ms(calendar, start_at, n) // 1000


def days_to_ms(calendar: Calendar | None, start_at: Instant, n: int) -> int:
    """As `days_to_seconds`, to the millisecond: a day begun between two seconds still ends at closing."""
    if calendar is None:
        return n * DAY_MS
    hours, place = open_time(calendar), zone(calendar.zone)
    if not hours.periods(local(place, start_at).toordinal()):
        start_at = hours.next_open(start_at)
    budget = _to_later_day(hours, place, start_at, n)
    if budget == 0:
        # The n-th day opens later than this hour, and nothing was open before it: no day has been given yet.
        budget = _to_later_day(hours, place, hours.next_open(start_at), n)
    return budget


def _to_later_day(hours: OpenTime, place: ZoneInfo, start_at: Instant, n: int) -> int:
    begin = local(place, start_at)
    ordinal = begin.toordinal()
    for _ in range(n):
        ordinal += 1
        while not hours.periods(ordinal):
            ordinal += 1
    target = datetime.combine(date.fromordinal(ordinal), begin.timetz())
    return hours.position(instant_of(target)) - hours.position(start_at)


def weeks_to_days(calendar: Calendar | None, n: int) -> int:
    """n × the weekly open weekdays."""
    return n * (7 if calendar is None else sum(1 for periods in calendar.weekly if periods))


def budget_ms(calendar: Calendar | None, start_at: Instant, target: Target) -> int:
    """The open milliseconds a target grants from its start; days and weeks become that once, here."""
    if target.unit == "day":
        return days_to_ms(calendar, start_at, target.n)
    if target.unit == "week":
        return days_to_ms(calendar, start_at, weeks_to_days(calendar, target.n))
    return target.n * _UNIT_MS[target.unit]
