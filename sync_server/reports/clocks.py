"""The rows of `sla_clock` that count: those of tickets that count."""

from typing import Any

from sqlalchemy import Select, and_, select

from sync_server.reports.frame import Frame
from sync_server.store import tables as t


def clocks(frame: Frame, *columns: Any) -> Select[Any]:
    """A select of clocks' columns, joined to tickets only where tickets have to be looked at."""
    query = select(*columns).select_from(t.sla_clock)
    if frame.all_tickets:
        return query
    return query.join(t.ticket, and_(t.ticket.c.id == t.sla_clock.c.ticket, frame.tickets))
