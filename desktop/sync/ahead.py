"""Reading ahead: while pages of a range go into the replica, the next are already on their way."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, Self, TypeVar

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

Q = TypeVar("Q")
A = TypeVar("A")

AHEAD = 3
"""Pages that are fetched before they are wanted, and at most put together into one."""

FIRST_PULL = 300
"""Tickets of a first page of the feed: it goes in while the server makes the next, which are full."""

log = structlog.get_logger("sync")


class _Stream(Generic[Q, A]):
    """The answers from a request on, fetched by a thread of its own, a few before they are wanted."""

    def __init__(
        self,
        request: Q,
        ask: Callable[[Q], tuple[A, Q | None]],
        join: Callable[[A, A], A | None],
    ) -> None:
        """`ask` also makes the request that follows, if any does; `join` puts two answers together where it may."""
        self.request: Q | None = request
        """What the next answer is to."""
        self._ask, self._join = ask, join
        self._moved = threading.Condition()
        self._ready: deque[tuple[A, Q | None] | None] = deque()
        self._stopped = False
        threading.Thread(target=self._fetch, args=(request,), name="read-ahead", daemon=True).start()

    def stop(self) -> None:
        """Nobody wants them any more."""
        with self._moved:
            self._stopped = True
            self._moved.notify_all()

    def going(self) -> Self | None:
        """Itself, unless the last answer was taken."""
        return self if self.request is not None else None

    def take(self) -> A | None:
        """The next answer, with those after it that are here already; None where it did not come."""
        with self._moved:
            self._moved.wait_for(lambda: self._ready or self._stopped)
            first = self._ready.popleft() if self._ready else None
            if first is None:
                self._moved.notify_all()
                return None
            answer, self.request = first
            while self._ready and (following := self._ready[0]) is not None:
                joined = self._join(answer, following[0])
                if joined is None:
                    break
                self._ready.popleft()
                answer, self.request = joined, following[1]
            self._moved.notify_all()
        return answer

    def _fetch(self, first: Q) -> None:
        request: Q | None = first
        while request is not None:
            try:
                answer, request = self._ask(request)
            except GongdanError:
                # Asked again in the ordinary way, which knows what to do about it.
                self._add(None)
                return
            except Exception as error:
                # The exchange waits for this thread: it is never left alone.
                log.error("bug", kind=type(error).__name__, exc_info=error)
                self._add(None)
                return
            if not self._add((answer, request)):
                return

    def _add(self, answer: tuple[A, Q | None] | None) -> bool:
        """Hand an answer over once there is room; False where nobody wants it."""
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


def _joined(answer: RowsAnswer, following: RowsAnswer) -> RowsAnswer | None:
    return _together(answer, following) if _continues(answer, following) else None


def _continues(answer: RowsAnswer, following: RowsAnswer) -> bool:
    """Whether the page that follows may go into the replica with this one: under the same scope and epoch."""
    if not (following.granted and _goes_on(answer)):
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


def _early(answer: PullAnswer) -> EarlyPull:
    told = {name: getattr(answer, name) for name in answer.__struct_fields__}
    return EarlyPull(**{**told, "more": True, "digest": None})


def _pull_after(request: PullRequest, answer: PullAnswer) -> PullRequest | None:
    """The request for the page of the feed after an answer, as the engine will make it; None after the last."""
    if not answer.more or answer.scope is not None:
        return None
    return msgspec.structs.replace(request, cursor=answer.to_cursor, seen=answer.seen or request.seen)


def _pulls_together(answer: EarlyPull, following: EarlyPull) -> EarlyPull | None:
    """Two pages of the feed as one; not where the second tells another scope, or of a ticket that is in the first."""
    told = answer.scope, following.scope, following.from_cursor, following.scope_version
    if told != (None, None, answer.to_cursor, answer.scope_version):
        return None
    named = {put.ticket.id for put in answer.put}.union(answer.leave)
    if not named.isdisjoint(following.leave) or not named.isdisjoint(put.ticket.id for put in following.put):
        return None
    return msgspec.structs.replace(
        following,
        from_cursor=answer.from_cursor,
        put=answer.put + following.put,
        leave=answer.leave + following.leave,
        config=answer.config + following.config,
        notices=answer.notices + following.notices,
    )


class ReadAhead:
    """A transport that fetches the pages after the one just asked for, over connections of its own.

    A page that is older than the replica by the time it is wanted is thrown away by its `as_of`, as any other.
    """

    def __init__(
        self, transport: Transport, pages: Transport, *, unless: Callable[[], bool] = lambda: False
    ) -> None:
        """`unless` says that what follows will come by another way, as from a snapshot."""
        self._transport, self._source, self._unless = transport, pages, unless
        self._pages: _Stream[BackfillRequest, RowsAnswer] | None = None
        self._pulls: _Stream[PullRequest, EarlyPull] | None = None

    def stop(self) -> None:
        """The session ends: no page stays in memory, and no thread that would hand it over."""
        pages, pulls, self._pages, self._pulls = self._pages, self._pulls, None, None
        for stream in (pages, pulls):
            if stream is not None:
                stream.stop()

    def backfill(self, request: BackfillRequest) -> RowsAnswer:
        """The page asked for, from what was read ahead where that answers it; the following ones are begun."""
        pages, self._pages = self._pages, None
        if pages is not None and pages.request == request:
            answer = pages.take()
            if answer is not None:
                self._pages = pages.going()
                return answer
        elif pages is not None:
            pages.stop()
        answer, following = self._page(request)
        if following is not None and not self._unless():
            self._pages = _Stream(following, self._page, _joined)
        return answer

    def _page(self, request: BackfillRequest) -> tuple[RowsAnswer, BackfillRequest | None]:
        answer = self._source.backfill(request)
        return answer, _after(request, answer) if _goes_on(answer) else None

    def push(self, request: PushRequest) -> PushAnswer:
        """Send commands."""
        return self._transport.push(request)

    def pull(self, request: PullRequest) -> PullAnswer:
        """The page of the feed asked for; after one that says there is more, the next are begun."""
        pulls, self._pulls = self._pulls, None
        if pulls is not None and pulls.request == request:
            early = pulls.take()
            if early is not None:
                self._pulls = pulls.going()
                return early
        elif pulls is not None:
            pulls.stop()
        short = msgspec.structs.replace(request, limit=min(request.limit, FIRST_PULL))
        answer = self._transport.pull(short)
        following = _pull_after(request, answer)
        if following is not None:
            self._pulls = _Stream(following, self._pull, _pulls_together)
        return answer

    def _pull(self, request: PullRequest) -> tuple[EarlyPull, PullRequest | None]:
        answer = self._source.pull(request)
        return _early(answer), _pull_after(request, answer)

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
