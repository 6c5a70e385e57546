"""Do not disturb: for good, until a moment, or in the person's quiet hours; and which kinds come in which way."""

import re
from collections.abc import Mapping

from desktop.settings import NoticeWay, Settings, SettingsFile
from desktop.ui.times import local
from domain.entities.base import Instant

HOUR_MS = 3_600_000
WAYS: tuple[NoticeWay, ...] = ("pop", "sound", "silent")
GROUPS: Mapping[str, frozenset[str]] = {
    "deadlines": frozenset({"soon", "late"}),
    "own": frozenset({"own", "task"}),
    "urged": frozenset({"urged"}),
    "work": frozenset({"assigned", "transferred", "taken_over"}),
    "messages": frozenset({"message", "replied"}),
    "others": frozenset(),  # whatever stands in no other
}
"""Kinds of notices that a person chooses a way for together."""
_HOUR = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")


def is_quiet(settings: Settings, now: Instant) -> bool:
    """Whether nobody is to be interrupted now."""
    return settings.do_not_disturb or now < settings.quiet_until or _in_hours(settings, now)


def _in_hours(settings: Settings, now: Instant) -> bool:
    """Whether it is one of the quiet hours; they may go past midnight."""
    begin, end = read_hour(settings.quiet_from), read_hour(settings.quiet_to)
    if begin is None or end is None:
        return False
    here = local(now)
    minute = here.hour * 60 + here.minute
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def read_hour(text: str) -> int | None:
    """Minutes since midnight of a time such as 22:00; None for what is none."""
    found = _HOUR.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def way_of(settings: Settings, kind: str) -> NoticeWay:
    """How notices of a kind come before the person."""
    group = next((name for name, kinds in GROUPS.items() if kind in kinds), "others")
    return settings.notices.get(group, "pop")


def be_quiet(settings: SettingsFile, until: Instant) -> None:
    """Interrupt nobody until a moment."""
    settings.change(quiet_until=until)


def end_quiet(settings: SettingsFile) -> None:
    """Interrupt again, from now on."""
    settings.change(quiet_until=0, do_not_disturb=False)
