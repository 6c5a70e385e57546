"""Durations, shares and changes as people read them; periods; scales."""

from datetime import date

import pytest

from desktop.ui.reports.period import PRESETS, Preset, period_of, period_words, today
from desktop.ui.reports.scales import count_lines, duration_lines, share_lines, spread_labels
from desktop.ui.reports.wording import (
    Change,
    count_change,
    percent,
    share_change,
    short_duration,
    time_change,
)

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(45, "45 秒"), (840, "14 分钟"), (11_520, "3.2 小时"), (200_000, "2.3 天")],
)
def test_a_duration_has_one_unit(seconds: int, words: str) -> None:
    """The unit is the one in which the figure is small."""
    assert short_duration(seconds) == words


def test_shares() -> None:
    """A tenth of a percent, unless it is none."""
    assert [percent(0.934), percent(0.95), percent(0.7712, 0)] == ["93.4%", "95%", "77%"]


def test_more_created_is_neither_good_nor_bad() -> None:
    """Arrow and figure, but no judgement."""
    assert count_change(106, 100) == Change(arrow=1, text="6%", word="变多", good=None)


def test_more_resolved_is_good() -> None:
    """The word says so, besides the arrow."""
    assert count_change(90, 100, more_is_good=True) == Change(arrow=-1, text="10%", word="变差", good=False)


def test_nothing_before_is_no_percentage() -> None:
    """No share of zero is made up."""
    assert count_change(5, 0).word == "上期没有"
    assert count_change(0, 0).word == "与上期持平"


def test_faster_is_better() -> None:
    """A shorter time is good news; one that reads alike is none."""
    assert time_change(840, 960) == Change(arrow=-1, text="2 分钟", word="变快", good=True)
    assert time_change(840, 845) == Change(arrow=0, text="", word="与上期持平", good=None)
    assert time_change(840, None) is None


def test_shares_change_in_points() -> None:
    """A share is compared in points, not in percent of a percentage."""
    assert share_change(0.934, 0.945) == Change(arrow=-1, text="1.1 点", word="变差", good=False)


def test_the_day_is_that_of_the_chain() -> None:
    """At 17:00 UTC it is tomorrow in Shanghai."""
    assert today(1_795_194_000_000) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        ("today", "11-20"),
        ("yesterday", "11-19"),
        ("days_7", "11-14 至 11-20"),
        ("days_30", "10-22 至 11-20"),
        ("month", "11-01 至 11-20"),
        ("last_month", "10-01 至 10-31"),
        ("year", "01-01 至 11-20"),
    ],
)
def test_presets(preset: Preset, words: str) -> None:
    """Each preset ends no later than today."""
    assert period_words(period_of(preset, DAY), DAY) == words


def test_january_looks_back_over_the_year() -> None:
    """Last month of January lies in the year before, and says so."""
    day = date(2026, 1, 5)
    assert period_of("last_month", day) == (date(2025, 12, 1), date(2025, 12, 31))
    assert period_words(period_of("days_30", day), day) == "2025-12-07 至 2026-01-05"
    assert all(first <= last <= day for first, last in (period_of(one, day) for one in PRESETS))


def test_count_lines_are_few_and_round() -> None:
    """At most four or five lines, from zero unless all values lie far above it."""
    assert count_lines(610, 1_060) == [600, 800, 1_000, 1_200]
    assert count_lines(0, 3) == [0, 1, 2, 3]
    assert count_lines(0, 0) == [0]
    assert all(len(count_lines(0, n)) <= 5 for n in range(1, 5_000, 7))


def test_other_lines() -> None:
    """Shares at round percents, durations at familiar ones."""
    assert [round(line, 2) for line in share_lines(0.902, 0.967)] == [0.92, 0.94, 0.96]
    assert duration_lines(672, 41_760) == [1_800, 3_600, 14_400]
    assert len(duration_lines(1, 10_000_000)) <= 4


def test_labels_do_not_overlap() -> None:
    """Labels wanted at one place stand apart, in their order, inside the limits."""
    placed = spread_labels([100, 98, 99], 16, 8, 110)
    assert sorted(placed) == [placed[1], placed[2], placed[0]]
    assert placed[2] - placed[1] >= 16
    assert placed[0] <= 110
