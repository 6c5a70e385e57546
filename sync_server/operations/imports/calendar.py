"""`import calendar`: holidays and make-up workdays of years, merged into a working-time calendar."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from domain.entities.calendars import Calendar, Period
from domain.errors import InvalidInputError
from domain.rules.calendar_text import WEEKDAYS
from domain.rules.zones import zone
from sync_server.operations.configuration.notation import read_period
from sync_server.operations.imports.columns import Columns, Outcome, RowProblem, read_rows
from sync_server.operations.imports.sheet import open_sheet
from sync_server.operations.tools import Tools
from sync_server.store.configuration_changes import Author
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.unit_of_work import UnitOfWork

SATURDAY = 5
DEFAULT_WEEK = "mon-fri 09:00-18:00"


def import_calendar(
    tools: Tools,
    source: Path | int,
    *,
    calendar: str,
    name: str,
    week: str,
    place: str,
    mapping: Mapping[str, str],
    dry_run: bool = False,
) -> Outcome:
    """Make or change a calendar from a file, or from what is published of a year.

    Days of years that the source doesn't name stay. An empty week keeps the hours.
    """
    problems: list[RowProblem] = []
    days = _published(source) if isinstance(source, int) else _read(source, mapping, problems)
    hours = read_week(week) if week else None
    zone(place)

    def work() -> Outcome:
        with tools.store.write() as conn:
            before = tools.configurations.current(conn).calendars.get(calendar)
            after = _merged(before, days, hours, calendar=calendar, name=name, place=place)
            unit_of_work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
            edits = [Edit(kind="calendar", id=calendar, entity=after)]
            author = Author(
                actor="console", cause="import", note=str(source) if isinstance(source, int) else source.name
            )
            written = write_configuration(unit_of_work, edits, author=author)
            if not dry_run:
                unit_of_work.commit()
        counts = {
            "days": len(days),
            "holidays": sum(days.values()),
            "workdays": len(days) - sum(days.values()),
            "changed": len(written),
        }
        return Outcome(counts=counts, problems=tuple(problems))

    return tools.store.retrying(work)


def _read(path: Path, mapping: Mapping[str, str], problems: list[RowProblem]) -> dict[date, bool]:
    """The days of a file: whether each is off."""
    sheet = open_sheet(path)
    columns = Columns("calendar", sheet, mapping, ("date", "off"))
    rows = read_rows(
        sheet, columns, lambda row: (columns.day(row, "date"), columns.flag(row, "off")), problems
    )
    return {day: off for _, (day, off) in rows}


def _published(year: int) -> dict[date, bool]:
    """The days off and the make-up days of a year that the package knows; refused (``year_unknown``) otherwise."""
    import chinese_calendar

    published: Any = chinese_calendar  # ships no types
    first, last = date(year, 1, 1), date(year, 12, 31)
    try:
        off = set(published.get_holidays(first, last, include_weekends=False))
        at_work = published.get_workdays(first, last)
    except NotImplementedError:
        raise InvalidInputError("year_unknown", year=year) from None
    made_up = [day for day in at_work if day.weekday() >= SATURDAY]
    return {**dict.fromkeys(sorted(off), True), **dict.fromkeys(made_up, False)}


def _merged(
    before: Calendar | None,
    days: Mapping[date, bool],
    hours: tuple[tuple[Period, ...], ...] | None,
    *,
    calendar: str,
    name: str,
    place: str,
) -> Calendar:
    weekly = hours or (before.weekly if before is not None else read_week(DEFAULT_WEEK))
    years = {day.year for day in days}
    holidays = {day for day in (before.holidays if before else ()) if day.year not in years}
    extra = {day: p for day, p in (before.extra_workdays.items() if before else ()) if day.year not in years}
    usual = next(periods for periods in weekly if periods)
    return Calendar(
        id=calendar,
        name=name or (before.name if before else calendar),
        zone=place if before is None else before.zone,
        weekly=weekly,
        holidays=tuple(sorted(holidays | {day for day, off in days.items() if off})),
        extra_workdays=dict(
            sorted({**extra, **{day: usual for day, off in days.items() if not off}}.items())
        ),
    )


def read_week(text: str) -> tuple[tuple[Period, ...], ...]:
    """Read `mon-fri 09:00-12:00 13:00-18:00; sat 10:00-16:00`."""
    days: list[list[Period]] = [[] for _ in WEEKDAYS]
    for part in text.split(";"):
        names, *periods = part.split()
        first, _, last = names.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS or not periods:
            raise InvalidInputError("week_unreadable", text=text, known=", ".join(WEEKDAYS))
        for index in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
            for period in periods:
                today, tomorrow = read_period(period)
                days[index].append(today)
                if tomorrow is not None:
                    days[(index + 1) % 7].append(tomorrow)
    return tuple(tuple(sorted(periods)) for periods in days)
