"""How long responses and resolutions took: average, median and 90th percentile."""

from collections import defaultdict

from sqlalchemy import Connection

from domain.wire.reports import Duration, Spread
from sync_server.reports.clocks import clocks
from sync_server.reports.frame import Frame
from sync_server.store import tables as t

CLOCK = t.sla_clock.c
METRICS = ("first_response", "next_response", "resolution")


def durations(conn: Connection, frame: Frame) -> tuple[Duration, ...]:
    """The clocks that stopped in the period, in working seconds and from start to stop on the calendar."""
    calendar_ms = CLOCK.stopped_at - CLOCK.started_at
    query = clocks(frame, CLOCK.metric, CLOCK.elapsed_s, calendar_ms)
    query = query.where(CLOCK.metric.in_(METRICS), frame.within(CLOCK.stopped_at))
    working: dict[str, list[int]] = defaultdict(list)
    calendar: dict[str, list[int]] = defaultdict(list)
    # The driver's own rows: there may be as many as tickets in the period.
    for metric, elapsed_s, ms in conn.execute(query).all():
        working[metric].append(elapsed_s)
        calendar[metric].append(ms // 1000)
    return tuple(
        Duration(
            metric=metric,
            count=len(working[metric]),
            working=spread(working[metric]),
            calendar=spread(calendar[metric]),
        )
        for metric in METRICS
        if working[metric]
    )


def spread(seconds: list[int]) -> Spread:
    """Average, median (the middle two averaged) and 90th percentile (nearest rank), in whole seconds."""
    ordered = sorted(seconds)
    count = len(ordered)
    return Spread(
        average_s=round(sum(ordered) / count),
        median_s=(ordered[(count - 1) // 2] + ordered[count // 2] + 1) // 2,
        p90_s=ordered[(9 * count + 9) // 10 - 1],
    )
