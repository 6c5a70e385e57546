"""The arithmetic of one deadline in steps: what counted, what was closed, what was paused, what is left."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.sla import Clock, Span
from domain.rules.business_time import working_ms
from domain.rules.open_time import open_time

MOST_STEPS = 9
"""More are told as one line, with their sum."""

COUNTED, CLOSED, PAUSED, REST = "counted", "closed", "paused", "rest"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time; `seconds` is what it takes from the target, 0 where it does not count."""

    kind: str
    from_at: Instant
    to_at: Instant
    seconds: int = 0
    status: str = ""  # paused: the status that kept it from counting
    merged: int = 1  # how many stretches it stands for


def steps_of(clock: Clock, calendar: Calendar | None) -> list[Step]:
    """The stretches of a clock from its start to now or its stop, then what is left; counted by a calendar."""
    if clock.started_at is None or clock.target is None:
        return []
    measured = None if clock.target.round_the_clock else calendar
    found = list(_stretches(clock, measured))
    steps = _fewer(found)
    if clock.state == "running" and clock.due_at is not None and clock.remaining_s > 0:
        last = steps[-1].to_at if steps else clock.started_at
        steps.append(Step(kind=REST, from_at=last, to_at=clock.due_at, seconds=clock.remaining_s))
    return steps


def _stretches(clock: Clock, calendar: Calendar | None) -> Iterator[Step]:
    for from_at, to_at, status in _joined(clock.spans):
        if status:
            yield Step(kind=PAUSED, from_at=from_at, to_at=to_at, status=status)
        elif calendar is None:
            if to_at > from_at:
                yield Step(kind=COUNTED, from_at=from_at, to_at=to_at, seconds=(to_at - from_at) // 1000)
        else:
            yield from _by_hours(from_at, to_at, calendar)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Stretches of different statuses that all count are one."""
    joined: list[Span] = []
    for from_at, to_at, status in spans:
        if joined and joined[-1][2] == status and joined[-1][1] == from_at:
            joined[-1] = (joined[-1][0], to_at, status)
        else:
            joined.append((from_at, to_at, status))
    return joined


def _by_hours(from_at: Instant, to_at: Instant, calendar: Calendar) -> Iterator[Step]:
    """The open and closed parts of a stretch, alternating."""
    at = from_at
    for opening, closing in _open_spans(from_at, to_at, calendar):
        if opening > at:
            yield Step(kind=CLOSED, from_at=at, to_at=opening)
        counted = working_ms(calendar, opening, closing) // 1000
        yield Step(kind=COUNTED, from_at=opening, to_at=closing, seconds=counted)
        at = closing
    if at < to_at:
        yield Step(kind=CLOSED, from_at=at, to_at=to_at)


def _open_spans(from_at: Instant, to_at: Instant, calendar: Calendar) -> Iterator[tuple[Instant, Instant]]:
    hours, place = open_time(calendar), ZoneInfo(calendar.zone)
    day = datetime.fromtimestamp(from_at / 1000, place).date()
    last = datetime.fromtimestamp(to_at / 1000, place).date()
    while day <= last:
        midnight = datetime(day.year, day.month, day.day, tzinfo=place)
        for begin, end in hours.periods(day.toordinal()):
            opening = max(from_at, _instant(midnight, begin))
            closing = min(to_at, _instant(midnight, end))
            if opening < closing:
                yield opening, closing
        day += timedelta(days=1)


def _instant(midnight: datetime, minutes: int) -> Instant:
    return int((midnight + timedelta(minutes=minutes)).timestamp() * 1000)


def _fewer(steps: list[Step]) -> list[Step]:
    """At most MOST_STEPS that count or pause: those in the middle become one, with their sum."""
    told = [step for step in steps if step.kind != CLOSED]
    if len(told) <= MOST_STEPS:
        return steps
    head, tail = told[: MOST_STEPS // 2], told[-(MOST_STEPS // 2) :]
    middle = told[len(head) : len(told) - len(tail)]
    one = Step(
        kind=COUNTED,
        from_at=middle[0].from_at,
        to_at=middle[-1].to_at,
        seconds=sum(step.seconds for step in middle),
        merged=len(middle),
    )
    return [*head, one, *tail]
