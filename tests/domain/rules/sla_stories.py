"""Random entries of a replay file: calendars, policies and timelines, to the second, around every boundary."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from tests.domain.rules.sla_oracle import WEEKDAYS, OpenHours

ZONES = (
    "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns",
    "Africa/Casablanca", "Asia/Kathmandu", "UTC",
)  # fmt: skip
BEGINNINGS = (
    "2026-03-06",
    "2026-03-27",
    "2026-04-02",
    "2026-09-28",
    "2026-10-23",
    "2026-10-30",
    "2026-12-29",
)
STATUSES = ("new", "open", "open", "pending", "on_hold", "resolved", "closed")
PRIORITIES = ("urgent", "normal", "low")
STEPS = ("+10h", "-30m", "+45s", "-2h", "50%", "0%", "100%", "130%")


def story(random: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """One entry of `sla_cases` without what is expected of it, and the calendars it may name."""
    first = date.fromisoformat(random.choice(BEGINNINGS))
    name = random.choice(("drawn", "drawn", "drawn", "drawn", None))
    calendar = _calendar(random, first)
    begin = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    at = begin + random.randrange(4 * 86_400)
    edges = [edge for pair in OpenHours(calendar).intervals(begin, begin + 20 * 86_400) for edge in pair]
    events: list[dict[str, Any]] = [
        {
            "type": "create",
            "by": random.choice(("customer", "customer", "agent")),
            "status": random.choice(STATUSES),
            "priority": random.choice(PRIORITIES),
        }
    ]
    if random.random() < 0.3:
        at = random.choice(edges)
    events[0]["t"] = _written(at)
    for _ in range(random.randrange(10)):
        at += random.choice((0, 1, 1800, 3600, random.randrange(7200), random.randrange(4 * 86_400)))
        if random.random() < 0.25:
            at = next((edge for edge in edges if edge >= at), at)
        events.append({"t": _written(at), **_event(random)})
    policy = {
        "targets": {priority: _targets(random) for priority in PRIORITIES[: random.randint(1, 3)]},
        "pause_in": {
            metric: random.sample(("new", "open", "pending", "on_hold"), random.randrange(3))
            for metric in ("first_response", "next_response", "resolution")
            if random.random() < 0.6
        },
    }
    return {"calendar": name, "policy": policy, "events": events}, {"drawn": calendar}


def _written(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _calendar(random: Random, first: date) -> dict[str, Any]:
    days = [first + timedelta(days=n) for n in range(30)]
    weekly = {name: _periods(random) for name in WEEKDAYS if random.random() < 0.75}
    weekly["wed"] = [["09:00", "12:00"], ["13:30", "18:00"]]
    return {
        "timezone": random.choice(ZONES),
        "weekly": weekly,
        "holidays": [day.isoformat() for day in random.sample(days, random.randrange(5))],
        "extra_workdays": {
            day.isoformat(): _periods(random) for day in random.sample(days, random.randrange(4))
        },
    }


def _periods(random: Random) -> list[list[str]]:
    """One to three periods of a day to the minute, whole days and the day's ends among them."""
    if random.random() < 0.2:
        return [["00:00", "24:00"]]
    marks = sorted(random.sample(range(1441), 2 * random.randint(1, 3)))
    if random.random() < 0.3:
        marks = [mark // 30 * 30 for mark in marks]
    if random.random() < 0.2:
        marks[-1] = 1440
    pairs = [(marks[index], marks[index + 1]) for index in range(0, len(marks), 2)]
    return [[_minute(a), _minute(b)] for a, b in pairs if a < b] or [["08:00", "24:00"]]


def _minute(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _targets(random: Random) -> dict[str, dict[str, Any]]:
    return {
        metric: _target(random)
        for metric in ("first_response", "next_response", "resolution")
        if random.random() < 0.85
    }


def _target(random: Random) -> dict[str, Any]:
    unit = random.choice(("minute", "minute", "hour", "hour", "working_day", "week"))
    longest = {"minute": 500, "hour": 30, "working_day": 4, "week": 1}[unit]
    return {"n": random.randint(1, longest), "unit": unit}


def _event(random: Random) -> dict[str, Any]:
    kind = random.choice(("status", "status", "status", "priority", "agent_reply", "customer_reply"))
    if kind == "status":
        return {"type": kind, "to": random.choice(STATUSES)}
    if kind == "priority":
        return {"type": kind, "to": random.choice(PRIORITIES)}
    return {"type": kind}
