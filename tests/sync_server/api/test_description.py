"""The description is complete, and whatever fits it or nearly does is answered without a fault or a leak."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import select

from domain.wire import codec
from domain.wire.commands import Command, CreateTicket, payload
from domain.wire.identity import DeviceName, SignedIn, SignIn
from sync_server.api.description import ENDPOINTS, description
from sync_server.app import web_application
from sync_server.store import tables as t
from tests.desktop.sync.office import Office, password

SECRET = "what only the west may read"
EXAMPLES = 25
STREAMS = {"/v1/sync/poke"}
"""Never end by themselves; they have tests of their own."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A server over HTTP, with a ticket that the one who asks may not see."""
    made = Office(tmp_path_factory.mktemp("described"))
    with_secret = CreateTicket(
        template="complaint", template_version=1, org="w1", line="retail", subject=SECRET
    )
    command = Command(id="a" * 32, ticket_id="b" * 32, kind="create", set=payload(with_secret))
    made.do("wes", command)
    yield made
    made.close()


@pytest.fixture(scope="module")
def session(office: Office) -> SignedIn:
    """Amy, who sees the store e1 alone."""
    asked = SignIn(login="amy", password=password("amy"), device=DeviceName(name="till 1"))
    answer = requests.post(f"{office.address}/v1/sign-in", data=codec.encode(asked), timeout=30)
    return codec.decode(answer.content, SignedIn)


def test_every_address_is_described(office: Office) -> None:
    """An address that the server answers and the description lacks, or the other way round, fails this test."""
    with warnings.catch_warnings():
        # The framework announces changes of its next major version, which is not used.
        warnings.simplefilter("ignore", DeprecationWarning)
        application = web_application(office.services)
    answered = {
        (method.lower(), route.path_format)
        for route in application.routes
        for method in getattr(route, "methods", ()) or ("GET",)  # a stream's route has none of its own
        if method not in ("OPTIONS", "HEAD")
    }
    assert answered == {(one.method, one.path) for one in ENDPOINTS}


def _fingerprint(office: Office) -> list[Any]:
    """All there is of tickets: their ids, revisions and texts."""
    return sorted(
        tuple(row) for row in office.rows(select(t.ticket.c.id, t.ticket.c.rev, t.ticket.c.subject))
    )


schema = schemathesis.openapi.from_dict(description()).exclude(path=sorted(STREAMS))


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_fault_no_effect_no_leak(case: schemathesis.Case[Any], office: Office, session: SignedIn) -> None:
    """Whatever is asked: no 500, no change of tickets but by commands that were applied, nothing out of scope."""
    before = _fingerprint(office)
    case.headers["Authorization"] = f"Bearer {session.tokens.access_token}"
    if (
        isinstance(case.body, dict)
        and "device" in case.body
        and case.method == "POST"
        and "sync" in case.path
    ):
        # Past the first gate: the caller's own device.
        case.body["device"] = session.device.id
    if case.path == "/v1/sign-out":
        return
    answer = case.call(base_url=office.address)
    assert answer.status_code < 500 or answer.json()["code"] == "busy", answer.text
    assert SECRET not in answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].startswith("application/problem+json")
        assert answer.json()["code"]
    verdicts = answer.json().get("verdicts", ()) if answer.status_code == 200 else ()
    if not any(one["status"] in ("applied", "merged", "conflict") for one in verdicts):
        assert _fingerprint(office) == before
