"""What the exchange asks of the network; the engine knows no more of it (SYNC §3)."""

from typing import Protocol

from domain.errors import UnavailableError
from domain.wire.identity import DeviceName, SignedIn
from domain.wire.integrity import DigestAnswer, DigestRequest
from domain.wire.recovery import RecoverAnswer, RecoverRequest
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RowsAnswer,
    TicketsRequest,
)


class UnreachableError(UnavailableError):
    """The server was not reached: what was asked has certainly not happened."""


class Transport(Protocol):
    """Asks the server, once, and says what came of it.

    Raises RefusedError with the server's code where it said no, UnreachableError where it was not reached, and
    UnavailableError where it is in trouble or its answer did not come: then what was asked may have happened.
    """

    def push(self, request: PushRequest) -> PushAnswer:
        """Send commands."""
        ...

    def pull(self, request: PullRequest) -> PullAnswer:
        """Ask for what moved."""
        ...

    def tickets(self, request: TicketsRequest) -> RowsAnswer:
        """Ask for whole tickets."""
        ...

    def backfill(self, request: BackfillRequest) -> RowsAnswer:
        """Ask for a page of a range."""
        ...

    def digest(self, request: DigestRequest) -> DigestAnswer:
        """Ask for what groups or tickets add to the digest."""
        ...

    def recover(self, request: RecoverRequest) -> RecoverAnswer:
        """Give back what a restored server may have lost."""
        ...

    def register(self, name: DeviceName) -> SignedIn:
        """Become another device."""
        ...
