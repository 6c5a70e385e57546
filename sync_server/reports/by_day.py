"""Created, resolved and closed tickets by local day."""

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from domain.wire.reports import Day
from sync_server.reports.frame import Frame
from sync_server.store import tables as t

DAY_MS = 86_400_000
EPOCH = date(1970, 1, 1)


def by_day(conn: Connection, frame: Frame) -> tuple[Day, ...]:
    """One row for each day of the period, those without anything too."""
    created = _counted(conn, frame, t.ticket.c.created_at)
    resolved = _counted(conn, frame, t.ticket.c.resolved_at)
    closed = _counted(conn, frame, t.ticket.c.closed_at)
    days = (frame.question.first + timedelta(days=n) for n in range(frame.days))
    return tuple(
        Day(day=day, created=created[day], resolved=resolved[day], closed=closed[day]) for day in days
    )


def _counted(conn: Connection, frame: Frame, column: ColumnElement[int]) -> Counter[date]:
    """How often an instant lies on each local day."""
    found: Counter[date] = Counter()
    for part in frame.stretches():
        number = ((column + part.offset) // DAY_MS).label("number")
        query = select(number, func.count()).where(column >= part.from_at, column < part.to_at, frame.tickets)
        for days, count in conn.execute(query.group_by(number)):
            # On a day on which clocks are put back its first hour would count for the day before.
            found[max(part.day, EPOCH + timedelta(days=int(days)))] += count
    return found
