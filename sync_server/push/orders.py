"""What is asked of one transaction: the commands of one sender, and what may not be taken together with them."""

from collections.abc import Mapping, Sequence

from domain.entities.base import Entity
from domain.errors import InvalidInputError
from domain.wire.commands import Command
from domain.wire.protocol import MAX_BATCH_COMMANDS
from domain.wire.sync import PushRequest, Verdict
from sync_server.push.judging import Wants
from sync_server.push.sender import Sender
from sync_server.store.feed_writer import Head

LONGEST_ID = 64


NO_NUMBERS: Mapping[str, str] = {}


class Order(Entity):
    """Commands of a sender, with the request they came in, if any."""

    sender: Sender
    commands: tuple[Command, ...]
    request: PushRequest | None = None
    failed: str = ""  # the code under which the commands are rejected unread
    numbers: Mapping[str, str] = NO_NUMBERS  # official ones that tickets had before they were lost
    quiet: bool = False
    there: bool = False  # their effect is here: it came with a ticket that a desktop gave back

    @property
    def withdraw(self) -> tuple[str, ...]:
        """The commands that the sender sets aside."""
        return self.request.withdraw if self.request else ()

    def asked(self) -> list[str]:
        """The commands that get a verdict."""
        return [*(command.id for command in self.commands), *self.withdraw]

    def ids(self) -> list[str]:
        """The commands that get a verdict, and those that they depend on."""
        return [*self.asked(), *(id for command in self.commands for id in command.depends_on)]

    def touches(self) -> set[str]:
        """Its device, commands and tickets: orders that share one of them are taken one after the other."""
        return {self.sender.device, *self.ids(), *Wants().tickets(self.commands)}


class Outcome(Entity):
    """What became of an order: its verdicts, and the head of the feed after them."""

    verdicts: Sequence[Verdict]
    head: Head


def check_shape(request: PushRequest) -> None:
    """Refuse more than a batch holds (``batch_too_large``), and what no client makes and no row holds
    (``bad_message``).
    """
    if len(request.commands) + len(request.withdraw) > MAX_BATCH_COMMANDS:
        raise InvalidInputError("batch_too_large", limit=MAX_BATCH_COMMANDS, count=len(request.commands))
    ids = [*request.withdraw]
    for command in request.commands:
        ids += (command.id, command.ticket_id, *command.depends_on)
    if not all(0 < len(id) <= LONGEST_ID and id.isascii() and id.isprintable() for id in ids):
        raise InvalidInputError("bad_message", reason="id")
    if not 0 <= request.push_no < 1 << 53:
        raise InvalidInputError("bad_message", reason="push_no")
