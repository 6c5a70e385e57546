"""What is kept of reports in the replica, and how they are asked for."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar, cast

import pytest

from desktop.replica.engine import Replica
from desktop.sync.reports import MOST_KEPT, NoServer, Reports
from domain.errors import UnavailableError
from domain.wire.reports import Backlog, Figures, Overview, Question, TicketList

T = TypeVar("T")
KEY = bytes(range(32))
WEEK = Question(first=date(2026, 11, 14), last=date(2026, 11, 20), unit="HZ & 1")


class Echo:
    """Answers with the question that was set, and remembers the path."""

    def __init__(self) -> None:
        self.question, self.path, self.as_of = WEEK, "", 0

    def report(self, path: str, kind: type[T]) -> T:
        """An overview or an empty list."""
        self.path = path
        self.as_of += 1
        if kind is TicketList:
            return cast(T, TicketList(measure="created"))
        figures = Figures(created=self.as_of)
        return cast(
            T,
            Overview(
                asked=self.question, as_of=self.as_of, days=(), now=Backlog(), period=figures, before=figures
            ),
        )


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """An empty replica."""
    made = Replica(tmp_path / "replica.db", KEY, durable=False)
    yield made
    made.close()


def test_parameters_are_quoted(replica: Replica) -> None:
    """Names of units can't change what is asked."""
    echo = Echo()
    Reports(echo, replica).overview(WEEK)
    assert echo.path == (
        "/v1/reports/overview?from=2026-11-14&to=2026-11-20&zone=Asia%2FShanghai&unit=HZ+%26+1"
    )
    Reports(echo, replica).tickets(WEEK, "met", "resolution")
    assert echo.path.endswith("&measure=met&key=resolution")


def test_the_newest_of_a_question_is_kept(replica: Replica) -> None:
    """Fetching again replaces what was kept; another program on the same replica reads it."""
    echo = Echo()
    reports = Reports(echo, replica)
    reports.overview(WEEK)
    reports.overview(WEEK)
    kept = Reports(NoServer(), replica).kept(WEEK)
    assert kept is not None
    assert kept.as_of == 2


def test_as_long_a_period_serves_where_the_days_moved(replica: Replica) -> None:
    """Tomorrow's last seven days find today's, but another unit's or a longer period are no answer."""
    reports = Reports(Echo(), replica)
    reports.overview(WEEK)
    day = timedelta(days=1)
    moved = Question(first=WEEK.first + day, last=WEEK.last + day, unit=WEEK.unit)
    longer = Question(first=WEEK.first, last=WEEK.last + day, unit=WEEK.unit)
    assert reports.kept(moved) is not None
    assert reports.kept(longer) is None
    assert reports.kept(Question(first=WEEK.first, last=WEEK.last)) is None


def test_only_so_many_are_kept(replica: Replica) -> None:
    """The oldest go, so that the replica doesn't grow with curiosity."""
    echo = Echo()
    reports = Reports(echo, replica)
    for n in range(MOST_KEPT + 3):
        echo.question = Question(first=WEEK.first, last=WEEK.last + timedelta(days=n))
        reports.overview(echo.question)
    assert reports.kept(WEEK) is None
    assert reports.kept(Question(first=WEEK.first, last=WEEK.last)) is None
    assert reports.kept(echo.question) is not None


def test_no_server_keeps_what_there_was(replica: Replica) -> None:
    """A failed fetch changes nothing."""
    Reports(Echo(), replica).overview(WEEK)
    with pytest.raises(UnavailableError):
        Reports(NoServer(), replica).overview(WEEK)
    assert Reports(NoServer(), replica).kept(WEEK) is not None
