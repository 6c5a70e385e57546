"""The report as a whole, from one snapshot."""

from collections.abc import Sequence

from sqlalchemy import Connection

from domain.wire.reports import Day, Duration, Figures, Outcome, Overview
from sync_server.reports.backlog import backlog
from sync_server.reports.by_day import by_day
from sync_server.reports.durations import durations
from sync_server.reports.frame import Frame
from sync_server.reports.outcomes import outcomes
from sync_server.reports.shares import top_categories, top_units


def overview(conn: Connection, frame: Frame) -> Overview:
    """Every measure of the frame, and of the period before it."""
    earlier = frame.before()
    days = by_day(conn, frame)
    return Overview(
        asked=frame.question,
        as_of=frame.now,
        days=days,
        now=backlog(conn, frame),
        period=_figures(days, outcomes(conn, frame), durations(conn, frame)),
        before=_figures(
            by_day(conn, earlier), outcomes(conn, earlier, running=False), durations(conn, earlier)
        ),
        categories=top_categories(conn, frame),
        units=top_units(conn, frame),
    )


def _figures(days: Sequence[Day], kept: tuple[Outcome, ...], took: tuple[Duration, ...]) -> Figures:
    return Figures(
        created=sum(day.created for day in days),
        resolved=sum(day.resolved for day in days),
        closed=sum(day.closed for day in days),
        outcomes=kept,
        durations=took,
    )
