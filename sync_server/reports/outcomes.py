"""How targets were kept: met, breached, running."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, func

from domain.entities.sla import METRICS
from domain.wire.reports import Outcome
from sync_server.reports.clocks import CLOCK, Stopped, clocks, overdue_within, running_now
from sync_server.reports.frame import Frame


def outcomes(
    conn: Connection, frame: Frame, stopped: Mapping[str, Stopped], *, running: bool = True
) -> tuple[Outcome, ...]:
    """Each target that was measured; `running` looks at clocks as of now, the rest at the period."""
    overdue = _by_metric(conn, frame, overdue_within(frame))
    still = _by_metric(conn, frame, running_now(frame)) if running else Counter()
    found = []
    for metric in METRICS:
        done = stopped.get(metric)
        late = done.breached if done else 0
        met = len(done.working_s) - late if done else 0
        found.append(Outcome(metric=metric, met=met, breached=late + overdue[metric], running=still[metric]))
    return tuple(one for one in found if one.met or one.breached or one.running)


def _by_metric(conn: Connection, frame: Frame, which: ColumnElement[bool]) -> Counter[str]:
    query = clocks(frame, CLOCK.metric, func.count()).where(which).group_by(CLOCK.metric)
    return Counter({metric: count for metric, count in conn.execute(query)})  # noqa: C416
