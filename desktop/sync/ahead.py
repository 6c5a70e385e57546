"""Reading ahead: while pages of a range go into the replica, the next are already on their way."""

import threading
from collections import deque
from collections.abc import Callable

import msgspec
import structlog

from desktop.sync.transport import Transport
from domain.errors import GongdanError
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

AHEAD = 3
"""Pages that are fetched before they are wanted, and at most put together into one."""

log = structlog.get_logger("sync")


class _Pages:
    """The pages of a range from a request on, fetched by a thread of its own, a few before they are wanted."""

    def __init__(self, transport: Transport, request: BackfillRequest) -> None:
        self.request = request
        """What the next page answers."""
        self._transport = transport
        self._moved = threading.Condition()
        self._ready: deque[RowsAnswer | None] = deque()
        self._stopped = False
        threading.Thread(target=self._fetch, name="read-ahead", daemon=True).start()

    def stop(self) -> None:
        """Nobody wants them any more."""
        with self._moved:
            self._stopped = True
            self._moved.notify_all()

    def take(self) -> RowsAnswer | None:
        """The next page, with those after it that are here already; None where it did not come."""
        with self._moved:
            self._moved.wait_for(lambda: self._ready or self._stopped)
            answer = self._ready.popleft() if self._ready else None
            while answer is not None and self._ready and _continues(answer, self._ready[0]):
                following = self._ready.popleft()
                assert following is not None
                answer = _together(answer, following)
            self._moved.notify_all()
        if answer is not None:
            self.request = _after(self.request, answer)
        return answer

    def _fetch(self) -> None:
        request: BackfillRequest | None = self.request
        while request is not None:
            try:
                answer = self._transport.backfill(request)
            except GongdanError:
                # Asked again in the ordinary way, which knows what to do about it.
                self._add(None)
                return
            except Exception as error:
                # The exchange waits for this thread: it is never left alone.
                log.error("bug", kind=type(error).__name__, exc_info=error)
                self._add(None)
                return
            request = _after(request, answer) if _goes_on(answer) else None
            if not self._add(answer):
                return

    def _add(self, answer: RowsAnswer | None) -> bool:
        """Hand a page over once there is room; False where nobody wants it."""
        with self._moved:
            self._moved.wait_for(lambda: self._stopped or len(self._ready) < AHEAD)
            self._ready.append(answer)
            self._moved.notify_all()
            return not self._stopped


def _goes_on(answer: RowsAnswer) -> bool:
    return answer.granted and not answer.done


def _after(request: BackfillRequest, answer: RowsAnswer) -> BackfillRequest:
    """The request for the page after an answer, made under the head that it tells, as the engine will make it."""
    return msgspec.structs.replace(request, after=answer.next, seen=answer.seen or request.seen)


def _continues(answer: RowsAnswer, following: RowsAnswer | None) -> bool:
    """Whether the page that follows may go into the replica with this one: under the same scope and epoch."""
    if following is None or not (following.granted and _goes_on(answer)):
        return False
    told = (following.epoch, following.scope_version)
    return told == (answer.epoch, answer.scope_version) and following.as_of >= answer.as_of


def _together(answer: RowsAnswer, following: RowsAnswer) -> RowsAnswer:
    """Two pages as one, as old as the older of them: one transaction costs less than two."""
    return msgspec.structs.replace(following, as_of=answer.as_of, put=answer.put + following.put)


class EarlyPull(PullAnswer):
    """A page of the feed that was fetched before it was asked for.

    Its `server_time` tells nothing of this machine's clock, and since more may have moved meanwhile, it says so.
    """


class _Early:
    """The page of the feed after one that said there is more, on its way while that one is taken in."""

    def __init__(self, transport: Transport, request: PullRequest) -> None:
        self.request = request
        self._transport = transport
        self._answer: EarlyPull | None = None
        self.last = False
        self._thread = threading.Thread(target=self._fetch, name="read-ahead", daemon=True)
        self._thread.start()

    def _fetch(self) -> None:
        try:
            answer = self._transport.pull(self.request)
        except GongdanError:
            return  # asked again in the ordinary way
        self.last = not answer.more
        told = {name: getattr(answer, name) for name in answer.__struct_fields__}
        self._answer = EarlyPull(**{**told, "more": True, "digest": None})

    def wait(self) -> EarlyPull | None:
        """The page, or None where it did not come."""
        self._thread.join()
        return self._answer


class ReadAhead:
    """A transport that fetches the pages after the one just asked for, over connections of its own.

    A page that is older than the replica by the time it is wanted is thrown away by its `as_of`, as any other.
    """

    def __init__(
        self, transport: Transport, pages: Transport, *, unless: Callable[[], bool] = lambda: False
    ) -> None:
        """`unless` says that what follows will come by another way, as from a snapshot."""
        self._transport, self._source, self._unless = transport, pages, unless
        self._pages: _Pages | None = None
        self._early: _Early | None = None

    def stop(self) -> None:
        """The session ends: no page stays in memory, and no thread that would hand it over."""
        pages, self._pages, self._early = self._pages, None, None
        if pages is not None:
            pages.stop()

    def backfill(self, request: BackfillRequest) -> RowsAnswer:
        """The page asked for, from what was read ahead where that answers it; the following ones are begun."""
        pages, self._pages = self._pages, None
        if pages is not None and pages.request == request:
            answer = pages.take()
            if answer is not None:
                self._pages = pages if _goes_on(answer) else None
                return answer
        elif pages is not None:
            pages.stop()
        answer = self._source.backfill(request)
        if _goes_on(answer) and not self._unless():
            self._pages = _Pages(self._source, _after(request, answer))
        return answer

    def push(self, request: PushRequest) -> PushAnswer:
        """Send commands."""
        return self._transport.push(request)

    def pull(self, request: PullRequest) -> PullAnswer:
        """The page of the feed asked for; after one that says there is more, the next is begun."""
        early, self._early = self._early, None
        answer: PullAnswer | None = early.wait() if early is not None and early.request == request else None
        if answer is None:
            early, answer = None, self._transport.pull(request)
        last = early.last if early is not None else not answer.more or answer.scope is not None
        if not last:
            seen = answer.seen or request.seen
            following = msgspec.structs.replace(request, cursor=answer.to_cursor, seen=seen)
            self._early = _Early(self._source, following)
        return answer

    def tickets(self, request: TicketsRequest) -> RowsAnswer:
        """Ask for whole tickets."""
        return self._transport.tickets(request)

    def digest(self, request: DigestRequest) -> DigestAnswer:
        """Ask for what groups or tickets add to the digest."""
        return self._transport.digest(request)

    def recover(self, request: RecoverRequest) -> RecoverAnswer:
        """Give back what a restored server may have lost."""
        return self._transport.recover(request)

    def register(self, name: DeviceName) -> SignedIn:
        """Become another device."""
        return self._transport.register(name)
