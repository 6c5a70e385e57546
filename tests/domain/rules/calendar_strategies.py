"""Random calendars and instants around the changes between summer and winter time."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from domain.entities.calendars import Calendar, Period
from tests.domain.rules.naive import STEP

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # changes by half an hour
    "Africa/Casablanca",  # winter time in Ramadan
    "America/St_Johns",
    "UTC",
)
FIRST_DAY = date(2026, 1, 1)
# The beginning and end of summer time, of Ramadan, of the year; China's national day.
DAYS = ((2, 15), (3, 7), (3, 28), (4, 3), (9, 19), (9, 29), (10, 3), (10, 24), (10, 31), (12, 28))
BEGINNINGS = [datetime(2026, month, day, tzinfo=UTC) for month, day in DAYS]


@st.composite
def periods(draw: st.DrawFn, *, least: int = 0) -> tuple[Period, ...]:
    """Up to three periods that don't overlap, on the half hour."""
    count = draw(st.integers(least, 3))
    ends = draw(st.lists(st.integers(0, 48), min_size=2 * count, max_size=2 * count, unique=True))
    ends.sort()
    return tuple((ends[index] * 30, ends[index + 1] * 30) for index in range(0, 2 * count, 2))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """A calendar that is open on Wednesdays at least, with holidays and extra workdays in 2026."""
    days = st.integers(0, 364).map(lambda n: FIRST_DAY + timedelta(days=n))
    return Calendar(
        id="drawn",
        zone=draw(st.sampled_from(ZONES)),
        weekly=tuple(draw(periods(least=1 if weekday == 2 else 0)) for weekday in range(7)),
        holidays=tuple(draw(st.lists(days, max_size=30, unique=True))),
        extra_workdays=draw(st.dictionaries(days, periods(least=1), max_size=10)),
    )


def instants() -> st.SearchStrategy[int]:
    """Half hours within two weeks after one of the beginnings."""
    return st.builds(
        lambda begin, steps: int(begin.timestamp()) * 1000 + steps * STEP,
        st.sampled_from(BEGINNINGS),
        st.integers(0, 14 * 48),
    )
