"""How long responses and resolutions took: average, median and 90th percentile."""

from collections.abc import Iterable, Mapping

from domain.wire.reports import Duration, Spread
from sync_server.reports.clocks import Stopped

METRICS = ("first_response", "next_response", "resolution")


def durations(stopped: Mapping[str, Stopped]) -> tuple[Duration, ...]:
    """The clocks that stopped in the period, in working seconds and from start to stop on the calendar."""
    return tuple(
        Duration(
            metric=metric,
            count=len(stopped[metric].working_s),
            working=spread(stopped[metric].working_s),
            calendar=spread(stopped[metric].calendar_s),
        )
        for metric in METRICS
        if metric in stopped
    )


def spread(seconds: Iterable[int]) -> Spread:
    """Average, median (the middle two averaged) and 90th percentile (nearest rank), in whole seconds."""
    ordered = sorted(seconds)
    count = len(ordered)
    return Spread(
        average_s=round(sum(ordered) / count),
        median_s=(ordered[(count - 1) // 2] + ordered[count // 2] + 1) // 2,
        p90_s=ordered[(9 * count + 9) // 10 - 1],
    )
