"""Making a ticket."""

from desktop.commands.runner import Gesture, Runner
from desktop.replica.changed import Changed
from domain.wire.commands import CreateTicket


def create_ticket(runner: Runner, content: CreateTicket, *, ticket: str | None = None) -> Changed:
    """Make a ticket from a filled form; its id is the only one in `tickets` of what comes back."""
    return runner.run([Gesture(ticket=ticket or runner.new_id(), kind="create", intent=content)])
