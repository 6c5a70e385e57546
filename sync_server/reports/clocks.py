"""The clocks that count: those of tickets that count, by what became of them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, case, cast, func, or_, select

from domain.entities.sla import METRICS
from sync_server.reports.frame import Frame
from sync_server.store import tables as t

CLOCK = t.sla_clock.c


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """The clocks of one target that stopped in a period: how many were late, and the seconds they took."""

    breached: int
    working_s: tuple[int, ...]
    calendar_s: tuple[int, ...]


def clocks(frame: Frame, *columns: Any) -> Select[Any]:
    """A select of clocks' columns, joined to tickets only where tickets have to be looked at."""
    query = select(*columns).select_from(t.sla_clock)
    if frame.all_tickets:
        return query
    return query.join(t.ticket, and_(t.ticket.c.id == CLOCK.ticket, frame.tickets))


def stopped(conn: Connection, frame: Frame) -> dict[str, Stopped]:
    """Those that stopped in the period, by metric; read once for all measures of them."""
    late = func.sum(case((CLOCK.breached, 1), else_=0))
    calendar_s = (CLOCK.stopped_at - CLOCK.started_at) // 1000
    query = clocks(frame, late, _listed(CLOCK.elapsed_s), _listed(calendar_s))
    found: dict[str, Stopped] = {}
    for metric in METRICS:
        breached, working, calendar = conn.execute(query.where(stopped_within(frame, metric))).one()
        if working:
            found[metric] = Stopped(
                breached=breached,
                working_s=tuple(map(int, working.split(","))),
                calendar_s=tuple(map(int, calendar.split(","))),
            )
    return found


def _listed(column: ColumnElement[int]) -> ColumnElement[str]:
    """All values in one text: for tens of thousands of them far cheaper than as many rows."""
    return func.aggregate_strings(cast(column, Text), ",")


def stopped_within(frame: Frame, metric: str) -> ColumnElement[bool]:
    """Clocks of one target that stopped in the period."""
    return and_(CLOCK.metric == metric, frame.within(CLOCK.stopped_at))


def overdue_within(frame: Frame) -> ColumnElement[bool]:
    """Clocks that fell due in the period and have not stopped."""
    return and_(_open(), frame.within(CLOCK.due_at), CLOCK.due_at < frame.now)


def running_now(frame: Frame) -> ColumnElement[bool]:
    """Clocks that run or pause, and are not late."""
    return and_(
        _open(),
        CLOCK.started_at.is_not(None),
        CLOCK.breached.is_(False),
        or_(CLOCK.due_at.is_(None), CLOCK.due_at >= frame.now),
    )


def _open() -> ColumnElement[bool]:
    # Naming the metrics lets the index on (metric, stopped_at) serve.
    return and_(CLOCK.metric.in_(METRICS), CLOCK.stopped_at.is_(None), CLOCK.state.in_(("running", "paused")))
