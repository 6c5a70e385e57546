"""Lines of the replica as rows of the table: names, marks and moments in words."""

from desktop.replica.queries.tickets import TicketLine
from desktop.ui.countdown import SOON_S, Countdown
from desktop.ui.text import tr
from desktop.ui.times import day, local, moment
from desktop.ui.widgets.ticket_row import Column, Mark, TicketRow
from domain.entities.base import Instant

PAUSED = frozenset({"pending", "on_hold"})
DONE = frozenset({"resolved", "closed"})

# Cells that flash when somebody else changes what they show.
_COMPARED = {
    Column.NUMBER: ("number",),
    Column.SUBJECT: ("subject",),
    Column.CUSTOMER: ("customer",),
    Column.STORE: ("store",),
    Column.STATUS: ("status",),
    Column.PRIORITY: ("priority",),
    Column.HANDLER: ("assignee",),
    Column.SLA: ("sla_state", "due_at"),
}


def row_of(line: TicketLine, *, me: str, now_at: Instant) -> TicketRow:
    """A line as the table shows it to this person now."""
    unassigned = line.assignee is None
    handler = tr("ticket.me") if line.assignee == me else line.handler
    return TicketRow(
        id=line.id,
        number=shown_number(line.number),
        provisional=line.provisional,
        subject=line.subject,
        customer=line.customer,
        store=line.store,
        status=line.status,
        priority=line.priority,
        handler=tr("ticket.nobody") if unassigned and line.status not in DONE else handler,
        unassigned=unassigned,
        countdown=countdown(line),
        updated=short_moment(line.updated_at, now_at),
        mark=Mark(line.mark) if line.mark else None,
        unread=line.unread,
        muted=line.status in DONE or line.status in PAUSED,
    )


def shown_number(number: str) -> str:
    """A provisional number without its first word, which the table shows as a chip."""
    head, dash, rest = number.partition("-")
    return rest if dash and not head.isascii() else number


def countdown(line: TicketLine) -> Countdown | None:
    """The clock due next; None where nothing is measured."""
    if line.sla_state == "met" or (line.sla_state and line.status in DONE):
        return Countdown(met=True)
    if line.sla_state == "paused":
        return Countdown(frozen_s=max(0, line.sla_remaining_s or 0))
    if line.due_at is None:
        return None
    soon_s = SOON_S if line.soon_at is None else max(0, (line.due_at - line.soon_at) // 1000)
    return Countdown(due_at=line.due_at, soon_s=soon_s)


def short_moment(at: Instant, now_at: Instant) -> str:
    """14:32 today, else the day alone: 昨天, 周四, 11-20."""
    days = (local(at).date() - local(now_at).date()).days
    if days == 0:
        return f"{local(at):%H:%M}"
    if abs(days) < 7:
        return moment(at, now_at).rsplit(" ", 1)[0]
    return day(at, now_at)


def moved_cells(before: TicketLine, after: TicketLine) -> frozenset[Column]:
    """The cells that show something else now."""
    return frozenset(
        column
        for column, names in _COMPARED.items()
        if any(getattr(before, name) != getattr(after, name) for name in names)
    )
