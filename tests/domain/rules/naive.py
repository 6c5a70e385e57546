"""A second, slow and plain reading of the rules: it walks through time half an hour at a time and counts.

It shares nothing with the code under test but structs and zone files. Times must lie on the half hour.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from domain.entities.calendars import Calendar
from domain.entities.sla import ClockEvent, Policy, Target
from domain.rules.zones import zone

STEP = 30 * 60_000
SOLVED = ("resolved", "closed")
Answer = dict[str, object]


class NaiveHours:
    """Open or not, asked one half hour after the other."""

    def __init__(self, calendar: Calendar | None) -> None:
        self.calendar = calendar
        self._known: dict[int, bool] = {}

    def wall(self, at: int) -> datetime:
        """The local time of an instant."""
        assert self.calendar is not None
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone(self.calendar.zone))

    def open_on(self, day: date) -> list[tuple[int, int]]:
        """The periods of a date."""
        assert self.calendar is not None
        weekly = [] if day in self.calendar.holidays else list(self.calendar.weekly[day.weekday()])
        return weekly + list(self.calendar.extra_workdays.get(day, ()))

    def is_open(self, at: int) -> bool:
        """Whether the half hour that begins at this instant is working time."""
        if self.calendar is None:
            return True
        if at not in self._known:
            wall = self.wall(at)
            minute = wall.hour * 60 + wall.minute
            self._known[at] = any(begin <= minute < end for begin, end in self.open_on(wall.date()))
        return self._known[at]

    def worked(self, from_at: int, to_at: int) -> int:
        """Open milliseconds between two instants."""
        return sum(STEP for at in range(from_at, to_at, STEP) if self.is_open(at))

    def used_up(self, from_at: int, budget: int) -> int:
        """The instant at which a budget is used up."""
        at = from_at
        while budget > 0:
            budget -= STEP if self.is_open(at) else 0
            at += STEP
        return at

    def opening(self, at: int) -> int:
        """The instant itself or the next opening."""
        while not self.is_open(at):
            at += STEP
        return at

    def budget(self, target: Target, start: int) -> int:
        """The milliseconds a target grants."""
        if target.unit in ("minute", "hour"):
            return target.n * {"minute": 60_000, "hour": 3_600_000}[target.unit]
        if self.calendar is None:
            return target.n * {"day": 1, "week": 7}[target.unit] * 86_400_000
        days = target.n * (sum(1 for day in self.calendar.weekly if day) if target.unit == "week" else 1)
        if not self.open_on(self.wall(start).date()):
            start = self.opening(start)
        return self._given(start, days) or self._given(self.opening(start), days)

    def _given(self, start: int, days: int) -> int:
        wall = self.wall(start)
        day = wall.date()
        while days:
            day += timedelta(days=1)
            days -= bool(self.open_on(day))
        there = datetime.combine(day, wall.timetz())
        return self.worked(start, round(there.timestamp() * 1000))


class _Clock:
    """One cycle: for each half hour since its start, whether it counted and whether it was open."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.history: list[tuple[int, bool, bool]] = []
        self.frozen: Answer | None = None


class NaiveSla:
    """The clocks of one ticket, walked through time."""

    def __init__(self, policy: Policy, calendar: Calendar | None) -> None:
        self.policy, self.hours = policy, NaiveHours(calendar)
        self.clocks: dict[str, _Clock] = {}
        self.priority = self.status = ""
        self.answered_once = False

    def run(self, events: Sequence[ClockEvent], now: int) -> dict[str, Answer]:
        """The answer for every metric after all events, as of `now`."""
        at, left = events[0].at, list(events)
        while True:
            while left and left[0].at == at:
                self._happen(left.pop(0))
            if at == now:
                break
            for metric, clock in self.clocks.items():
                if clock.frozen is None:
                    clock.history.append((at, self._counts(metric), self.hours.is_open(at)))
            at += STEP
        metrics = ("first_response", "next_response", "acceptance", "solution_proposed", "resolution")
        return {metric: self._answer(metric, now) for metric in metrics}

    def _counts(self, metric: str) -> bool:
        pauses: dict[str, tuple[str, ...]] = {str(key): value for key, value in self.policy.pause_in.items()}
        return self.status not in (*pauses.get(metric, ()), *SOLVED)

    def _waiting(self, metric: str) -> bool:
        return metric in self.clocks and self.clocks[metric].frozen is None

    def _stop(self, at: int, *metrics: str) -> None:
        for metric in metrics:
            if self._waiting(metric):
                self.clocks[metric].frozen = self._measured(metric, at, stopped=True)

    def _happen(self, event: ClockEvent) -> None:
        at = event.at
        if event.kind == "created":
            self.priority = event.priority
            started = ["resolution", "solution_proposed"] + ["first_response"] * event.requester
            self.clocks = {metric: _Clock(at) for metric in started}
            self.answered_once = not event.requester
        if event.kind in ("created", "status"):
            if event.status in SOLVED:
                self._stop(at, *self.clocks)
                self.answered_once = True
            elif self.status in SOLVED:
                self._reopen(at)
            self.status = event.status
        elif event.kind == "priority":
            self.priority = event.priority
        elif event.kind == "agent_reply":
            self._stop(at, "first_response", "next_response")
            self.answered_once = True
        elif event.kind == "requester_message":
            if self.answered_once and not self._waiting("next_response"):
                self.clocks["next_response"] = _Clock(at)
        elif event.kind == "sent_to":
            self.clocks["acceptance"] = _Clock(at)
        elif event.kind == "taken":
            self._stop(at, "acceptance")
        elif event.kind == "solution_proposed":
            self._stop(at, "solution_proposed")

    def _reopen(self, at: int) -> None:
        """The old clock goes on; what lay between its end and now was solved."""
        clock = self.clocks["resolution"]
        clock.frozen = None
        begin = clock.history[-1][0] + STEP if clock.history else clock.start
        clock.history += [(then, False, self.hours.is_open(then)) for then in range(begin, at, STEP)]

    def _target(self, metric: str) -> Target | None:
        by_metric = {str(key): value for key, value in self.policy.targets.get(self.priority, {}).items()}
        return by_metric.get(metric)

    def _answer(self, metric: str, now: int) -> Answer:
        if metric not in self.clocks:
            return {"state": "not_started" if self._target(metric) else "no_target"}
        return self.clocks[metric].frozen or self._measured(metric, now, stopped=False)

    def _measured(self, metric: str, end: int, *, stopped: bool) -> Answer:
        clock, target = self.clocks[metric], self._target(metric)
        if target is None:
            return {"state": "no_target"}
        budget = self.hours.budget(target, clock.start)
        elapsed = left_out = 0
        due: int | None = None
        late = False
        counted = True
        for at, counted, is_open in clock.history:
            if not counted:
                left_out += STEP * is_open
                due = due if late else None
                continue
            if elapsed >= budget:
                due, late = at if due is None else due, True
            elapsed += STEP * is_open
            if is_open and elapsed == budget:
                due = at + STEP
        counted = counted if stopped else self._counts(metric)
        if not late:
            due = None if not counted else self.hours.used_up(end, budget - elapsed) if due is None else due
        return {
            "state": "met" if stopped else "running" if counted else "paused",
            "due": due,
            "elapsed_s": elapsed // 1000,
            "late_by_s": max(0, elapsed - budget) // 1000 if late else 0,
            "breached": late,
            "paused_business_s": left_out // 1000,
        }
