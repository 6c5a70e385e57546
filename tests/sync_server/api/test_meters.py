"""What the server counts of itself, and what it logs: ids and numbers, nobody's text."""

import urllib.request
from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import LogCapture

from sync_server.api.meters import route_of
from sync_server.store.standing import standing
from tests.processes import free_port
from tests.sync_server.api.house import House

WORDS = "Strawberries of Mrs Chen"


@pytest.fixture
def logged() -> Iterator[LogCapture]:
    """All that is logged, with what is bound to its context."""
    kept = LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, kept])
    yield kept
    structlog.reset_defaults()


def _read(house: House) -> dict[str, float]:
    """The metrics as an operator's Prometheus reads them, by name with labels."""
    port = free_port()
    stop = house.services.meters.serve(host="127.0.0.1", port=port)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
            lines = answer.read().decode().splitlines()
    finally:
        stop()
    told = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in told}


def test_metrics_tell_of_requests_verdicts_gates_and_the_store(house: House) -> None:
    """Requests by route and status, verdicts by kind, what the gates let in, and the feed as it stands."""
    session = house.sign_in("amy")
    create = house.chain.create("e1", subject=WORDS)
    house.push(session, create)
    house.push(session, create)
    house.pull(session)
    house.get("/sync/nowhere/x1")
    found = _read(house)
    assert found['gongdan_requests_total{route="/v1/sync/push",status="200"}'] >= 2
    assert found['gongdan_requests_total{route="/v1/sync/…",status="404"}'] == 1
    assert found['gongdan_request_seconds_count{route="/v1/sync/pull"}'] == 1
    assert found['gongdan_verdicts_total{code="",kind="create",status="applied"}'] == 1
    assert found['gongdan_gate_admitted{kind="pull"}'] == 1
    assert found['gongdan_gate_refused{kind="pull"}'] == 0
    assert found["gongdan_database_up"] == 1
    assert found["gongdan_feed_head"] >= 1
    assert found["gongdan_connected_devices"] == 0
    assert found["gongdan_recovery_open"] == 0


def test_metrics_hold_no_customers_words(house: House) -> None:
    """Neither a ticket's text nor made-up kinds and addresses become names or labels."""
    session = house.sign_in("amy")
    house.push(session, house.chain.create("e1", subject=WORDS))
    odd = house.chain.create("e1")
    house.push(session, type(odd)(id=odd.id, ticket_id=odd.ticket_id, kind=WORDS, set=odd.set), push_no=2)
    house.get(f"/{WORDS.replace(' ', '-')}")
    names = " ".join(_read(house))
    assert "Chen" not in names
    assert 'kind="other"' in names
    assert 'route="other"' in names


def test_metrics_tell_when_the_database_is_away(house: House) -> None:
    """The scrape is answered all the same, with what the process itself knows."""
    meters = house.services.meters
    look = next(one for one in meters.registry._collector_to_names if hasattr(one, "_standing"))

    def away() -> dict[str, float]:
        raise OSError("the database is away")

    look._standing = away
    found = _read(house)
    assert found["gongdan_database_up"] == 0
    assert "gongdan_feed_head" not in found
    assert found['gongdan_gate_running{kind="push"}'] == 0


def test_overdue_steps_are_counted_with_their_age(house: House) -> None:
    """A step that nobody fired is due, then overdue by so many seconds."""
    house.chain.do("amy", house.chain.create("e1"))
    with house.services.store.read() as conn:
        early, late = standing(conn, 0), standing(conn, house.clock.now() + 86_400_000)
    assert early["sla_steps_due"] == late["sla_steps_due"] > 0
    assert early["sla_steps_overdue"] == early["sla_oldest_overdue_seconds"] == 0
    assert late["sla_steps_overdue"] > 0
    assert late["sla_oldest_overdue_seconds"] > 3600


def test_log_names_command_device_and_person_and_no_text(house: House, logged: LogCapture) -> None:
    """One line for each request at debug, one for each verdict that is not good at info, with ids."""
    session = house.sign_in("amy")
    foreign = house.chain.create("w1", subject=WORDS)
    house.push(session, foreign)
    lines = {one["event"]: one for one in logged.entries}
    verdict, request = lines["verdict"], lines["request"]
    assert (verdict["command"], verdict["kind"], verdict["status"]) == (foreign.id, "create", "rejected")
    assert (verdict["person"], verdict["device"]) == ("amy", session.device.id)
    assert verdict["log_level"] == "info"
    assert (request["path"], request["status"], request["log_level"]) == ("/v1/sync/push", 200, "debug")
    assert (request["person"], request["device"]) == ("amy", session.device.id)
    assert "Chen" not in str(logged.entries)
    logged.entries.clear()
    house.get("/health")
    assert [one["person"] for one in logged.entries if one["event"] == "request"] == [""]


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/sync/pull", "/v1/sync/pull"),
        ("/v1/devices/0123/key", "/v1/devices/…"),
        ("/v1/attachments/abcd", "/v1/attachments/…"),
        ("/v1/sync/snapshot/x/1", "/v1/sync/snapshot/…"),
        ("/v1/sync/pull/13800002716", "/v1/sync/…"),
        ("/13800002716", "other"),
    ],
)
def test_routes_have_names_of_ours(path: str, route: str) -> None:
    """Whatever is in an address, only names from our own list are counted."""
    assert route_of(path) == route
