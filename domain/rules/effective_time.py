"""When a command counts as done (SYNC §7): the corrected device time, held within what is possible."""

from collections.abc import Iterable

from domain.entities.base import Instant
from domain.entities.ticket import Entry, Ticket
from domain.wire.commands import Command

_STEPS = frozenset({"status", "taken", "assigned", "transferred", "returned", "routed"})
_IN_ORDER = frozenset(
    {"status", "take", "assign", "transfer", "message", "route", "merge", "unmerge", "hand_back"}
)
"""Commands that move the state: it follows the order of the feed, so their times do too."""


def effective_at(
    command: Command,
    *,
    ticket: Ticket | None,
    timeline: Iterable[Entry],
    person: str | None,
    known_at: Instant,
) -> Instant:
    """The instant between the device's last contact and the receipt at which a command was made.

    Not before the ticket began, nor before the same person's earlier rows; moves of the state not before
    earlier moves. A wrong clock is never a reason to refuse.
    """
    earliest = max(0, command.clock.contact_at)
    if ticket is not None:
        earliest = max(earliest, ticket.created_at)
    ordered = command.kind in _IN_ORDER
    for entry in timeline:
        if (person is not None and entry.person == person) or (ordered and entry.kind in _STEPS):
            earliest = max(earliest, entry.at)
    return min(max(command.at + command.clock.offset_ms, earliest), known_at)
