"""How many deadlines a change of policies and calendars will move, before it is made (RULES §3)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from domain.entities.configuration import Configuration
from domain.rules.ticket_clocks import with_deadlines
from domain.wire.configuration import configuration_of
from domain.wire.sync import ConfigRow
from sync_server.operations.tools import Tools
from sync_server.store.remeasured import open_with_timelines

if TYPE_CHECKING:
    from sqlalchemy import Connection

SLICE = 500


def moving(tools: Tools, conn: "Connection", before: Configuration, rows: Iterable[ConfigRow]) -> int:
    """Open tickets whose next deadline is another by these rows than by the configuration as it was."""
    after, tree, now = configuration_of(rows), tools.trees.current(conn), tools.clock.now()
    count = 0
    for ticket, timeline in open_with_timelines(conn, SLICE):
        path = tree.path(ticket.org)
        was, _, _ = with_deadlines(ticket, timeline, before, path, now)
        becomes, _, _ = with_deadlines(ticket, timeline, after, path, now)
        count += was.due_at != becomes.due_at or was.sla_remaining_s != becomes.sla_remaining_s
    return count
