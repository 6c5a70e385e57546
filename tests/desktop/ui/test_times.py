"""Moments and spans as people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from desktop.ui.text import set_language
from desktop.ui.times import clock, duration, figure, file_size, moment, stamp

CHINA = timezone(timedelta(hours=8))


def at(text: str) -> int:
    """The instant of a wall clock in China."""
    return round(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1000)


NOW_AT = at("2025-11-20 14:32:30")  # a Thursday

MOMENTS = [
    ("2025-11-20 14:32:00", "刚刚", "just now"),
    ("2025-11-20 14:32:31", "14:32", "14:32"),
    ("2025-11-20 14:31:30", "14:31", "14:31"),
    ("2025-11-20 00:00:00", "00:00", "00:00"),
    ("2025-11-19 23:59:59", "昨天 23:59", "yesterday 23:59"),
    ("2025-11-19 09:10:00", "昨天 09:10", "yesterday 09:10"),
    ("2025-11-21 09:00:00", "明天 09:00", "tomorrow 09:00"),
    ("2025-11-18 16:30:00", "周二 16:30", "Tue 16:30"),
    ("2025-11-14 16:30:00", "周五 16:30", "Fri 16:30"),
    ("2025-11-13 16:30:00", "11-13", "13 Nov"),
    ("2025-01-02 08:00:00", "01-02", "2 Jan"),
    ("2024-11-20 14:32:00", "2024-11-20", "20 Nov 2024"),
    ("2025-11-24 10:00:00", "周一 10:00", "Mon 10:00"),
    ("2026-01-03 10:00:00", "2026-01-03", "3 Jan 2026"),
]


@pytest.mark.parametrize(("then", "chinese", "english"), MOMENTS)
def test_moment(then: str, chinese: str, english: str) -> None:
    """The nearer a moment, the less is said of it."""
    assert moment(at(then), NOW_AT, zone=CHINA) == chinese
    set_language("en")
    assert moment(at(then), NOW_AT, zone=CHINA) == english


def test_full_moment_keeps_day_and_hour() -> None:
    """A deadline is told with its day and its hour, however near or far."""
    assert moment(at("2025-11-20 14:50"), NOW_AT, zone=CHINA, full=True) == "今天 14:50"
    assert moment(at("2025-11-01 14:50"), NOW_AT, zone=CHINA, full=True) == "11-01 14:50"


def test_days_turn_at_local_midnight() -> None:
    """One instant is today in one zone and yesterday in another."""
    then, now = at("2025-11-20 01:00"), at("2025-11-20 14:00")
    assert moment(then, now, zone=CHINA) == "01:00"
    assert moment(then, now, zone=UTC) == "昨天 17:00"


def test_exact_forms() -> None:
    """The second counts where somebody compares clocks."""
    assert clock(NOW_AT, zone=CHINA) == "14:32:30"
    assert stamp(NOW_AT, zone=CHINA) == "2025-11-20 14:32:30"


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (-5, "0 秒", "0 s"),
        (8, "8 秒", "8 s"),
        (59, "59 秒", "59 s"),
        (720, "12 分钟", "12 min"),
        (3_600, "1 小时", "1 h"),
        (4_329, "1 小时 12 分", "1 h 12 min"),
        (86_400, "1 天", "1 d"),
        (273_600, "3 天 4 小时", "3 d 4 h"),
    ],
)
def test_duration(seconds: int, chinese: str, english: str) -> None:
    """A span is told in its two largest units."""
    assert duration(seconds) == chinese
    set_language("en")
    assert duration(seconds) == english


def test_figures() -> None:
    """Thousands are apart, and sizes are in units people know."""
    assert figure(12_840) == "12,840"
    assert figure(93.44, digits=1) == "93.4"
    assert [file_size(size) for size in (0, 640_000, 1_240_000)] == ["1 KB", "640 KB", "1.2 MB"]
