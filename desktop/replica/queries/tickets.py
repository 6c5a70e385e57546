"""Tickets: worklists, lines, the page of one."""

from desktop.replica.queries.lines import TicketLine, rows
from desktop.replica.queries.page import TicketPage, ticket
from desktop.replica.queries.worklists import (
    SORTS,
    WORKLISTS,
    Worklist,
    values_held,
    view_count,
    worklist_counts,
    worklist_groups,
    worklist_ids,
)

__all__ = [
    "SORTS",
    "WORKLISTS",
    "TicketLine",
    "TicketPage",
    "Worklist",
    "rows",
    "ticket",
    "values_held",
    "view_count",
    "worklist_counts",
    "worklist_groups",
    "worklist_ids",
]
