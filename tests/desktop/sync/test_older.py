"""Tickets closed long ago leave the desktop, are found on the server, and come back to be read."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from desktop.replica import integrity
from desktop.sync.older import Older
from desktop.sync.upkeep import DAY_MS
from domain.errors import RefusedError, UnavailableError
from domain.wire.commands import Command, Reply, payload
from sync_server.jobs.upkeep import Spans, Upkeep
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop, ShiftedClock
from tests.desktop.sync.office import Office
from tests.desktop.sync.test_integrity import _create, _ids

Make = Callable[..., Desktop]


@pytest.fixture
def amy(office: Office, desktop: Make) -> Desktop:
    """Amy's desktop with ten tickets, three of them closed a hundred days ago."""
    office.do("max", *(_create(number) for number in range(10)))
    made = desktop(office.address, "amy")
    made.settle()
    long_ago = office.services.clock.now() - 100 * DAY_MS
    old = update(t.ticket).where(t.ticket.c.id.in_(_ids(3)))
    office.change(
        old.values(status="closed", closed_at=long_ago, mark=t.ticket.c.mark + 1, rev=t.ticket.c.rev + 1)
    )
    made.engine.verify()
    made.settle()
    return made


def _skip_a_day(desktop: Desktop) -> None:
    assert isinstance(desktop.clock, ShiftedClock)
    desktop.clock.skipped_ms += DAY_MS + 1
    desktop.engine.try_now()


def _advance(office: Office) -> int:
    services = office.services
    return Upkeep(services.store, clock=services.clock, nonces=services.ids, spans=Spans()).advance()


def test_old_tickets_leave_are_found_and_come_back(office: Office, amy: Desktop) -> None:
    """The server's job moves `keep_since`; the desktop lets go; search, fetch, read; the next run lets go again."""
    assert len(amy.subjects()) == 10
    assert _advance(office) == 1
    amy.settle()
    _skip_a_day(amy)
    assert "forgot" in amy.did()
    assert len(amy.subjects()) == 7
    older = Older(amy.signed_on.transport, amy.replica)
    assert older.any_left_out()
    assert [one.subject for one in older.find("till")] == ["Till 2", "Till 1", "Till 0"]
    assert older.find("till soup") == ()
    older.want(_ids(3)[2])
    amy.settle()
    assert "Till 2" in amy.subjects()
    assert amy.entries(_ids(3)[2])
    amy.engine.verify()
    amy.settle()
    with amy.replica.read() as conn:
        found = integrity.last(conn)
    assert (found.well, found.repaired) == (True, 0)
    _skip_a_day(amy)
    amy.settle()
    assert len(amy.subjects()) == 7


def test_what_is_reopened_comes_by_the_feed(office: Office, amy: Desktop) -> None:
    """An old ticket that moves again is there again, whole, and stays."""
    _advance(office)
    amy.settle()
    _skip_a_day(amy)
    amy.settle()
    assert "Till 0" not in amy.subjects()
    reopened = update(t.ticket).where(t.ticket.c.id == _ids(1)[0])
    office.change(reopened.values(status="open", closed_at=None))
    office.do("max", _reply(_ids(1)[0]))
    amy.settle()
    _skip_a_day(amy)
    amy.settle()
    assert "Till 0" in amy.subjects()
    assert "opened again" in [entry.body for entry in amy.entries(_ids(1)[0])]


def _reply(ticket: str) -> Command:
    intent = Reply(body="opened again")
    return Command(id="e" * 32, ticket_id=ticket, kind="reply", set=payload(intent), at=1)


def test_a_new_desktop_fills_only_what_is_kept(office: Office, amy: Desktop, desktop: Make) -> None:
    """The first sync leaves out what nobody keeps, and its digest fits."""
    _advance(office)
    eva = desktop(office.address, "eva")
    eva.settle()
    eva.settle()
    assert len(eva.subjects()) == 7
    with eva.replica.read() as conn:
        assert integrity.current(conn) is None
        assert (integrity.last(conn).well, integrity.last(conn).repaired) == (True, 0)


def test_without_a_server_it_says_so(office: Office, amy: Desktop) -> None:
    """Offline the search fails with a code; an empty one is refused."""
    older = Older(amy.signed_on.transport, amy.replica)
    assert not older.any_left_out()
    with pytest.raises(RefusedError, match="search_words"):
        older.find("   ")
    office.shut()
    with pytest.raises(UnavailableError):
        older.find("till")
