"""Figures of reports as people read them: durations in one unit, shares, changes."""

from dataclasses import dataclass

from desktop.ui.text import tr
from desktop.ui.times import DAY_S, HOUR_S, MINUTE_S, figure

DAYS_FROM_S = 48 * HOUR_S


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change to the period before: arrow (up, down, or none), figure, word, and whether it is good news."""

    arrow: int
    text: str
    word: str
    good: bool | None  # None: neither good nor bad


def duration_parts(seconds: float) -> tuple[str, str]:
    """A span in one unit, figure and unit apart: 45 秒, 14 分钟, 3.2 小时, 2.1 天."""
    if seconds < MINUTE_S:
        return f"{seconds:.0f}", tr("report.unit.seconds")
    if seconds < HOUR_S:
        return f"{seconds / MINUTE_S:.0f}", tr("report.unit.minutes")
    if seconds < DAYS_FROM_S:
        return f"{seconds / HOUR_S:.1f}", tr("report.unit.hours")
    return f"{seconds / DAY_S:.1f}", tr("report.unit.days")


def short_duration(seconds: float) -> str:
    """The same in one piece."""
    number, unit = duration_parts(seconds)
    return f"{number} {unit}"


def percent(share: float, digits: int = 1) -> str:
    """93.4%; a whole number without its zero."""
    return f"{share * 100:.{digits}f}%".replace(".0%", "%")


def count_change(now: int, before: int, *, more_is_good: bool | None = None) -> Change:
    """The change of a count, in percent; `more_is_good` None: more is neither good nor bad."""
    if now == before:
        return Change(arrow=0, text="", word=tr("report.change.same"), good=None)
    if not before:
        return Change(arrow=0, text="", word=tr("report.change.new"), good=None)
    up = now > before
    if more_is_good is None:
        word = tr("report.change.more" if up else "report.change.less")
        return Change(arrow=1 if up else -1, text=percent(abs(now - before) / before), word=word, good=None)
    good = up == more_is_good
    word = tr("report.change.better" if good else "report.change.worse")
    return Change(arrow=1 if up else -1, text=percent(abs(now - before) / before), word=word, good=good)


def time_change(now_s: int, before_s: int | None) -> Change | None:
    """The change of a duration: shorter is better."""
    if before_s is None:
        return None
    shown = short_duration(abs(now_s - before_s))
    if short_duration(now_s) == short_duration(before_s):
        return Change(arrow=0, text="", word=tr("report.change.same"), good=None)
    faster = now_s < before_s
    word = tr("report.change.faster" if faster else "report.change.slower")
    return Change(arrow=-1 if faster else 1, text=shown, word=word, good=faster)


def share_change(now: float, before: float | None) -> Change | None:
    """The change of a share, in points: more is better."""
    if before is None:
        return None
    points = round((now - before) * 100, 1)
    if not points:
        return Change(arrow=0, text="", word=tr("report.change.same"), good=None)
    word = tr("report.change.better" if points > 0 else "report.change.worse")
    text = tr("report.points", value=figure(abs(points), digits=1))
    return Change(arrow=1 if points > 0 else -1, text=text, word=word, good=points > 0)
