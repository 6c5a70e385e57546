"""The periods people ask for, as local days."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from desktop.ui.text import language, tr
from domain.entities.base import Instant
from domain.rules.zones import zone
from domain.wire.reports import ZONE

Preset = Literal["today", "yesterday", "days_7", "days_30", "month", "last_month", "year"]
PRESETS: tuple[Preset, ...] = ("today", "yesterday", "days_7", "days_30", "month", "last_month", "year")
Period = tuple[date, date]
"""First and last day, both in it."""


def today(now_at: Instant) -> date:
    """The day in the zone of the report."""
    return datetime.fromtimestamp(now_at / 1000, UTC).astimezone(zone(ZONE)).date()


def period_of(preset: Preset, day: date) -> Period:
    """The days of a preset, seen from a day."""
    month = day.replace(day=1)
    last_of_before = month - timedelta(days=1)
    known: dict[Preset, Period] = {
        "today": (day, day),
        "yesterday": (day - timedelta(days=1), day - timedelta(days=1)),
        "days_7": (day - timedelta(days=6), day),
        "days_30": (day - timedelta(days=29), day),
        "month": (month, day),
        "last_month": (last_of_before.replace(day=1), last_of_before),
        "year": (day.replace(month=1, day=1), day),
    }
    return known[preset]


def day_words(day: date, *, year: bool = False) -> str:
    """11-20, or 2026-11-20; in English 20 Nov."""
    if language() != "en":
        return f"{day:%Y-%m-%d}" if year else f"{day:%m-%d}"
    month = tr(f"time.month.{day.month}")
    return f"{day.day} {month} {day.year}" if year else f"{day.day} {month}"


def period_words(period: Period, day: date) -> str:
    """11-01 至 11-19; with the year where it isn't this one."""
    first, last = period
    year = first.year != day.year or last.year != day.year
    if first == last:
        return day_words(first, year=year)
    return tr("report.period.range", first=day_words(first, year=year), last=day_words(last, year=year))
