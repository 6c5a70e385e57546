"""The server's HTTP side over the small chain, with a clock that the test moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
from litestar.testing import TestClient

from domain.wire import codec
from domain.wire.identity import DeviceName, SignedIn, SignIn
from domain.wire.sync import Problem, PullRequest, PushRequest
from sync_server.access import accounts
from sync_server.access.passwords import Passwords
from sync_server.api.services import Services
from sync_server.app import build, web_application
from sync_server.settings import Settings
from sync_server.store.engine import Store
from tests.sync_server.chain import START, Chain, CountedIds

T = TypeVar("T")

PASSWORD = "open sesame"
PASSWORDS = Passwords(time_cost=1, memory_kib=64)
"""At a small cost: these tests are about other things."""
HASHED = PASSWORDS.hash(PASSWORD)


class MovedClock:
    """A clock that stands until the test moves it."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> int:
        return self.at

    def pass_s(self, seconds: int) -> None:
        """Let time pass."""
        self.at += seconds * 1000


class House:
    """Speaks to the server as clients do."""

    def __init__(self, services: Services, client: TestClient[Any], clock: MovedClock, chain: Chain) -> None:
        self.services, self.client, self.clock, self.chain = services, client, clock, chain

    def post(self, path: str, message: object, token: str = "", **headers: str) -> httpx.Response:
        """Send a message (or raw bytes) to an address."""
        content = message if isinstance(message, bytes) else codec.encode(message)
        return self.client.post(f"/v1{path}", content=content, headers=_headers(token, headers))

    def get(self, path: str, token: str = "", **headers: str) -> httpx.Response:
        """Ask an address."""
        return self.client.get(f"/v1{path}", headers=_headers(token, headers))

    def put(self, path: str, message: object, token: str = "") -> httpx.Response:
        """Put a message to an address."""
        return self.client.put(f"/v1{path}", content=codec.encode(message), headers=_headers(token, {}))

    def sign_in(self, login: str = "amy", device: str = "") -> SignedIn:
        """Sign somebody in, on a device they have or a new one."""
        message = SignIn(login=login, password=PASSWORD, device=DeviceName(id=device, name="till 1"))
        return heard(self.post("/sign-in", message), SignedIn)

    def refused_sign_in(self, login: str = "amy") -> Problem:
        """Try a wrong password."""
        return refused(self.post("/sign-in", SignIn(login=login, password="not this one")))

    def pull(self, session: SignedIn, **values: Any) -> httpx.Response:
        """Pull as somebody; the head only, unless a cursor is given."""
        plain: dict[str, Any] = {"protocol": 1, "cursor": "", "scope_version": ""}
        request = PullRequest(device=session.device.id, **{**plain, **values})
        return self.post("/sync/pull", request, session.tokens.access_token)

    def push(self, session: SignedIn, *commands: Any, push_no: int = 1, **headers: str) -> httpx.Response:
        """Push commands as somebody."""
        request = PushRequest(protocol=1, device=session.device.id, push_no=push_no, commands=commands)
        return self.post("/sync/push", request, session.tokens.access_token, **headers)


def _headers(token: str, more: dict[str, str]) -> dict[str, str]:
    found = {name.replace("_", "-"): value for name, value in more.items()}
    # Nothing is packed unless a test asks for it.
    found.setdefault("accept-encoding", "identity")
    return {**found, "authorization": f"Bearer {token}"} if token else found


def heard(response: httpx.Response, kind: type[T]) -> T:
    """The message of an answer that was no refusal."""
    assert response.status_code == 200, response.text
    return codec.decode(response.content, kind)


SECRET = "only for the west"


def with_a_secret(house: House) -> tuple[str, str]:
    """A ticket of Amy's store, and one of the west, whose subject she is never to read."""
    mine, foreign = house.chain.create("e1", subject="mine"), house.chain.create("w1", subject=SECRET)
    house.chain.do("amy", mine)
    house.chain.do("wes", foreign)
    return mine.ticket_id, foreign.ticket_id


def refused(response: httpx.Response) -> Problem:
    """The problem of a refusal, in the form that every refusal has."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = codec.decode(response.content, Problem)
    assert problem.status == response.status_code >= 400
    assert problem.code
    return problem


@contextmanager
def opened(store: Store, folder: Path, **settings: Any) -> Iterator[House]:
    """The server over a filled store; everybody has the same password."""
    chain, clock = Chain(store), MovedClock()
    made = Settings(folder=folder, database=str(store.engine.url), sweep_every_s=3600, **settings)
    services = replace(build(made, store, clock=clock, ids=CountedIds("1")), passwords=PASSWORDS)
    with store.write() as conn:
        for person in ("amy", "ben", "max"):
            accounts.keep_hash(conn, person, HASHED)
        conn.commit()
    with TestClient(web_application(services), raise_server_exceptions=False) as client:
        yield House(services, client, clock, chain)
