"""Moments, durations and sizes as people read them, in the language in force."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from desktop.ui.text import language, tr
from domain.entities.base import Instant

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


def local(at: Instant, zone: tzinfo | None = None) -> datetime:
    """An instant on the wall clock of `zone`, or of this machine."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)


def beginning(on: date, zone: tzinfo | None = None) -> Instant:
    """When a day begins on that wall clock."""
    midnight = datetime.combine(on, time.min)
    return int((midnight.replace(tzinfo=zone) if zone else midnight.astimezone()).timestamp() * 1000)


def midnights(now_at: Instant, count: int, *, zone: tzinfo | None = None) -> list[Instant]:
    """The next midnights on that wall clock; a day of a clock change is as long as it is."""
    today = local(now_at, zone).date()
    return [beginning(today + timedelta(days=after), zone) for after in range(1, count + 1)]


def moment(at: Instant, now_at: Instant, *, zone: tzinfo | None = None, full: bool = False) -> str:
    """刚刚, 14:32, 昨天 09:10, 周四 16:30, 11-20, 2025-11-20; `full`: 今天 14:32, 11-20 14:32."""
    if 0 <= now_at - at < MINUTE_S * 1000:
        return tr("time.just_now")
    then, now = local(at, zone), local(now_at, zone)
    hour = f"{then:%H:%M}"
    days = (then.date() - now.date()).days
    if days == 0:
        return tr("time.today", time=hour) if full else hour
    if days in (-1, 1):
        return tr("time.yesterday" if days < 0 else "time.tomorrow", time=hour)
    if abs(days) < 7:
        return f"{tr(f'time.weekday.{then.weekday()}')} {hour}"
    return f"{day(at, now_at, zone=zone)} {hour}" if full else day(at, now_at, zone=zone)


def day(at: Instant, now_at: Instant, *, zone: tzinfo | None = None) -> str:
    """11-20, or 2025-11-20 in another year; in English 20 Nov and 20 Nov 2025."""
    then, now = local(at, zone), local(now_at, zone)
    if language() != "en":
        return f"{then:%m-%d}" if then.year == now.year else f"{then:%Y-%m-%d}"
    month = tr(f"time.month.{then.month}")
    return f"{then.day} {month}" if then.year == now.year else f"{then.day} {month} {then.year}"


def clock(at: Instant, *, zone: tzinfo | None = None) -> str:
    """The hour to the second: 14:31:58."""
    return f"{local(at, zone):%H:%M:%S}"


def stamp(at: Instant, *, zone: tzinfo | None = None) -> str:
    """The whole moment, for tooltips and records: 2025-11-20 14:32:08."""
    return f"{local(at, zone):%Y-%m-%d %H:%M:%S}"


def duration(seconds: int) -> str:
    """A span in its two largest units: 8 秒, 12 分钟, 1 小时 12 分, 3 天 4 小时."""
    seconds = max(0, seconds)
    if seconds < MINUTE_S:
        return tr("time.seconds", count=seconds)
    if seconds < HOUR_S:
        return tr("time.minutes", count=seconds // MINUTE_S)
    if seconds < DAY_S:
        hours, minutes = seconds // HOUR_S, seconds % HOUR_S // MINUTE_S
        return (
            tr("time.hours_minutes", hours=hours, minutes=minutes)
            if minutes
            else tr("time.hours", count=hours)
        )
    days, hours = seconds // DAY_S, seconds % DAY_S // HOUR_S
    return tr("time.days_hours", days=days, hours=hours) if hours else tr("time.days", count=days)


def figure(value: int | float, *, digits: int = 0) -> str:
    """A number with thousands separated: 12,840."""
    return f"{value:,.{digits}f}"


def file_size(size: int) -> str:
    """Bytes as 640 KB or 1.2 MB."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB"
