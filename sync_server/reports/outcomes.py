"""How targets were kept: met, breached, running."""

from collections import Counter

from sqlalchemy import ColumnElement, Connection, and_, func, or_

from domain.entities.sla import METRICS
from domain.wire.reports import Outcome
from sync_server.reports.clocks import clocks
from sync_server.reports.frame import Frame
from sync_server.store import tables as t

CLOCK = t.sla_clock.c


def outcomes(conn: Connection, frame: Frame, *, running: bool = True) -> tuple[Outcome, ...]:
    """Each target that was measured; `running` looks at clocks as of now, the rest at the period."""
    stopped = clocks(frame, CLOCK.metric, CLOCK.breached, func.count()).where(stopped_within(frame))
    met: Counter[str] = Counter()
    breached: Counter[str] = Counter()
    for metric, late, count in conn.execute(stopped.group_by(CLOCK.metric, CLOCK.breached)):
        (breached if late else met)[metric] += count
    breached.update(_by_metric(conn, frame, overdue_within(frame)))
    still = _by_metric(conn, frame, running_now(frame)) if running else Counter()
    return tuple(
        Outcome(metric=metric, met=met[metric], breached=breached[metric], running=still[metric])
        for metric in METRICS
        if met[metric] or breached[metric] or still[metric]
    )


def _by_metric(conn: Connection, frame: Frame, which: ColumnElement[bool]) -> Counter[str]:
    query = clocks(frame, CLOCK.metric, func.count()).where(which).group_by(CLOCK.metric)
    return Counter({metric: count for metric, count in conn.execute(query)})  # noqa: C416


def stopped_within(frame: Frame) -> ColumnElement[bool]:
    """Clocks that stopped in the period."""
    return and_(CLOCK.metric.in_(METRICS), frame.within(CLOCK.stopped_at))


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
