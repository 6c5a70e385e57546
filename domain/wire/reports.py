"""The messages of reports: what is asked, the figures, and the tickets behind them (RULES §11)."""

from datetime import date
from typing import Literal

from domain.entities.base import Entity, Instant

ZONE = "Asia/Shanghai"
MOST_TICKETS = 500
"""Rows of a list behind a figure; the whole count stands beside it."""
MOST_BARS = 8
"""Categories and units that are named; the others are added up."""
GOAL = 0.95
"""The share of targets that should be met."""

AGES: tuple[tuple[str, int], ...] = (("day", 1), ("days_3", 3), ("week", 7), ("month", 30), ("older", 0))
"""How long open tickets have stood: a name, and up to how many days (0: no end)."""

TicketMeasure = Literal[
    "created",
    "resolved",
    "closed",
    "open",
    "soon",
    "late",
    "age",
    "met",
    "breached",
    "running",
    "slowest",
    "category",
    "unit",
]


class Question(Entity):
    """A period in whole local days, both ends in it, and what it is narrowed to; empty means all."""

    first: date
    last: date
    zone: str = ZONE
    unit: str = ""  # with all below it
    line: str = ""
    category: str = ""  # with all below it
    team: str = ""


class Day(Entity):
    """What happened on one local day."""

    day: date
    created: int = 0
    resolved: int = 0
    closed: int = 0


class Backlog(Entity):
    """Tickets that are open as of the report."""

    open: int = 0
    soon: int = 0
    late: int = 0
    ages: tuple["Age", ...] = ()


class Age(Entity):
    """Open tickets that have stood for a while, by a name of `AGES`, and how many of them are late."""

    name: str
    open: int = 0
    late: int = 0


class Outcome(Entity):
    """Clocks of one target: stopped in time in the period, stopped or overdue late in it, running now."""

    metric: str
    met: int = 0
    breached: int = 0
    running: int = 0

    @property
    def share(self) -> float | None:
        """The share met of those that are decided; None where none is."""
        decided = self.met + self.breached
        return self.met / decided if decided else None


class Spread(Entity):
    """Seconds: average, median, and what nine of ten stay within."""

    average_s: int = 0
    median_s: int = 0
    p90_s: int = 0


class Duration(Entity):
    """How long the clocks of one target took that stopped in the period, in working and in calendar time."""

    metric: str
    count: int
    working: Spread
    calendar: Spread


class Share(Entity):
    """Tickets created in the period at one category or unit; an empty id is none, ``*`` all others."""

    id: str
    name: str = ""
    created: int = 0
    resolved: int = 0  # of those created
    before: int = 0  # created in the period before

    @property
    def rate(self) -> float:
        """The share resolved of those created."""
        return self.resolved / self.created if self.created else 0.0


class Figures(Entity):
    """The sums of one period."""

    created: int = 0
    resolved: int = 0
    closed: int = 0
    outcomes: tuple[Outcome, ...] = ()
    durations: tuple[Duration, ...] = ()


class Overview(Entity):
    """The report: one period, the one before it of equal length, and how things stand now."""

    asked: Question
    as_of: Instant
    days: tuple[Day, ...]
    now: Backlog
    period: Figures
    before: Figures
    categories: tuple[Share, ...] = ()
    units: tuple[Share, ...] = ()


class Group(Entity):
    """Cases that have one value in common: how many there are, and how many of them are marked."""

    key: str
    cases: int = 0
    marked: int = 0


class Activity(Entity):
    """One thing that other systems' logs tell of: how often, and in how many cases."""

    name: str
    events: int = 0
    cases: int = 0


class Cases(Entity):
    """Tickets created in the period, by what they have in common; marked are those whose field is true or above 0."""

    asked: Question
    as_of: Instant
    by: str
    mark: str = ""
    source: str = ""
    cases: int = 0
    events: int = 0  # rows of imported logs
    marked: int = 0
    resolved: int = 0
    closed: int = 0
    open_to_resolved: Spread = Spread()  # calendar time from creation, of those resolved
    first_to_last: Spread = Spread()  # calendar time from the first to the last row of the log
    groups: tuple[Group, ...] = ()
    activities: tuple[Activity, ...] = ()

    @property
    def rate(self) -> float:
        """The share marked."""
        return self.marked / self.cases if self.cases else 0.0


class TicketLine(Entity):
    """A ticket in a list behind a figure."""

    id: str
    number: str
    subject: str
    status: str
    priority: str
    unit: str
    created_at: Instant
    resolved_at: Instant | None = None


class TicketList(Entity):
    """The tickets behind one figure, at most `MOST_TICKETS`, and how many there are in all."""

    measure: TicketMeasure
    key: str = ""
    count: int = 0
    tickets: tuple[TicketLine, ...] = ()
