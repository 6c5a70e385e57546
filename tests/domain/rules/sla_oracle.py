"""An independent reading of RULES §2–3: what a replay file's timelines must come to, by sets of seconds.

Written from the rules and the description of the file alone; it shares no code with the product, not even its
structs. Time is cut into sets of half-open intervals of whole seconds: when the calendar is open, when a clock
counts. Everything asked is the measure of an intersection of two such sets.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
METRICS = ("first_response", "next_response", "resolution")
SOLVED = ("resolved", "closed")
DEFAULT_PAUSES = {"resolution": ["pending", "on_hold"]}
PIECE = 900
"""Offsets from UTC change on quarter hours only, so that within a piece one offset holds."""

Json = Mapping[str, Any]
Interval = tuple[int, int]
FOREVER = 1 << 40


class OpenHours:
    """When a calendar of the file is open, in seconds since the epoch; none is round the clock."""

    def __init__(self, calendar: Json | None) -> None:
        self.calendar = calendar
        self.zone = _zone(calendar["timezone"]) if calendar else None
        self._pieces: dict[int, list[Interval]] = {}
        self._days: dict[date, list[Interval]] = {}

    def wall(self, at: int) -> datetime:
        """The local time of an instant."""
        assert self.zone is not None
        return datetime.fromtimestamp(at, UTC).astimezone(self.zone)

    def day(self, day: date) -> list[Interval]:
        """open(date) = weekly − holidays + extra workdays, in seconds of the local day."""
        if day not in self._days:
            assert self.calendar is not None
            weekly = self.calendar.get("weekly", {}).get(WEEKDAYS[day.weekday()], [])
            spans = [] if day.isoformat() in self.calendar.get("holidays", []) else list(weekly)
            spans += self.calendar.get("extra_workdays", {}).get(day.isoformat(), [])
            self._days[day] = [(_clock(begin), _clock(end)) for begin, end in spans]
        return self._days[day]

    def _piece(self, number: int) -> list[Interval]:
        if number not in self._pieces:
            begin = number * PIECE
            wall = self.wall(begin)
            second = wall.hour * 3600 + wall.minute * 60 + wall.second
            shift = begin - second
            cut = [(max(a, second), min(b, second + PIECE)) for a, b in self.day(wall.date())]
            self._pieces[number] = _joined([(a + shift, b + shift) for a, b in cut if a < b])
        return self._pieces[number]

    def intervals(self, begin: int, end: int) -> Iterator[Interval]:
        """The open intervals between two instants, in order."""
        if self.calendar is None:
            yield begin, end
            return
        for number in count(begin // PIECE):
            if number * PIECE >= end:
                return
            for a, b in self._piece(number):
                if max(a, begin) < min(b, end):
                    yield max(a, begin), min(b, end)

    def measure(self, begin: int, end: int) -> int:
        """Open seconds between two instants."""
        return sum(b - a for a, b in self.intervals(begin, end))

    def opening(self, at: int) -> int:
        """The instant itself where it is open, else the next opening."""
        return next(a for a, _ in self.intervals(at, FOREVER))

    def budget(self, target: Json, start: int) -> int:
        """The working seconds a target grants from its start."""
        n, unit = target["n"], target["unit"]
        if unit in ("minute", "hour"):
            return int(n) * {"minute": 60, "hour": 3600}[unit]
        if self.calendar is None:
            return int(n) * {"day": 1, "working_day": 1, "week": 7}[unit] * 86_400
        if unit == "week":
            n *= sum(1 for name in WEEKDAYS if self.calendar.get("weekly", {}).get(name))
        if not self.day(self.wall(start).date()):
            start = self.opening(start)
        # A day on which nothing was open has not been given: it counts from the next opening.
        return self._days_from(start, n) or self._days_from(self.opening(start), n)

    def _days_from(self, start: int, n: int) -> int:
        wall, left = self.wall(start), n
        day = wall.date()
        while left:
            day += timedelta(days=1)
            left -= bool(self.day(day))
        there = datetime(day.year, day.month, day.day, wall.hour, wall.minute, wall.second, tzinfo=self.zone)
        return self.measure(start, int(there.timestamp()))


class Span:
    """One clock of the ticket: when it started and stopped, and the priority it stopped under."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.stop: int | None = None
        self.priority: str | None = None


