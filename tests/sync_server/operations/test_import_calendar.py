"""Holidays and make-up days from files."""

from datetime import date
from pathlib import Path

import pytest

from domain.entities.calendars import Calendar
from domain.errors import InvalidInputError
from sync_server.operations.imports.calendar import import_calendar, read_week
from sync_server.operations.imports.columns import Outcome
from sync_server.operations.tools import Tools

FILE = """date,name,is_off_day,status
2026-01-01,元旦,True,official
2026-01-02,元旦,True,official
2026-01-04,元旦,False,official
"""


def _import(tools: Tools, folder: Path, text: str, *, week: str = "", dry_run: bool = False) -> Outcome:
    file = folder / "days.csv"
    file.write_text(text, encoding="utf-8")
    return import_calendar(
        tools,
        file,
        calendar="shop",
        name="Shop",
        week=week,
        place="Asia/Shanghai",
        mapping={},
        dry_run=dry_run,
    )


def _calendar(tools: Tools) -> Calendar | None:
    with tools.store.read() as conn:
        return tools.configurations.current(conn).calendars.get("shop")


def test_days_off_and_make_up_days_are_read(tools: Tools, tmp_path: Path) -> None:
    """Days off close, make-up days open with the usual hours."""
    done = _import(tools, tmp_path, FILE, week="mon-fri 09:00-12:00 13:00-18:00")
    assert done.counts == {"days": 3, "holidays": 2, "workdays": 1, "changed": 1}
    calendar = _calendar(tools)
    assert calendar is not None
    assert calendar.holidays == (date(2026, 1, 1), date(2026, 1, 2))
    assert dict(calendar.extra_workdays) == {date(2026, 1, 4): ((540, 720), (780, 1080))}


def test_another_year_joins_and_the_same_year_replaces(tools: Tools, tmp_path: Path) -> None:
    """Years that the file doesn't name stay; hours stay where none are given; again changes nothing."""
    _import(tools, tmp_path, FILE, week="mon-sat 10:00-16:00")
    _import(tools, tmp_path, "date,is_off_day\n2027-01-01,True\n")
    _import(tools, tmp_path, "date,is_off_day\n2026-05-01,True\n")
    calendar = _calendar(tools)
    assert calendar is not None
    assert calendar.holidays == (date(2026, 5, 1), date(2027, 1, 1))
    assert not calendar.extra_workdays
    assert calendar.weekly[5] == ((600, 960),)
    assert _import(tools, tmp_path, "date,is_off_day\n2026-05-01,True\n").counts["changed"] == 0


def test_bad_days_are_told(tools: Tools, tmp_path: Path) -> None:
    """A day that is none, and a word that is neither yes nor no."""
    done = _import(tools, tmp_path, FILE + "2026-13-01,x,True,o\n2026-02-01,x,perhaps,o\n", dry_run=True)
    assert [(p.line, p.column, p.code) for p in done.problems] == [
        (5, "date", "cell_not_date"),
        (6, "is_off_day", "cell_not_flag"),
    ]
    assert _calendar(tools) is None


@pytest.mark.parametrize("text", ["mon", "someday 09:00-18:00", "mon-fri 9-6", "mon-fri"])
def test_week_that_cannot_be_read_is_refused(text: str) -> None:
    """Weekly hours are read strictly."""
    with pytest.raises(InvalidInputError):
        read_week(text)


def test_published_year_needs_no_file(tools: Tools) -> None:
    """What the package chinesecalendar knows of a year: National Day off, a Sunday made up for."""
    import_calendar(tools, 2025, calendar="shop", name="", week="", place="Asia/Shanghai", mapping={})
    calendar = _calendar(tools)
    assert calendar is not None
    assert date(2025, 10, 1) in calendar.holidays
    assert date(2025, 9, 28) in calendar.extra_workdays
    with pytest.raises(InvalidInputError, match="year_unknown"):
        import_calendar(tools, 2090, calendar="shop", name="", week="", place="Asia/Shanghai", mapping={})


def test_real_calendar(tools: Tools, sample_data: Path) -> None:
    """The official days of three years: every row is understood."""
    done = import_calendar(
        tools,
        sample_data / "holidays_cn.csv",
        calendar="shop",
        name="",
        week="",
        place="Asia/Shanghai",
        mapping={},
    )
    assert (done.counts["days"], done.problems) == (127, ())
