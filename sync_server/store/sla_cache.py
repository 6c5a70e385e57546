"""Keeping clocks and due steps of changed tickets, as caches for reports and the sweep."""

from collections.abc import Iterable
from typing import Any

from domain.entities.sla import Clock, DueStep
from sync_server.store import tables as t
from sync_server.store.direct import Sql, WriteRows
from sync_server.store.unit_of_work import UnitOfWork

_CLOCKS = WriteRows(t.sla_clock, conflict="replaced")
_STEPS = WriteRows(t.sla_step, conflict="kept")
_NO_CLOCKS = Sql("DELETE FROM sla_clock WHERE ticket IN ?")
_NO_STEPS = Sql("DELETE FROM sla_step WHERE ticket IN ? AND fired_at IS NULL")


def write_clocks(
    work: UnitOfWork, clocks: dict[str, Iterable[Clock]], steps: dict[str, Iterable[DueStep]]
) -> None:
    """Replace the clocks of tickets, and their steps that have not fired; what has fired stays fired."""
    if not clocks:
        return
    known = [id for id in clocks if work.before(id) is not None]
    if known:
        work.first(_NO_CLOCKS, known)
        work.first(_NO_STEPS, known)
    work.later(_CLOCKS, [_clock(id, one) for id, many in clocks.items() for one in many])
    work.later(_STEPS, [_step(id, one) for id, many in steps.items() for one in many])


def _clock(ticket: str, clock: Clock) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "metric": clock.metric,
        "cycle": clock.cycle,
        "state": clock.state,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "stopped_at": clock.stopped_at,
        "elapsed_s": clock.elapsed_s,
        "breached": clock.breached,
    }


def _step(ticket: str, step: DueStep) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "metric": step.metric,
        "cycle": step.cycle,
        "step": step.step,
        "due_at": step.at,
        "fired_at": None,
    }
