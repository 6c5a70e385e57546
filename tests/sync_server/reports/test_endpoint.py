"""The reports over HTTP: parameters, who asks, and what is said to odd requests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.wire import codec
from domain.wire.reports import Overview, TicketList
from domain.wire.sync import Problem
from sync_server.access.tokens import Caller, Lifetimes, issue
from sync_server.api import reports
from sync_server.api.problems import HANDLERS
from sync_server.app import build
from sync_server.settings import Settings
from sync_server.store.engine import Store
from tests.sync_server.chain import Chain
from tests.sync_server.reports.rows import NOW, put_clock, put_ticket

PERIOD = "from=2026-11-01&to=2026-11-20"


class StillClock:
    """A clock that stands."""

    def now(self) -> int:
        return NOW


class Asking:
    """A client that asks as one person or another."""

    def __init__(self, client: "TestClient[Litestar]", tokens: dict[str, str]) -> None:
        self._client, self._tokens = client, tokens

    def get(self, path: str, person: str = "max") -> tuple[int, bytes]:
        """Status and body of an answer."""
        headers = {"Authorization": f"Bearer {self._tokens[person]}"} if person else {}
        answer = self._client.get(f"/v1/reports/{path}", headers=headers)
        return answer.status_code, answer.content


@pytest.fixture
def asking(store: Store, tmp_path: Path) -> Iterator[Asking]:
    """A web application on either database, with tickets of two stores."""
    chain = Chain(store)
    put_ticket(chain, "east", org="e1", created=1)
    put_ticket(chain, "west", org="w1", created=2)
    put_clock(chain, "east", "resolution", stopped_at=NOW - 1, elapsed_s=90)
    with store.write() as conn:
        lifetimes = Lifetimes(access_s=60, refresh_s=60)
        tokens = {
            person: issue(conn, Caller(person=person, device=f"d-{person}"), lifetimes, now=NOW).access_token
            for person in ("amy", "max")
        }
        conn.commit()
    settings = Settings(folder=tmp_path, database=str(store.engine.url))
    services = build(settings, store, clock=StillClock())
    app = Litestar(route_handlers=[reports.routes(services)], exception_handlers=HANDLERS)
    with TestClient(app) as client:
        yield Asking(client, tokens)


def test_overview_is_the_callers(asking: Asking) -> None:
    """Each person gets their own figures, with the question they asked."""
    status, body = asking.get(f"overview?{PERIOD}")
    head = codec.decode(body, Overview)
    amy = codec.decode(asking.get(f"overview?{PERIOD}", "amy")[1], Overview)
    assert status == 200
    assert (head.period.created, amy.period.created) == (2, 1)
    assert (head.as_of, head.asked.first.isoformat(), len(head.days)) == (NOW, "2026-11-01", 20)
    assert head.period.durations[0].working.median_s == 90


def test_parameters_narrow(asking: Asking) -> None:
    """Unit, line, category and team each narrow the figures."""
    for more, created in (
        ("unit=west", 1),
        ("line=retail", 2),
        ("line=x", 0),
        ("category=x", 0),
        ("team=x", 0),
    ):
        found = codec.decode(asking.get(f"overview?{PERIOD}&{more}")[1], Overview)
        assert found.period.created == created, more


def test_tickets_behind_a_figure(asking: Asking) -> None:
    """A figure's tickets come with number, subject and unit, and only those that the caller may see."""
    found = codec.decode(asking.get(f"tickets?{PERIOD}&measure=created")[1], TicketList)
    amy = codec.decode(asking.get(f"tickets?{PERIOD}&measure=created", "amy")[1], TicketList)
    assert (found.count, [one.id for one in found.tickets]) == (2, ["west", "east"])
    assert [(one.number, one.subject, one.unit) for one in amy.tickets] == [("east", "Till east", "e1")]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("overview", "bad_day"),
        ("overview?from=yesterday&to=2026-11-20", "bad_day"),
        ("overview?from=2026-11-20&to=2026-11-01", "report_period"),
        (f"overview?{PERIOD}&zone=Mars/Base", "unknown_zone"),
        (f"tickets?{PERIOD}&measure=secrets", "report_measure"),
        (f"tickets?{PERIOD}&measure=age&key=century", "report_measure"),
    ],
)
def test_odd_requests_get_problem_details(asking: Asking, path: str, code: str) -> None:
    """A parameter that doesn't hold is named by a code, and nothing breaks."""
    status, body = asking.get(path)
    assert (status, codec.decode(body, Problem).code) == (400, code)


def test_nobody_gets_nothing(asking: Asking) -> None:
    """Without a token there are no figures."""
    status, body = asking.get(f"overview?{PERIOD}", person="")
    assert (status, codec.decode(body, Problem).code) == (401, "token_missing")
