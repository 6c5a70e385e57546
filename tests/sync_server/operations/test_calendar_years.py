"""Administrators hear in time that a calendar lacks the coming year's make-up days."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.entities.calendars import Calendar
from domain.rules.calendar_years import year_missing
from sync_server.access.viewer import load_viewer
from sync_server.feed.directory import recent_notices
from sync_server.jobs.calendar_years import KIND, CalendarYears
from sync_server.operations.imports.calendar import import_calendar
from sync_server.operations.tools import Tools
from sync_server.store import tables as t
from tests.sync_server.api.house import MovedClock

WEEK = ((), ((540, 1080),), (), (), (), (), ())


@pytest.mark.parametrize(
    ("today", "holidays", "extra", "missing"),
    [
        ((2026, 9, 30), [(2026, 10, 1)], [(2026, 10, 10)], None),
        ((2026, 10, 1), [(2026, 10, 1)], [(2026, 10, 10)], 2027),
        ((2026, 10, 1), [(2027, 1, 1)], [(2026, 10, 10)], 2027),
        ((2026, 10, 1), [(2027, 1, 1)], [(2027, 2, 6)], None),
        ((2027, 1, 1), [(2026, 10, 1)], [(2026, 10, 10)], 2027),
        ((2026, 12, 31), [], [], None),
    ],
)
def test_year_is_missing_from_october_on(
    today: tuple[int, int, int],
    holidays: list[tuple[int, int, int]],
    extra: list[tuple[int, int, int]],
    missing: int | None,
) -> None:
    """The coming year counts from October on, and needs a make-up day; a calendar without holidays needs nothing."""
    calendar = Calendar(
        id="c",
        weekly=WEEK,
        holidays=tuple(date(*one) for one in holidays),
        extra_workdays={date(*one): ((540, 1080),) for one in extra},
    )
    assert year_missing(calendar, date(*today)) == missing


def _at(*day: int) -> int:
    return int(datetime(*day, 8, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


def test_administrators_are_told_once_a_month_until_it_is_imported(sample: Tools, tmp_path: Path) -> None:
    """One notice each, whatever process asks; another in November; none once the year is there."""
    clock = MovedClock()

    def told() -> int:
        years = CalendarYears(
            sample.store,
            configurations=sample.configurations,
            clock=clock,
            ids=sample.ids,
            nonces=sample.ids,
        )
        return years.run()

    last = 2026
    _import(sample, tmp_path, last)
    clock.at = _at(last, 9, 30)
    assert told() == 0
    clock.at = _at(last, 10, 5)
    count = told()
    assert count > 0
    assert told() == 0
    clock.at = _at(last, 11, 5)
    assert told() == count
    with sample.store.read() as conn:
        rows = conn.execute(select(t.notice).where(t.notice.c.kind == KIND)).all()
        granted = conn.execute(select(t.grant.c.level).where(t.grant.c.person == rows[0].person)).scalars()
        assert max(granted) == 5
        assert {row.ticket for row in rows} == {""}
        viewer = load_viewer(
            conn, rows[0].person, sample.trees.current(conn), sample.configurations.current(conn)
        )
        assert [one.kind for one in recent_notices(conn, viewer, clock.at)] == [KIND]
    _import(sample, tmp_path, last + 1)
    clock.at = _at(last, 12, 5)
    assert told() == 0


def _import(tools: Tools, folder: Path, year: int) -> None:
    """Into every calendar there is."""
    file = folder / "days.csv"
    file.write_text(f"date,off\n{year}-01-01,true\n{year}-02-06,false\n", encoding="utf-8")
    with tools.store.read() as conn:
        calendars = list(tools.configurations.current(conn).calendars)
    for one in calendars:
        import_calendar(tools, file, calendar=one, name="", week="", place="Asia/Shanghai", mapping={})
