"""Calendars as people and files write them (`mon: [["09:00", "18:00"]]`), read into structs."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from domain.entities.calendars import DAY_MINUTES, Calendar, Period
from domain.errors import InvalidInputError
from domain.rules.zones import zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")

Periods = Sequence[Sequence[str]]


def read_calendar(ident: str, text: Mapping[str, Any], *, version: int = 1) -> Calendar:
    """Read {timezone, name?, weekly: {mon: [[from, to]]}, holidays: [date], extra_workdays: {date: [[…]]}}.

    A period past midnight (22:00–06:00) is split: its end falls on the next day. Raises InvalidInputError.
    """
    name = _text(ident, text, "timezone")
    zone(name)
    return Calendar(
        id=ident,
        version=version,
        name=str(text.get("name", "")),
        zone=name,
        weekly=_weekly(ident, _mapping(ident, text, "weekly")),
        holidays=tuple(_date(ident, day) for day in _list(ident, text.get("holidays") or [])),
        extra_workdays=_extra(ident, _mapping(ident, text, "extra_workdays")),
    )


def _wrong(ident: str, what: str, value: object) -> InvalidInputError:
    return InvalidInputError("calendar_unreadable", calendar=ident, what=what, value=value)


def _text(ident: str, text: Mapping[str, Any], key: str) -> str:
    value = text.get(key)
    if not isinstance(value, str):
        raise _wrong(ident, key, value)
    return value


def _mapping(ident: str, text: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = text.get(key) or {}
    if not isinstance(value, Mapping):
        raise _wrong(ident, key, value)
    return value


def _list(ident: str, value: object) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise _wrong(ident, "list", value)
    return value


def _weekly(ident: str, weekly: Mapping[str, Any]) -> tuple[tuple[Period, ...], ...]:
    days: list[list[Period]] = [[] for _ in WEEKDAYS]
    for name, periods in weekly.items():
        if name not in WEEKDAYS:
            raise _wrong(ident, "weekday", name)
        index = WEEKDAYS.index(name)
        for today, tomorrow in (_split(ident, period) for period in _list(ident, periods)):
            days[index].append(today)
            days[(index + 1) % 7].extend(tomorrow)
    return tuple(tuple(sorted(periods)) for periods in days)


def _extra(ident: str, extra: Mapping[str, Any]) -> dict[date, tuple[Period, ...]]:
    days: dict[date, list[Period]] = {}
    for name, periods in extra.items():
        day = _date(ident, name)
        for today, tomorrow in (_split(ident, period) for period in _list(ident, periods)):
            days.setdefault(day, []).append(today)
            if tomorrow:
                days.setdefault(day + timedelta(days=1), []).extend(tomorrow)
    return {day: tuple(sorted(periods)) for day, periods in sorted(days.items())}


def _date(ident: str, value: object) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else date.fromisoformat(str(value))
    except ValueError:
        raise _wrong(ident, "date", value) from None


def _split(ident: str, period: object) -> tuple[Period, list[Period]]:
    ends = _list(ident, period)
    if len(ends) != 2:
        raise _wrong(ident, "period", period)
    begin, end = (_minutes(ident, clock) for clock in ends)
    if end > begin:
        return (begin, end), []
    if end == begin:
        raise _wrong(ident, "period", period)
    return (begin, DAY_MINUTES), [(0, end)] if end else []


def _minutes(ident: str, clock: object) -> int:
    found = _CLOCK.fullmatch(clock) if isinstance(clock, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else -1
    if found is None or int(found[2]) > 59 or minutes > DAY_MINUTES:
        raise _wrong(ident, "time", clock)
    return minutes
