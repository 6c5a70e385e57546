"""Reading ahead: what was fetched early is what would have been fetched late."""

import msgspec
import pytest

from desktop.sync.ahead import AHEAD, ReadAhead
from domain.entities.ticket import Ticket
from domain.errors import UnavailableError
from domain.wire.identity import DeviceName, SignedIn
from domain.wire.integrity import DigestAnswer, DigestRequest
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    Put,
    Range,
    RowsAnswer,
    TicketsRequest,
)

FIRST = BackfillRequest(protocol=2, device="d", range=Range(kind="mine"), scope_version="1.1", limit=2)


class Paged:
    """A server of one range with two tickets on each page; `heads` gives the head as of each page."""

    def __init__(self, pages: int, *, heads: dict[int, int] | None = None, fails_at: int = -1) -> None:
        self._pages, self._heads, self._fails_at = pages, heads or {}, fails_at
        self.asked: list[BackfillRequest] = []

    def backfill(self, request: BackfillRequest) -> RowsAnswer:
        """The page after the one that is named."""
        self.asked.append(request)
        number = int(request.after or 0)
        if number == self._fails_at:
            self._fails_at = -1
            raise UnavailableError("connection_lost")
        done = number + 1 == self._pages
        return RowsAnswer(
            as_of=self._heads.get(number, 7),
            epoch="e",
            scope_version="1.1",
            put=tuple(_put(f"{number}{letter}") for letter in "ab"),
            next="" if done else str(number + 1),
            done=done,
        )

    def push(self, request: PushRequest) -> PushAnswer:
        """Nobody pushes here."""
        raise NotImplementedError

    def pull(self, request: PullRequest) -> PullAnswer:
        """Nobody pulls here."""
        raise NotImplementedError

    def tickets(self, request: TicketsRequest) -> RowsAnswer:
        """Nobody asks by id here."""
        raise NotImplementedError

    def digest(self, request: DigestRequest) -> DigestAnswer:
        """Nobody compares here."""
        raise NotImplementedError

    def register(self, name: DeviceName) -> SignedIn:
        """Nobody registers here."""
        raise NotImplementedError


def _put(id: str) -> Put:
    ticket = Ticket(id=id, template="t", template_version=1, org="u", line="l")
    return Put(ticket=ticket, since=0, access=1)


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
    got = [put.ticket.id for answer in _all(ReadAhead(served, served)) for put in answer.put]
    assert got == [f"{number}{letter}" for number in range(pages) for letter in "ab"]
    assert [int(request.after or 0) for request in served.asked] == list(range(pages))


def test_pages_together_are_as_old_as_the_oldest() -> None:
    """A page that is put together from several is judged by the head of its first."""
    served = Paged(4, heads={0: 7, 1: 8, 2: 9, 3: 9})
    for answer in _all(ReadAhead(served, served)):
        first = int(answer.put[0].ticket.id[0])
        assert answer.as_of == {0: 7, 1: 8, 2: 9, 3: 9}[first]


def test_page_that_did_not_come_is_asked_for_again() -> None:
    """What failed while reading ahead is asked for in the ordinary way, and nothing is passed over."""
    served = Paged(3, fails_at=1)
    got = [put.ticket.id for answer in _all(ReadAhead(served, served)) for put in answer.put]
    assert got == ["0a", "0b", "1a", "1b", "2a", "2b"]
    assert [int(request.after or 0) for request in served.asked] == [0, 1, 1, 2]


def test_other_request_gets_its_own_answer() -> None:
    """A range that begins anew is not answered with what was read ahead."""
    served = Paged(3)
    ahead = ReadAhead(served, served)
    ahead.backfill(FIRST)
    assert ahead.backfill(FIRST).put[0].ticket.id == "0a"
