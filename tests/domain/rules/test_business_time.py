"""Working time: sums, deadlines, zones, days, and eighteen real spans."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entities.calendars import Calendar
from domain.entities.sla import Target
from domain.errors import InvalidInputError
from domain.rules.business_time import (
    add_working_s,
    budget_ms,
    days_to_seconds,
    weeks_to_days,
    working_ms,
)
from domain.rules.calendar_text import read_calendar
from tests.domain.rules.calendar_strategies import calendars, instants
from tests.domain.rules.naive import STEP, NaiveHours

DAY_S = 24 * 3600
OVERLAP = "calendar_periods_overlap"
OFFICE = {day: [["10:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
SHANGHAI = read_calendar("office", {"timezone": "Asia/Shanghai", "weekly": OFFICE})


def at(text: str) -> int:
    """The instant of an ISO text with an offset."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@given(calendars(), instants(), st.integers(0, 14 * 48))
def test_working_time_is_what_counting_half_hours_gives(calendar: Calendar, begin: int, steps: int) -> None:
    """Sums over compiled spans agree with looking at each half hour's local time, in summer and winter."""
    end = begin + steps * STEP
    assert working_ms(calendar, begin, end) == NaiveHours(calendar).worked(begin, end)


@given(calendars(), instants(), st.integers(0, 80))
def test_a_deadline_is_where_counting_half_hours_ends(calendar: Calendar, begin: int, steps: int) -> None:
    """The deadline of a budget is the end of the half hour in which counting uses it up."""
    expected = NaiveHours(calendar).used_up(begin, steps * STEP)
    assert add_working_s(calendar, begin, steps * STEP // 1000) == expected


@given(calendars(), instants(), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_working_time_adds_up(calendar: Calendar, begin: int, first: int, second: int, third: int) -> None:
    """Time is never negative, never runs back, and that of two spans that meet is that of the whole."""
    one, two, three = sorted((begin + first, begin + second, begin + third))
    assert 0 <= working_ms(calendar, one, two) <= two - one
    whole = working_ms(calendar, one, three)
    assert working_ms(calendar, one, two) + working_ms(calendar, two, three) == whole
    assert working_ms(calendar, two, one) == -working_ms(calendar, one, two)


@given(calendars(), instants(), st.integers(0, 10**9), st.integers(1, 400_000))
def test_adding_is_the_inverse_of_measuring(calendar: Calendar, begin: int, more: int, budget_s: int) -> None:
    """Up to the deadline exactly the budget has been worked, and a millisecond earlier less than that."""
    start = begin + more
    due = add_working_s(calendar, start, budget_s)
    assert working_ms(calendar, start, due) == budget_s * 1000
    assert working_ms(calendar, start, due - 1) == budget_s * 1000 - 1


@given(calendars(), instants(), st.integers(0, 100_000), st.integers(0, 100_000))
def test_a_larger_budget_is_never_due_earlier(calendar: Calendar, begin: int, one: int, two: int) -> None:
    """Deadlines are monotone in the budget."""
    less, more = sorted((one, two))
    assert add_working_s(calendar, begin, less) <= add_working_s(calendar, begin, more)


@given(calendars(), instants(), st.integers(1, 6), st.sampled_from(["day", "week"]))
def test_days_and_weeks_are_what_walking_the_dates_gives(
    calendar: Calendar, begin: int, n: int, unit: str
) -> None:
    """The n-th later open day at the same local time, in working time, agrees with walking there by hand."""
    target = Target(n=n, unit="day" if unit == "day" else "week")
    assert budget_ms(calendar, begin, target) == NaiveHours(calendar).budget(target, begin)


@given(calendars(), instants(), st.integers(1, 6))
def test_a_target_in_days_always_grants_some_time(calendar: Calendar, begin: int, n: int) -> None:
    """No clock is late at the moment it starts."""
    assert days_to_seconds(calendar, begin, n) > 0


def test_a_budget_used_up_at_closing_is_due_at_closing() -> None:
    """Eight hours from ten end at six, not when the office opens again; a second more ends next morning."""
    start = at("2026-06-01T10:00:00+08:00")
    assert add_working_s(SHANGHAI, start, 8 * 3600) == at("2026-06-01T18:00:00+08:00")
    assert add_working_s(SHANGHAI, start, 8 * 3600 + 1) == at("2026-06-02T10:00:01+08:00")


def test_a_day_begun_on_a_closed_day_counts_from_the_next_opening() -> None:
    """Sunday 10:00, hours 10 to 18, one day: Monday 18:00 (RULES §2)."""
    sunday = at("2026-06-07T10:00:00+08:00")
    due = add_working_s(SHANGHAI, sunday, days_to_seconds(SHANGHAI, sunday, 1))
    assert due == at("2026-06-08T18:00:00+08:00")


def test_a_day_ends_at_the_same_local_time_to_the_millisecond() -> None:
    """Begun at a quarter past eleven and some milliseconds, it ends a day later at just that."""
    start = at("2026-06-05T11:15:00.250+08:00")
    budget = budget_ms(SHANGHAI, start, Target(n=1, unit="day"))
    assert budget == 8 * 3600 * 1000
    assert start + timedelta(days=3) // timedelta(milliseconds=1) == at("2026-06-08T11:15:00.250+08:00")


def test_a_week_is_as_many_days_as_the_calendar_opens_in_one() -> None:
    """Five for an office, seven round the clock."""
    assert weeks_to_days(SHANGHAI, 2) == 10
    assert weeks_to_days(None, 2) == 14


def test_without_a_calendar_every_hour_counts() -> None:
    """Round the clock a day is 24 hours, on a holiday too."""
    start = at("2026-10-01T09:00:00+08:00")
    assert add_working_s(None, start, 90) == start + 90_000
    assert budget_ms(None, start, Target(n=3, unit="day")) == 3 * DAY_S * 1000
    assert working_ms(None, start, start + 5) == 5


def test_the_hour_that_summer_time_skips_is_not_worked() -> None:
    """A night shift from 1 to 4 is two hours long when the clock goes on, and four when it goes back."""
    weekly = {day: [["01:00", "04:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    night = read_calendar("night", {"timezone": "Europe/Berlin", "weekly": weekly})
    assert working_ms(night, at("2026-03-29T00:00:00+01:00"), at("2026-03-29T12:00:00+02:00")) == 2 * 3600_000
    assert working_ms(night, at("2026-10-25T00:00:00+02:00"), at("2026-10-25T12:00:00+01:00")) == 4 * 3600_000


def test_a_date_that_never_was_is_not_worked() -> None:
    """Samoa went from 29 to 31 December 2011: the 30th, a Friday, holds no working time."""
    weekly = {day: [["09:00", "17:00"]] for day in ("thu", "fri", "sat")}
    samoa = read_calendar("samoa", {"timezone": "Pacific/Apia", "weekly": weekly})
    begin, end = datetime(2011, 12, 29, 10, tzinfo=UTC), datetime(2011, 12, 31, 10, tzinfo=UTC)
    # From midnight on Thursday, local, to midnight after Saturday: 48 hours, not 72.
    assert end - begin == timedelta(hours=48)
    worked = working_ms(samoa, int(begin.timestamp()) * 1000, int(end.timestamp()) * 1000)
    assert worked == 16 * 3600_000


def test_a_period_past_midnight_is_split_at_the_edge() -> None:
    """22:00–06:00 is the end of one day and the beginning of the next, Sunday's on Monday."""
    calendar = read_calendar("night", {"timezone": "UTC", "weekly": {"sun": [["22:00", "06:00"]]}})
    assert calendar.weekly[6] == ((1320, 1440),)
    assert calendar.weekly[0] == ((0, 360),)
    extra = {"timezone": "UTC", "weekly": OFFICE, "extra_workdays": {"2026-01-03": [["22:00", "06:00"]]}}
    split = read_calendar("extra", extra).extra_workdays
    assert split == {date(2026, 1, 3): ((1320, 1440),), date(2026, 1, 4): ((0, 360),)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ({"timezone": "UTC", "weekly": {}}, "calendar_never_open"),
        ({"timezone": "UTC", "weekly": {"mon": []}}, "calendar_never_open"),
        ({"timezone": "UTC", "weekly": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}}, OVERLAP),
        ({"timezone": "Mars/Olympus", "weekly": OFFICE}, "unknown_zone"),
        ({"timezone": "../../etc/passwd", "weekly": OFFICE}, "unknown_zone"),
        ({"timezone": "UTC", "weekly": {"mon": [["09:00", "25:00"]]}}, "calendar_unreadable"),
        ({"timezone": "UTC", "weekly": {"mon": [["09:00", "09:00"]]}}, "calendar_unreadable"),
        ({"timezone": "UTC", "weekly": {"monday": [["09:00", "17:00"]]}}, "calendar_unreadable"),
        ({"timezone": "UTC", "weekly": OFFICE, "holidays": ["1 May"]}, "calendar_unreadable"),
        ({"timezone": "UTC", "weekly": [1]}, "calendar_unreadable"),
        ({"weekly": OFFICE}, "calendar_unreadable"),
    ],
)
def test_a_calendar_that_can_not_work_is_refused(text: dict[str, object], code: str) -> None:
    """Each fault has its own code, so that the administrator is told which it is."""
    with pytest.raises(InvalidInputError) as refused:
        read_calendar("bad", text)
    assert refused.value.code == code


def test_a_budget_beyond_all_reckoning_is_refused() -> None:
    """Rather than searching for ever, time ends with the calendar's last year."""
    weekly = {"mon": [["09:00", "09:01"]]}
    with pytest.raises(InvalidInputError, match="time_out_of_reach"):
        add_working_s(read_calendar("minute", {"timezone": "UTC", "weekly": weekly}), 0, 10**9)


def test_real_complaints_took_the_working_time_computed_by_others(sample_data: Path) -> None:
    """Eighteen replies of 2011 to 2017, with China's holidays, to the thousandth of a minute."""
    china = pytest.importorskip("chinese_calendar", reason="chinesecalendar knows these holidays")
    days = [date(2011, 1, 1) + timedelta(days=n) for n in range(7 * 365 + 2)]
    hours = ((9 * 60, 18 * 60),)
    calendar = Calendar(
        id="china",
        weekly=(hours,) * 5 + ((),) * 2,
        holidays=tuple(day for day in days if day.weekday() < 5 and not china.is_workday(day)),
        extra_workdays={day: hours for day in days if day.weekday() >= 5 and china.is_workday(day)},
    )
    with (sample_data / "business_time_examples.csv").open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    assert len(rows) == 18
    for row in rows:
        worked = working_ms(calendar, at(row["留言时间"]), at(row["答复时间"]))
        assert round(worked / 60_000, 3) == float(row["business_minutes_0900_1800"]), row
