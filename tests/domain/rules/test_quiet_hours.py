"""Quiet hours end when they should, in the channel's own zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entities.calendars import DAY_MINUTES
from domain.entities.notices import Quiet
from domain.rules.quiet_hours import DAYS_AHEAD, quiet_until

SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"
NIGHT = Quiet(weekly=(((0, 480), (1260, 1440)),) * 7)


def at(text: str, place: str = SHANGHAI) -> int:
    """The instant of a local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(place)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-18 20:59", None),
        ("2026-11-18 21:00", "2026-11-19 08:00"),
        ("2026-11-18 23:59:59", "2026-11-19 08:00"),
        ("2026-11-19 00:00", "2026-11-19 08:00"),
        ("2026-11-19 07:59:59", "2026-11-19 08:00"),
        ("2026-11-19 08:00", None),
    ],
)
def test_the_night_ends_in_the_morning(now: str, until: str | None) -> None:
    """From nine in the evening until eight, past midnight."""
    assert quiet_until(NIGHT, SHANGHAI, at(now)) == (at(until) if until else None)


def test_whole_days_are_passed_over() -> None:
    """A silent weekend after a silent Friday evening ends on Monday morning."""
    day: tuple[tuple[int, int], ...] = ((0, DAY_MINUTES),)
    week = ((), (), (), (), ((1080, 1440),), day, day)
    assert quiet_until(Quiet(weekly=week), SHANGHAI, at("2026-11-20 18:30")) == at("2026-11-23 00:00")


def test_silence_without_end_is_asked_for_again() -> None:
    """Where every minute is silent the message waits a week and is looked at again."""
    now = at("2026-11-18 12:00")
    until = quiet_until(Quiet(weekly=(((0, DAY_MINUTES),),) * 7), SHANGHAI, now)
    assert until == at("2026-11-18 00:00") + DAYS_AHEAD * 86_400_000


def test_clocks_that_are_put_on_or_back_are_no_matter() -> None:
    """In the nights of summer time silence ends at eight by the wall clock."""
    assert quiet_until(NIGHT, BERLIN, at("2026-03-29 01:30", BERLIN)) == at("2026-03-29 08:00", BERLIN)
    assert quiet_until(NIGHT, BERLIN, at("2026-10-25 01:30", BERLIN)) == at("2026-10-25 08:00", BERLIN)


PERIODS = st.lists(
    st.tuples(st.integers(0, DAY_MINUTES - 1), st.integers(1, DAY_MINUTES)).filter(
        lambda one: one[0] < one[1]
    ),
    max_size=3,
)


@given(week=st.lists(PERIODS, min_size=7, max_size=7), minutes=st.integers(0, 60 * 24 * 14))
def test_silence_ends_in_a_minute_that_is_not_silent(week: list[list[tuple[int, int]]], minutes: int) -> None:
    """Read minute by minute: where it ends one may speak, everything before it is silent."""
    quiet = Quiet(weekly=tuple(tuple(day) for day in week))
    now = at("2026-11-16 00:00") + minutes * 60_000

    def silent(moment: int) -> bool:
        local = datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(SHANGHAI))
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in week[local.weekday()])

    until = quiet_until(quiet, SHANGHAI, now)
    if until is None:
        assert not silent(now)
        return
    assert until > now
    assert all(silent(moment) for moment in range(now, until, 7 * 60_000))
    assert not silent(until) or until >= at("2026-11-16 00:00") + (DAYS_AHEAD - 1) * 86_400_000
