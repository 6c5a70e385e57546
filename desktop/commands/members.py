"""Who follows a ticket, and its tags."""

from collections.abc import Sequence

from desktop.commands.runner import Gesture, Runner
from desktop.replica.changed import Changed
from domain.wire.commands import ChangeMembers


def add_cc(runner: Runner, tickets: Sequence[str], *, people: Sequence[str]) -> Changed:
    """Have people follow tickets."""
    return _change(runner, tickets, "cc", ChangeMembers(add=tuple(people)))


def remove_cc(runner: Runner, tickets: Sequence[str], *, people: Sequence[str]) -> Changed:
    """Have people no longer follow tickets."""
    return _change(runner, tickets, "cc", ChangeMembers(remove=tuple(people)))


def tag(
    runner: Runner, tickets: Sequence[str], *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Changed:
    """Add and remove tags."""
    return _change(runner, tickets, "tag", ChangeMembers(add=tuple(add), remove=tuple(remove)))


def _change(runner: Runner, tickets: Sequence[str], kind: str, change: ChangeMembers) -> Changed:
    return runner.run([Gesture(ticket=ticket, kind=kind, intent=change) for ticket in tickets])
