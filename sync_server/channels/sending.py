"""What every way out of the house has in common: a letter to send, and how sending can fail."""

from collections.abc import Mapping
from typing import Protocol

from domain.entities.base import Entity, Instant


class Letter(Entity):
    """One message as it goes out; `id` is the same each time it is tried, and names it to the channel."""

    id: str
    to: str = ""
    subject: str = ""
    body: str = ""
    code: str = ""  # of a text that the provider has approved
    params: tuple[tuple[str, str], ...] = ()  # its blanks, in order
    ticket: str = ""  # mails of one ticket stand in one thread
    number: str = ""
    at: Instant = 0


class SendError(Exception):
    """Not sent, or nobody knows; `code` is stable and holds no text of anybody."""

    def __init__(
        self, code: str, *, permanent: bool = False, away: bool = False, after_s: int | None = None
    ) -> None:
        """`permanent`: no use trying again; `away`: the channel itself is, for everybody; `after_s`: not before."""
        self.code, self.permanent, self.away, self.after_s = code, permanent, away, after_s
        super().__init__(code)


class Sender(Protocol):
    """Sends letters over one channel."""

    def send(self, letter: Letter) -> None:
        """Hand a letter over; raise SendError where that didn't work."""
        ...


class Secrets(Protocol):
    """Gives a channel's secrets by name."""

    def of(self, channel: str) -> Mapping[str, str]:
        """The secrets of a channel."""
        ...
