"""A ticket's SLA clocks as bars: first response, next response, resolution; ticking together."""

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.countdown import SOON_S, Countdown
from desktop.ui.text import tr
from desktop.ui.times import duration, moment
from desktop.ui.widgets.clock_bar import ClockBar
from domain.entities.base import Instant
from domain.entities.sla import Clock, Metric

SHOWN = 3
_ORDER: tuple[Metric, ...] = (
    "first_response",
    "acceptance",
    "next_response",
    "solution_proposed",
    "resolution",
)
_ALWAYS = ("first_response", "next_response", "resolution")


def countdown_of(clock: Clock) -> Countdown | None:
    """What a clock shows; None before it has begun."""
    if clock.state == "met":
        return Countdown(met=True)
    if clock.state == "paused":
        return Countdown(frozen_s=max(0, clock.remaining_s))
    if clock.state == "running" and clock.due_at is not None:
        soon_s = (clock.due_at - clock.soon_at) // 1000 if clock.soon_at is not None else SOON_S
        return Countdown(due_at=clock.due_at, soon_s=max(0, soon_s))
    return None


def shown_clocks(clocks: Iterable[Clock]) -> list[Clock]:
    """The clocks to show, at most three: what has a target, what runs before what is met."""
    held = {clock.metric: clock for clock in clocks if clock.target is not None}
    chosen = [metric for metric in _ORDER if metric in held]
    while len(chosen) > SHOWN:
        less = [metric for metric in chosen if metric not in _ALWAYS] or chosen
        done = [metric for metric in less if held[metric].state in ("met", "not_started")] or less
        chosen.remove(done[0])
    return [held[metric] for metric in chosen]


def next_due(clocks: Iterable[Clock]) -> Clock | None:
    """The running clock that is due first."""
    running = [clock for clock in clocks if clock.state == "running" and clock.due_at is not None]
    return min(running, key=lambda clock: clock.due_at or 0, default=None)


class Clocks(QWidget):
    """Bars side by side; `full` adds to each caption when it is due."""

    def __init__(self, *, full: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = full
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._bars: list[ClockBar] = []

    def show_clocks(self, clocks: Iterable[Clock], now_at: Instant) -> None:
        """Show these clocks as of now."""
        shown = shown_clocks(clocks)
        while len(self._bars) < len(shown):
            bar = ClockBar("", waiting_text=tr("ticket.clock.not_started"))
            self._bars.append(bar)
            self._row.addWidget(bar, 1)
        for place, bar in enumerate(self._bars):
            bar.setVisible(place < len(shown))
        for bar, clock in zip(self._bars, shown, strict=False):
            self._show(bar, clock, now_at)
        self.setVisible(bool(shown))

    def _show(self, bar: ClockBar, clock: Clock, now_at: Instant) -> None:
        target_s = clock.budget_s
        if clock.state == "running" and clock.due_at is not None and clock.started_at is not None:
            target_s = (clock.due_at - clock.started_at) // 1000
        missed = clock.state == "met" and clock.breached
        met_text = duration(clock.late_by_s if missed else clock.elapsed_s)
        bar.show_clock(
            countdown_of(clock),
            now_at=now_at,
            target_s=target_s,
            caption=self._caption(clock, now_at),
            met_text=tr("ticket.clock.missed", time=met_text) if missed else met_text,
            missed=missed,
        )

    def _caption(self, clock: Clock, now_at: Instant) -> str:
        name = tr(f"metric.{clock.metric}")
        if not self._full:
            return name
        if clock.state == "met":
            how = tr("ticket.clock.met_late" if clock.breached else "ticket.clock.met")
            return f"{name} · {how}"
        if clock.state == "running" and clock.due_at is not None:
            return f"{name} · {tr('ticket.clock.due_short', time=moment(clock.due_at, now_at))}"
        return f"{name} · {tr('ticket.clock.paused')}" if clock.state == "paused" else name

    def tick(self, now_at: Instant) -> None:
        """Once a second."""
        for bar in self._bars:
            if bar.isVisible():
                bar.tick(now_at)
