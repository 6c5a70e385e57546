"""Reports from a real server, over connections of their own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from desktop.sync.http import HttpTransport
from desktop.sync.reports import Reports
from desktop.sync.transport import UnreachableError
from desktop.ui.reports.period import today
from domain.wire.reports import Question
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

Make = Callable[..., Desktop]


@pytest.fixture
def question(office: Office) -> Question:
    """The days around the server's today."""
    day = today(office.services.clock.now())
    return Question(first=day - timedelta(days=6), last=day + timedelta(days=1))


def _reports(desktop: Desktop) -> tuple[Reports, HttpTransport]:
    transport = HttpTransport(desktop.address, desktop.signed_on.shelf, desktop.clock)
    return Reports(transport, desktop.replica), transport


def test_figures_and_tickets_of_a_real_server(office: Office, desktop: Make, question: Question) -> None:
    """Each person gets their own figures; what is behind them opens; offline the last ones stay."""
    amy, ben = desktop(office.address, "amy"), desktop(office.address, "ben")
    amy.settle()
    amy.create("Till 3 prints nothing")
    amy.settle()
    (reports, transport), (others, another) = _reports(amy), _reports(ben)
    assert reports.overview(question).period.created == 1
    assert others.overview(question).period.created == 0
    assert [one.subject for one in reports.tickets(question, "created").tickets] == ["Till 3 prints nothing"]
    office.shut()
    with pytest.raises(UnreachableError):
        reports.overview(question)
    kept = reports.kept(question)
    assert kept is not None
    assert kept.period.created == 1
    office.open()
    transport.close()
    another.close()


def test_an_expired_token_is_renewed_for_reports_too(
    office: Office, desktop: Make, question: Question
) -> None:
    """The shelf is shared with the exchange: one renewal serves both."""
    amy = desktop(office.address, "amy")
    reports, transport = _reports(amy)
    before = amy.signed_on.shelf.current
    office.change(update(t.token).where(t.token.c.kind == "access").values(expires_at=1))
    assert reports.overview(question).now.open == 0
    assert amy.signed_on.shelf.current != before
    assert "failed" not in amy.did()
    transport.close()
