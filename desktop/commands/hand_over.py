"""Who holds a ticket: take, assign, transfer."""

from collections.abc import Sequence

from desktop.commands.runner import Gesture, Runner
from desktop.replica.changed import Changed
from domain.wire.commands import AssignTicket, TakeTicket, TransferTicket


def take(runner: Runner, tickets: Sequence[str]) -> Changed:
    """Make tickets one's own."""
    return runner.run([Gesture(ticket=ticket, kind="take", intent=TakeTicket()) for ticket in tickets])


def assign(
    runner: Runner,
    tickets: Sequence[str],
    *,
    assignee: str | None = None,
    team: str | None = None,
    note: str = "",
) -> Changed:
    """Hand tickets to a person, or back to a team's queue; refused if any may not be handed over."""
    intent = AssignTicket(assignee=assignee, team=team, note=note)
    return runner.run([Gesture(ticket=ticket, kind="assign", intent=intent) for ticket in tickets])


def transfer(runner: Runner, tickets: Sequence[str], *, to: TransferTicket) -> Changed:
    """Pass tickets to another unit, line, team or person; across departments with a note."""
    return runner.run([Gesture(ticket=ticket, kind="transfer", intent=to) for ticket in tickets])
