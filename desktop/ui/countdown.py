"""What an SLA clock shows at a moment: its state and the figure."""

from enum import StrEnum

import msgspec

from desktop.ui.text import tr
from desktop.ui.times import DAY_S, HOUR_S, MINUTE_S, duration
from domain.entities.base import Instant

SOON_S = 20 * MINUTE_S
LONGEST_HOURS_S = 99 * HOUR_S


class SlaState(StrEnum):
    """How a clock stands, from the person's point of view."""

    RUNNING = "running"
    SOON = "soon"
    LATE = "late"
    PAUSED = "paused"
    MET = "met"


class Countdown(msgspec.Struct, frozen=True, kw_only=True):
    """One clock: it runs towards `due_at`, or stands frozen at `frozen_s`, or is met."""

    due_at: Instant | None = None  # when the shown figure reaches zero
    frozen_s: int | None = None  # paused: what was left then
    soon_s: int = SOON_S  # this much left, or less, is "soon"; a policy decides it
    met: bool = False

    def at(self, now_at: Instant) -> tuple[SlaState, int]:
        """State and seconds left (overdue: seconds past) at a moment."""
        if self.met or (self.due_at is None and self.frozen_s is None):
            return SlaState.MET, 0
        if self.frozen_s is not None or self.due_at is None:
            return SlaState.PAUSED, self.frozen_s or 0
        left_s = (self.due_at - now_at) // 1000
        if left_s < 0:
            return SlaState.LATE, (now_at - self.due_at) // 1000
        return (SlaState.SOON if left_s <= self.soon_s else SlaState.RUNNING), left_s


def figures(seconds: int) -> str:
    """03:41:20; from 99 hours on 4 天 03:10."""
    if seconds < LONGEST_HOURS_S:
        return f"{seconds // HOUR_S:02}:{seconds % HOUR_S // MINUTE_S:02}:{seconds % MINUTE_S:02}"
    rest = seconds % DAY_S
    hours = f"{rest // HOUR_S:02}:{rest % HOUR_S // MINUTE_S:02}"
    return tr("sla.days", days=seconds // DAY_S, time=hours)


def countdown_text(state: SlaState, seconds: int) -> str:
    """The text in the badge: 03:41:20, 超 01:12:08, 停 02:10:00, 已达成."""
    if state is SlaState.MET:
        return tr("sla.met")
    if state is SlaState.LATE:
        return tr("sla.late", time=figures(seconds))
    if state is SlaState.PAUSED:
        return tr("sla.paused", time=figures(seconds))
    return figures(seconds)


def spoken(state: SlaState, seconds: int) -> str:
    """The clock as a screen reader says it: 剩 18 分钟, 超时 1 小时 12 分."""
    if state is SlaState.MET:
        return tr("sla.met")
    word = {SlaState.LATE: "sla.spoken.late", SlaState.PAUSED: "sla.spoken.paused"}
    return tr(word.get(state, "sla.spoken.left"), time=duration(seconds))
