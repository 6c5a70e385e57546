"""Reading ahead: while one page of a range goes into the replica, the next is already on its way."""

import threading

import msgspec

from desktop.sync.transport import Transport
from domain.errors import GongdanError
from domain.wire.identity import DeviceName, SignedIn
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RowsAnswer,
    TicketsRequest,
)


class _Page:
    """One page that is being fetched by a thread of its own."""

    def __init__(self, transport: Transport, request: BackfillRequest) -> None:
        self.request = request
        self._transport = transport
        self._answer: RowsAnswer | None = None
        self._thread = threading.Thread(target=self._fetch, name="read-ahead", daemon=True)
        self._thread.start()

    def _fetch(self) -> None:
        try:
            self._answer = self._transport.backfill(self.request)
        except GongdanError:
            # Asked again in the ordinary way, which knows what to do about it.
            self._answer = None

    def wait(self) -> RowsAnswer | None:
        """The page, or None where it did not come."""
        self._thread.join()
        return self._answer


class ReadAhead:
    """A transport that fetches the page after the one just asked for, over connections of its own.

    A page that is older than the replica by the time it is wanted is thrown away by its `as_of`, as any other.
    """

    def __init__(self, transport: Transport, pages: Transport) -> None:
        self._transport, self._pages = transport, pages
        self._next: _Page | None = None

    def backfill(self, request: BackfillRequest) -> RowsAnswer:
        """The page asked for, from what was read ahead where it is the same; the following one is begun."""
        ahead, self._next = self._next, None
        answer = ahead.wait() if ahead is not None and ahead.request == request else None
        if answer is None:
            answer = self._pages.backfill(request)
        if answer.granted and not answer.done:
            # Made under the head that this answer tells, as the engine will make it.
            seen = answer.seen or request.seen
            self._next = _Page(self._pages, msgspec.structs.replace(request, after=answer.next, seen=seen))
        return answer

    def push(self, request: PushRequest) -> PushAnswer:
        """Send commands."""
        return self._transport.push(request)

    def pull(self, request: PullRequest) -> PullAnswer:
        """Ask for what moved."""
        return self._transport.pull(request)

    def tickets(self, request: TicketsRequest) -> RowsAnswer:
        """Ask for whole tickets."""
        return self._transport.tickets(request)

    def register(self, name: DeviceName) -> SignedIn:
        """Become another device."""
        return self._transport.register(name)
