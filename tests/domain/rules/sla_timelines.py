"""Short ways to write timelines; instants are milliseconds from an arbitrary zero."""

from domain.entities.calendars import Calendar
from domain.entities.sla import ClockEvent, EventKind
from domain.rules.calendar_text import read_calendar

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

HOURS_24: Calendar | None = None
OFFICE = read_calendar(
    "office",
    {
        "timezone": "Asia/Shanghai",
        "weekly": {day: [["10:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    },
)


def created(at: int, *, requester: bool = True, status: str = "open", priority: str = "normal") -> ClockEvent:
    """The creation, by or for somebody who waits for an answer unless said otherwise."""
    return ClockEvent(at=at, kind="created", status=status, priority=priority, requester=requester)


def status(at: int, to: str) -> ClockEvent:
    """A change of status."""
    return ClockEvent(at=at, kind="status", status=to)


def happens(at: int, kind: EventKind) -> ClockEvent:
    """Something that needs no more words."""
    return ClockEvent(at=at, kind=kind)
