"""Keeping clocks and due steps of changed tickets, as caches for reports and the sweep."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, select

from domain.entities.sla import Clock, DueStep
from sync_server.store import tables as t
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.upsert import insert_new, upsert


def write_clocks(
    work: UnitOfWork, clocks: dict[str, Iterable[Clock]], steps: dict[str, Iterable[DueStep]]
) -> None:
    """Replace the clocks of tickets, and their steps that have not fired; what has fired stays fired."""
    if not clocks:
        return
    ids = [{"v_ticket": id} for id in clocks]
    known = set(
        work.conn.execute(select(t.sla_clock.c.ticket).where(t.sla_clock.c.ticket.in_(clocks))).scalars()
    )
    if known:
        work.conn.execute(delete(t.sla_clock).where(t.sla_clock.c.ticket.in_(known)))
        unfired = t.sla_step.c.fired_at.is_(None)
        work.conn.execute(
            delete(t.sla_step).where(t.sla_step.c.ticket == bindparam("v_ticket"), unfired), ids
        )
    work.later(
        upsert(work.conn, t.sla_clock), [_clock(id, one) for id, many in clocks.items() for one in many]
    )
    work.later(
        insert_new(work.conn, t.sla_step), [_step(id, one) for id, many in steps.items() for one in many]
    )


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
        "step": str(step.step),
        "due_at": step.at,
        "fired_at": None,
    }
