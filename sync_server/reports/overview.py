"""The report as a whole, from one snapshot."""

from collections.abc import Sequence

from sqlalchemy import Connection

from domain.wire.reports import Day, Figures, Overview
from sync_server.reports.backlog import backlog
from sync_server.reports.by_day import by_day
from sync_server.reports.clocks import stopped
from sync_server.reports.durations import durations
from sync_server.reports.frame import Frame
from sync_server.reports.outcomes import outcomes
from sync_server.reports.shares import top_categories, top_units


def overview(conn: Connection, frame: Frame) -> Overview:
    """Every measure of the frame, and of the period before it."""
    days = by_day(conn, frame)
    return Overview(
        asked=frame.question,
        as_of=frame.now,
        days=days,
        now=backlog(conn, frame),
        period=_figures(conn, frame, days),
        before=_figures(conn, frame.before()),
        categories=top_categories(conn, frame),
        units=top_units(conn, frame),
    )


def _figures(conn: Connection, frame: Frame, days: Sequence[Day] | None = None) -> Figures:
    """The sums of a frame; of the period asked for where its days are given, else of the one before."""
    present = days is not None
    days = by_day(conn, frame) if days is None else days
    done = stopped(conn, frame)
    return Figures(
        created=sum(day.created for day in days),
        resolved=sum(day.resolved for day in days),
        closed=sum(day.closed for day in days),
        outcomes=outcomes(conn, frame, done, running=present),
        durations=durations(done),
    )
