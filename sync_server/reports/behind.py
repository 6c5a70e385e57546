"""The tickets behind a figure: what a click on a chart opens."""

from collections.abc import Callable
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, Select, func, select

from domain.entities.sla import METRICS
from domain.errors import InvalidInputError
from domain.wire.reports import AGES, MOST_TICKETS, TicketLine, TicketList, TicketMeasure
from sync_server.reports.backlog import aged, is_open, late, soon
from sync_server.reports.clocks import CLOCK, overdue_within, running_now, stopped_within
from sync_server.reports.frame import Frame
from sync_server.store import tables as t

TICKET = t.ticket.c
MEASURES: frozenset[str] = frozenset(get_args(TicketMeasure))

_COLUMNS = [
    TICKET[name]
    for name in (
        "id",
        "number",
        "provisional",
        "subject",
        "status",
        "priority",
        "org",
        "created_at",
        "resolved_at",
    )
]


def behind(conn: Connection, frame: Frame, measure: TicketMeasure, key: str = "") -> TicketList:
    """The newest tickets of a measure, of one target, age, category or unit where `key` names it."""
    which = _which(frame, measure, key)
    # Worst first where it is about time taken; else newest first.
    took = _took(frame, key) if measure == "slowest" else None
    order = took.desc() if took is not None else TICKET.created_at.desc()
    rows = select(*_COLUMNS).where(which, frame.tickets).order_by(order, TICKET.id).limit(MOST_TICKETS)
    count = conn.execute(select(func.count()).select_from(t.ticket).where(which, frame.tickets)).scalar_one()
    units = frame.viewer.tree.units
    return TicketList(
        measure=measure,
        key=key,
        count=count,
        tickets=tuple(
            TicketLine(
                id=row.id,
                number=row.number or row.provisional or "",
                subject=row.subject,
                status=row.status,
                priority=row.priority,
                unit=units[row.org].name if row.org in units else row.org,
                created_at=row.created_at,
                resolved_at=row.resolved_at,
            )
            for row in conn.execute(rows)
        ),
    )


def _which(frame: Frame, measure: str, key: str) -> ColumnElement[bool]:
    plain: dict[str, Callable[[], ColumnElement[bool]]] = {
        "created": lambda: frame.within(TICKET.created_at),
        "resolved": lambda: frame.within(TICKET.resolved_at),
        "closed": lambda: frame.within(TICKET.closed_at),
        "open": is_open,
        "soon": lambda: soon(frame),
        "late": lambda: late(frame),
    }
    if measure in plain and not key:
        return plain[measure]()
    created = frame.within(TICKET.created_at)
    if measure == "category":
        return created & (TICKET.category == key if key else TICKET.category.is_(None))
    if measure == "unit" and key:
        return created & (TICKET.org == key)
    if measure == "age" and key in dict(AGES):
        return aged(frame, key)
    if measure in ("met", "breached", "running", "slowest") and key in METRICS:
        return TICKET.id.in_(_clocks_of(frame, measure, key))
    raise InvalidInputError("report_measure", measure=measure, key=key)


def _clocks_of(frame: Frame, measure: str, metric: str) -> Select[tuple[str]]:
    """The tickets of one target's clocks with that outcome."""
    stopped = stopped_within(frame, metric)
    which = {
        "met": stopped & CLOCK.breached.is_(False),
        "breached": (stopped & CLOCK.breached.is_(True)) | overdue_within(frame),
        "running": running_now(frame),
        "slowest": stopped,
    }
    return select(CLOCK.ticket).where(CLOCK.metric == metric, which[measure])


def _took(frame: Frame, metric: str) -> ColumnElement[Any]:
    longest = select(func.max(CLOCK.elapsed_s)).where(
        CLOCK.ticket == TICKET.id, CLOCK.metric == metric, frame.within(CLOCK.stopped_at)
    )
    return longest.scalar_subquery()
