"""Reading ahead: what was fetched early is what would have been fetched late."""

import itertools
import threading
from typing import Any, cast

import msgspec
import pytest

from desktop.sync.ahead import AHEAD, EarlyPull, ReadAhead, _pulls_together
from desktop.sync.transport import Transport
from domain.entities.ticket import Ticket
from domain.errors import UnavailableError
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    Put,
    Range,
    RowsAnswer,
)

FIRST = BackfillRequest(protocol=2, device="d", range=Range(kind="mine"), scope_version="1.1", limit=2)


class Paged:
    """A server of one range with two tickets on each page; `heads` gives the head as of each page."""

    def __init__(
        self,
        pages: int,
        *,
        heads: dict[int, int] | None = None,
        fails_at: int = -1,
        failure: Exception | None = None,
    ) -> None:
        self._pages, self._heads, self._fails_at = pages, heads or {}, fails_at
        self._failure = failure or UnavailableError("connection_lost")
        self.asked: list[BackfillRequest] = []

    def backfill(self, request: BackfillRequest) -> RowsAnswer:
        """The page after the one that is named."""
        self.asked.append(request)
        number = int(request.after or 0)
        if number == self._fails_at:
            self._fails_at = -1
            raise self._failure
        done = number + 1 == self._pages
        return RowsAnswer(
            as_of=self._heads.get(number, 7),
            epoch="e",
            scope_version="1.1",
            put=tuple(_put(f"{number}{letter}") for letter in "ab"),
            next="" if done else str(number + 1),
            done=done,
        )

    def pull(self, request: PullRequest) -> PullAnswer:
        """The page of the feed after a cursor; the last is empty."""
        at = int(request.cursor)
        following = min(at + 1, self._pages)
        more = following < self._pages
        put = (_put(str(at)),) if at < self._pages else ()
        return PullAnswer(
            from_cursor=str(at),
            to_cursor=str(following),
            head=self._pages,
            more=more,
            scope_version="1.1",
            put=put,
            server_time=5,
        )


def _put(id: str) -> Put:
    ticket = Ticket(id=id, template="t", template_version=1, org="u", line="l")
    return Put(ticket=ticket, since=0, access=1)


def _ahead(served: Paged) -> ReadAhead:
    transport = cast(Transport, served)
    return ReadAhead(transport, transport)


def _all(ahead: ReadAhead, request: BackfillRequest = FIRST) -> list[RowsAnswer]:
    """Every page as an engine asks for them."""
    answers = []
    while True:
        answer = ahead.backfill(request)
        answers.append(answer)
        if answer.done:
            return answers
        request = msgspec.structs.replace(request, after=answer.next)


@pytest.mark.parametrize("pages", [1, 2, AHEAD, 3 * AHEAD + 1])
def test_each_ticket_comes_once_and_in_order(pages: int) -> None:
    """However many pages are put together, their tickets are those of the pages, once each."""
    served = Paged(pages)
    got = [put.ticket.id for answer in _all(_ahead(served)) for put in answer.put]
    assert got == [f"{number}{letter}" for number in range(pages) for letter in "ab"]
    assert [int(request.after or 0) for request in served.asked] == list(range(pages))


def test_pages_together_are_as_old_as_the_oldest() -> None:
    """A page that is put together from several is judged by the head of its first."""
    served = Paged(4, heads={0: 7, 1: 8, 2: 9, 3: 9})
    for answer in _all(_ahead(served)):
        first = int(answer.put[0].ticket.id[0])
        assert answer.as_of == {0: 7, 1: 8, 2: 9, 3: 9}[first]


@pytest.mark.parametrize("failure", [UnavailableError("connection_lost"), ValueError("a mistake of ours")])
def test_page_that_did_not_come_is_asked_for_again(failure: Exception) -> None:
    """What failed while reading ahead is asked for in the ordinary way; nothing is passed over or waited for."""
    served = Paged(3, fails_at=1, failure=failure)
    got = [put.ticket.id for answer in _all(_ahead(served)) for put in answer.put]
    assert got == ["0a", "0b", "1a", "1b", "2a", "2b"]
    assert [int(request.after or 0) for request in served.asked] == [0, 1, 1, 2]


def test_session_that_ends_leaves_no_thread() -> None:
    """Pages that nobody will take are let go of, with the thread that holds them."""
    before = set(threading.enumerate())
    ahead = _ahead(Paged(3 * AHEAD))
    ahead.backfill(FIRST)
    (reading,) = set(threading.enumerate()) - before
    ahead.stop()
    reading.join(10)
    assert not reading.is_alive()


def test_other_request_gets_its_own_answer() -> None:
    """A range that begins anew is not answered with what was read ahead."""
    served = Paged(3)
    ahead = _ahead(served)
    ahead.backfill(FIRST)
    assert ahead.backfill(FIRST).put[0].ticket.id == "0a"


def test_feed_read_ahead_is_the_feed() -> None:
    """Pages of the feed come once and in order, and only one that was asked for just now says it is the last."""
    served = Paged(4)
    ahead = _ahead(served)
    asked = PullRequest(protocol=2, device="d", cursor="0", scope_version="1.1")
    answers: list[PullAnswer] = []
    while not answers or answers[-1].more:
        answers.append(ahead.pull(asked))
        asked = msgspec.structs.replace(asked, cursor=answers[-1].to_cursor)
    assert [put.ticket.id for answer in answers for put in answer.put] == ["0", "1", "2", "3"]
    assert [isinstance(answer, EarlyPull) for answer in answers] == [
        False,
        *[True] * (len(answers) - 2),
        False,
    ]
    assert all(one.to_cursor == two.from_cursor for one, two in itertools.pairwise(answers))


def _early(put: str, *, start: str, to: str, **more: Any) -> EarlyPull:
    return EarlyPull(
        from_cursor=start,
        to_cursor=to,
        head=9,
        more=True,
        scope_version="1.1",
        put=(_put(put),),
        server_time=5,
        **more,
    )


def test_pages_of_the_feed_that_follow_go_in_together() -> None:
    """Two pages that follow on each other are one; the one takes the replica where the other would have."""
    joined = _pulls_together(_early("a", start="0", to="1", leave=("x",)), _early("b", start="1", to="2"))
    assert joined is not None
    assert (joined.from_cursor, joined.to_cursor) == ("0", "2")
    assert [put.ticket.id for put in joined.put] == ["a", "b"]
    assert joined.leave == ("x",)


@pytest.mark.parametrize(
    "following",
    [
        _early("a", start="1", to="2"),
        _early("b", start="1", to="2", leave=("a",)),
        _early("x", start="1", to="2"),
        _early("b", start="2", to="3"),
        msgspec.structs.replace(_early("b", start="1", to="2"), scope_version="1.2"),
    ],
)
def test_pages_that_are_of_the_same_ticket_stay_apart(following: EarlyPull) -> None:
    """What comes, goes and comes again keeps its order; so does what belongs to another scope, or does not follow."""
    assert _pulls_together(_early("a", start="0", to="1", leave=("x",)), following) is None
