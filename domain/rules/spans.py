"""Spans that a view's conditions name relative to now: today, the last 7 days, over 4 hours ago (RULES §5).

They are worked out when the view is asked for, the same way wherever that is: clock and calendar come in.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from domain.entities.base import Entity, Instant
from domain.entities.conditions import Condition, Conditions

WITHIN = "within"
NAMED = ("today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month", "last_month")
"""Spans of whole days; weeks begin on Monday."""
COUNTED = ("last_days", "next_days", "last_hours", "next_hours", "over_hours")
"""Spans with a count, written `last_days:7`; those of days hold today, `over_hours` is all that lies longer ago."""
MOST = 10_000
_COUNT = re.compile(rf"({'|'.join(COUNTED)}):([1-9]\d{{0,4}})")
_HOUR_MS = 3_600_000
_FORM = "fields."


class Moment(Entity):
    """Now, the day it is in by the calendar that counts, and when a day of that calendar begins."""

    now: Instant
    today: date
    begin: Callable[[date], Instant]


def read_span(written: Any) -> tuple[str, int] | None:
    """The span and its count (0 for one without); None for what is no span."""
    if written in NAMED:
        return str(written), 0
    found = _COUNT.fullmatch(written) if isinstance(written, str) else None
    return (found[1], int(found[2])) if found and int(found[2]) <= MOST else None


def resolved(conditions: Conditions, moment: Moment) -> Conditions:
    """The conditions with the spans worked out, as `between` two bounds of which the second is outside."""
    return Conditions(all=_resolved(conditions.all, moment), any=_resolved(conditions.any, moment))


def _resolved(group: Iterable[Condition], moment: Moment) -> tuple[Condition, ...]:
    return tuple(_bounded(one, moment) if one.op == WITHIN else one for one in group)


def _bounded(condition: Condition, moment: Moment) -> Condition:
    span = read_span(condition.value)
    bounds: tuple[Any, Any] | None = None
    days = _days(*span, moment.today) if span is not None else None
    if days is not None:
        first, after = days
        # A form writes its days as text, 2026-11-20; every other date is an instant.
        form = condition.field.startswith(_FORM)
        bounds = (
            (first.isoformat(), after.isoformat()) if form else (moment.begin(first), moment.begin(after))
        )
    elif span is not None:
        bounds = _hours(*span, moment.now)
    return replace(condition, op="between", value=list(bounds or ()))


def _days(span: str, count: int, today: date) -> tuple[date, date] | None:
    """The first day of a span and the day after its last; None for one of hours."""
    monday, month = today - timedelta(days=today.weekday()), today.replace(day=1)
    week, day = timedelta(days=7), timedelta(days=1)
    spans: dict[str, Callable[[], tuple[date, date]]] = {
        "today": lambda: (today, today + day),
        "yesterday": lambda: (today - day, today),
        "tomorrow": lambda: (today + day, today + 2 * day),
        "this_week": lambda: (monday, monday + week),
        "last_week": lambda: (monday - week, monday),
        "next_week": lambda: (monday + week, monday + 2 * week),
        "this_month": lambda: (month, _next_month(month)),
        "last_month": lambda: ((month - day).replace(day=1), month),
        "last_days": lambda: (today - (count - 1) * day, today + day),
        "next_days": lambda: (today, today + count * day),
    }
    return spans[span]() if span in spans else None


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _hours(span: str, count: int, now: Instant) -> tuple[Instant | None, Instant | None]:
    length = count * _HOUR_MS
    if span == "over_hours":
        return None, now - length
    return (now - length, now + 1) if span == "last_hours" else (now, now + length)