class Story:
    """The ticket after some events: its statuses in order, its priority, its clocks."""

    def __init__(self, events: list[Json]) -> None:
        self.statuses: list[tuple[int, str]] = []
        self.priority = ""
        self.clocks: dict[str, Span] = {}
        self.answered = False
        for event in events:
            self._happen(event)

    def _running(self, metric: str) -> bool:
        return metric in self.clocks and self.clocks[metric].stop is None

    def _end(self, at: int, *metrics: str) -> None:
        for metric in metrics:
            if self._running(metric):
                self.clocks[metric].stop, self.clocks[metric].priority = at, self.priority

    def _happen(self, event: Json) -> None:
        at, kind = seconds(event["t"]), event["type"]
        if kind == "create":
            self.priority = event["priority"]
            self.clocks["resolution"] = Span(at)
            self.answered = event["by"] == "agent"
            if not self.answered:
                self.clocks["first_response"] = Span(at)
            self._status(at, event["status"])
        elif kind == "status":
            self._status(at, event["to"])
        elif kind == "priority":
            self.priority = event["to"]
        elif kind == "agent_reply":
            self._end(at, "first_response", "next_response")
            self.answered = True
        elif self.answered and not self._running("next_response"):
            self.clocks["next_response"] = Span(at)

    def _status(self, at: int, status: str) -> None:
        was = self.statuses[-1][1] if self.statuses else ""
        if status in SOLVED:
            self._end(at, *METRICS)
            self.answered = True
        elif was in SOLVED:
            self.clocks["resolution"].stop = None
        self.statuses.append((at, status))


def judge(
    case: Json, calendars: Json, events: list[Json], now: int, steps: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """Every metric of a case after the given events, as of an instant, in seconds; and when steps are reached."""
    name = case.get("calendar")
    hours, story = OpenHours(calendars[name] if name else None), Story(events)
    return {metric: _judged(case["policy"], hours, story, metric, now, steps) for metric in METRICS}


def _judged(
    policy: Json, hours: OpenHours, story: Story, metric: str, now: int, steps: Sequence[str]
) -> dict[str, Any]:
    clock = story.clocks.get(metric)
    stopped = clock is not None and clock.stop is not None
    priority = clock.priority if clock is not None and stopped else story.priority
    target = policy["targets"].get(priority, {}).get(metric)
    if target is None or clock is None:
        return {"state": "no_target" if target is None else "not_started"}
    pauses = {**DEFAULT_PAUSES, **policy.get("pause_in", {})}.get(metric, [])
    end = now if clock.stop is None else clock.stop
    counted, left_out, idle = _split(story.statuses, {*pauses, *SOLVED}, clock, end)
    budget = hours.budget(target, clock.start)
    passed = counted or ([] if idle else [(end, end)])
    going_on = counted if idle else _joined([*counted, (end, FOREVER)])
    due = _due(hours, going_on, budget)
    elapsed = sum(hours.measure(a, b) for a, b in counted)
    breached = due is not None and any(b > due for _, b in counted)
    return {
        "state": "met" if stopped else "paused" if idle else "running",
        "due": None if idle and not breached else due,
        "elapsed_s": elapsed,
        "late_by_s": max(0, elapsed - budget) if breached else 0,
        "breached": breached,
        "paused_business_s": sum(hours.measure(a, b) for a, b in left_out),
        "step_at": {
            text: _reached(hours, passed if stopped else going_on, point(text, budget)) for text in steps
        },
    }


def _split(
    statuses: list[tuple[int, str]], idle: set[str], clock: Span, end: int
) -> tuple[list[Interval], list[Interval], bool]:
    """When the clock counted, when not, and whether it stands still at its end."""
    counted: list[Interval] = []
    left_out: list[Interval] = []
    for index, (at, status) in enumerate(statuses):
        until = statuses[index + 1][0] if index + 1 < len(statuses) else FOREVER
        a, b = max(at, clock.start), min(until, end)
        if a < b:
            (left_out if status in idle else counted).append((a, b))
    if clock.stop is None:
        return _joined(counted), left_out, statuses[-1][1] in idle
    stands = bool(left_out) and left_out[-1][1] == end
    return _joined(counted), left_out, stands


def _joined(intervals: list[Interval]) -> list[Interval]:
    """Neighbours made one."""
    joined: list[Interval] = []
    for a, b in sorted(intervals):
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        else:
            joined.append((a, b))
    return joined


def _due(hours: OpenHours, counting: list[Interval], budget: int) -> int | None:
    """Where the budget is used up; who stops at that very second is in time, until work goes on."""
    for begin, end in counting:
        if budget == 0:
            return begin
        for a, b in hours.intervals(begin, end):
            if a + budget <= b and a + budget < end:
                return a + budget
            budget = max(0, budget - (b - a))
            if budget == 0:
                break
    return None


def _reached(hours: OpenHours, counting: list[Interval], wanted: int) -> int | None:
    """The instant at which so many seconds have counted."""
    for begin, end in counting:
        if wanted == 0:
            return begin
        for a, b in hours.intervals(begin, end):
            if a + wanted <= b:
                return a + wanted
            wanted -= b - a
    return None


def point(text: str, budget: int) -> int:
    """The seconds that have counted at a step such as +10h, -30m, +5s or 50%."""
    if text.endswith("%"):
        return budget * int(text[:-1]) // 100
    return max(0, budget + int(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]])


def seconds(text: str) -> int:
    """An ISO instant as seconds since the epoch."""
    return round(datetime.fromisoformat(text).timestamp())


@cache
def _zone(name: str) -> ZoneInfo:
    """The zone as the pinned tables have it: a machine's own may be of another year."""
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as source:
        return ZoneInfo.from_file(source)


def _clock(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 3600 + int(minute) * 60
