"""Calendars compiled into sorted open spans, a year at a time, with sums that answer by bisection.

A *position* is the open milliseconds since an origin of the calendar's own: the difference of two is the
working time between two instants.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from domain.entities.base import Instant
from domain.entities.calendars import Calendar, Period
from domain.errors import InvalidInputError
from domain.rules.zones import zone

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
FIRST_YEAR, ORIGIN_YEAR, LAST_YEAR = 1900, 2024, 2200
KEPT_CALENDARS = 256

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()


class Hours(Protocol):
    """Open time, whether of a calendar or round the clock."""

    def position(self, at: Instant) -> int:
        """The open milliseconds up to an instant."""
        ...

    def instant(self, position: int) -> Instant:
        """The earliest instant at that position: the closing, not the next opening."""
        ...


class AllTime:
    """Round the clock: every millisecond is open."""

    def position(self, at: Instant) -> int:
        """The instant itself."""
        return at

    def instant(self, position: int) -> Instant:
        """The position itself."""
        return position


class _Table(NamedTuple):
    """Open spans of whole years; `ends[i]` is the position at `closes[i]`, `base` the one at `from_at`."""

    first_year: int
    last_year: int
    from_at: Instant
    to_at: Instant
    base: int
    opens: list[Instant]
    closes: list[Instant]
    ends: list[int]


class OpenTime:
    """The open time of one calendar. Tables are replaced, never changed, so that threads may share it."""

    def __init__(self, calendar: Calendar) -> None:
        self._zone = zone(calendar.zone)
        self._weekly = calendar.weekly
        self._holidays = frozenset(day.toordinal() for day in calendar.holidays)
        self._extra = {day.toordinal(): periods for day, periods in calendar.extra_workdays.items()}
        # The same origin whatever is asked first: positions from two threads can be compared.
        self._table = _joined(ORIGIN_YEAR, ORIGIN_YEAR, 0, list(self._spans(ORIGIN_YEAR)))

    def position(self, at: Instant) -> int:
        """The open milliseconds up to an instant."""
        table = self._table
        if not table.from_at <= at < table.to_at:
            table = self._covering(at)
        index = bisect_right(table.opens, at) - 1
        if index < 0:
            return table.base
        closing = table.closes[index]
        return table.ends[index] - (closing - at) if at < closing else table.ends[index]

    def instant(self, position: int) -> Instant:
        """The earliest instant at that position; raise InvalidInputError beyond all reckoning."""
        table = self._table
        while position > (table.ends[-1] if table.ends else table.base):
            table = self._later(table)
        while position <= table.base:
            table = self._earlier(table)
        index = bisect_left(table.ends, position)
        return table.closes[index] - (table.ends[index] - position)

    def next_open(self, at: Instant) -> Instant:
        """The instant itself where it is open, otherwise the next opening."""
        # A millisecond of open time after `at` ends a millisecond after the opening.
        return self.instant(self.position(at) + 1) - 1

    def periods(self, ordinal: int) -> list[Period]:
        """The open periods of a date, given as its proleptic ordinal; what overlaps or touches is joined."""
        weekly = () if ordinal in self._holidays else self._weekly[(ordinal - 1) % 7]
        joined: list[Period] = []
        for begin, end in sorted((*weekly, *self._extra.get(ordinal, ()))):
            if joined and begin <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((begin, end))
        return joined

    def _covering(self, at: Instant) -> _Table:
        table = self._table
        while at >= table.to_at:
            table = self._later(table)
        while at < table.from_at:
            table = self._earlier(table)
        return table

    def _later(self, table: _Table) -> _Table:
        year = table.last_year + 1
        if year > LAST_YEAR:
            raise InvalidInputError("time_out_of_reach", year=year)
        spans = [*zip(table.opens, table.closes, strict=True), *self._spans(year)]
        self._table = _joined(table.first_year, year, table.base, spans)
        return self._table

    def _earlier(self, table: _Table) -> _Table:
        year = table.first_year - 1
        if year < FIRST_YEAR:
            raise InvalidInputError("time_out_of_reach", year=year)
        before = list(self._spans(year))
        # Positions already handed out stay true: what comes before lies below them.
        base = table.base - sum(closing - opening for opening, closing in before)
        spans = [*before, *zip(table.opens, table.closes, strict=True)]
        self._table = _joined(year, table.last_year, base, spans)
        return self._table

    def _spans(self, year: int) -> Iterator[tuple[Instant, Instant]]:
        """Open spans of a UTC year, as instants.

        Local times that do not exist are skipped and those that come twice count twice, because each stretch
        of constant offset is laid over the local day by itself.
        """
        for from_at, to_at, offset in _stretches(self._zone, _year_start(year), _year_start(year + 1)):
            local_from, local_to = from_at + offset, to_at + offset
            for day in range(local_from // DAY_MS, (local_to - 1) // DAY_MS + 1):
                for begin, end in self.periods(day + _EPOCH_ORDINAL):
                    opening = max(day * DAY_MS + begin * MINUTE_MS, local_from)
                    closing = min(day * DAY_MS + end * MINUTE_MS, local_to)
                    if opening < closing:
                        yield opening - offset, closing - offset


def _joined(first_year: int, last_year: int, base: int, spans: list[tuple[Instant, Instant]]) -> _Table:
    opens: list[Instant] = []
    closes: list[Instant] = []
    ends: list[int] = []
    position = base
    for opening, closing in spans:
        position += closing - opening
        if closes and closes[-1] == opening:
            closes[-1], ends[-1] = closing, position
        else:
            opens.append(opening)
            closes.append(closing)
            ends.append(position)
    bounds = _year_start(first_year), _year_start(last_year + 1)
    return _Table(first_year, last_year, *bounds, base, opens, closes, ends)


def _year_start(year: int) -> Instant:
    return (datetime(year, 1, 1, tzinfo=UTC).toordinal() - _EPOCH_ORDINAL) * DAY_MS


def local(place: tzinfo, at: Instant) -> datetime:
    """The wall clock of a zone; by addition, since Windows has no timestamps before 1970."""
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(place)


def instant_of(moment: datetime) -> Instant:
    """The instant of a zoned moment, cut to the millisecond."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _offset(place: ZoneInfo, at: Instant) -> int:
    offset = local(place, at).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


def _stretches(place: ZoneInfo, from_at: Instant, to_at: Instant) -> Iterator[tuple[Instant, Instant, int]]:
    """Stretches of constant offset from UTC."""
    begin, offset = from_at, _offset(place, from_at)
    for at in range(from_at + DAY_MS, to_at + 1, DAY_MS):
        if _offset(place, at) != offset:
            change = _change(place, at - DAY_MS, at)
            yield begin, change, offset
            begin, offset = change, _offset(place, at)
    if begin < to_at:
        yield begin, to_at, offset


def _change(place: ZoneInfo, before: Instant, after: Instant) -> Instant:
    """The instant, to the second, at which the offset changes between two others."""
    offset = _offset(place, before)
    while after - before > 1000:
        middle = (before + after) // 2000 * 1000
        if _offset(place, middle) == offset:
            before = middle
        else:
            after = middle
    return after


ROUND_THE_CLOCK = AllTime()


@lru_cache(maxsize=KEPT_CALENDARS)
def open_time(calendar: Calendar) -> OpenTime:
    """The compiled calendar, kept for the next question."""
    return OpenTime(calendar)


def hours_of(calendar: Calendar | None) -> Hours:
    """The open time of a calendar; none means round the clock."""
    return ROUND_THE_CLOCK if calendar is None else open_time(calendar)
