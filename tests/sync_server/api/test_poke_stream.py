"""The stream of pokes as the web server hands it out: over HTTP, for those who are signed in."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sync_server.api.aside import Aside
from sync_server.api.poke import OPENED
from sync_server.api.watching import make_hub
from sync_server.app import web_application
from sync_server.feed.touches import touches_since
from tests.sync_server.api.house import House
from tests.sync_server.api.test_poke import when


class Connection:
    """One request as the web server hands it to the application: ends when the test says so."""

    def __init__(self, token: str) -> None:
        self.sent: list[Any] = []
        self._asked, self._gone = False, asyncio.Event()
        self.scope: Any = {
            "type": "http", "method": "GET", "path": "/v1/sync/poke", "raw_path": b"/v1/sync/poke",
            "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
            "server": ("test", 80), "client": ("test", 1), "headers": [(b"authorization", token.encode())],
        }  # fmt: skip

    async def receive(self) -> Any:
        """The request, then its end."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Keep what is answered."""
        self.sent.append(message)

    def leave(self) -> None:
        """The client goes away."""
        self._gone.set()

    @property
    def bodies(self) -> bytes:
        """All that was written."""
        return b"".join(one.get("body", b"") for one in self.sent)


async def _streamed(house: House, token: str) -> Connection:
    aside = Aside()
    hub = make_hub(house.services.store, house.services.trees, aside, house.services.settings)
    app = web_application(replace(house.services, hub=hub, aside=aside))
    connection = Connection(f"Bearer {token}")
    async with app.lifespan():
        task = asyncio.create_task(app(connection.scope, connection.receive, connection.send))
        await when(lambda: OPENED in connection.bodies or task.done())
        if not task.done():
            assert hub.listening == 1
            await asyncio.to_thread(house.chain.do, "amy", house.chain.create("e1"))
            hub.changed()
            await when(lambda: b"event: poke" in connection.bodies)
            connection.leave()
        await asyncio.wait_for(task, 5)
        assert hub.listening == 0
    return connection


def test_stream_over_http_tells_of_a_commit_and_ends_with_its_client(house: House) -> None:
    """Opened with a token: the opening, a poke after a commit, and nothing held once the client has gone."""
    session = house.sign_in("amy")
    connection = asyncio.run(_streamed(house, session.tokens.access_token))
    assert connection.sent[0]["status"] == 200
    assert (b"content-type", b"text/event-stream; charset=utf-8") in connection.sent[0]["headers"]


@pytest.mark.parametrize("token", ["", "not-a-token"])
def test_stream_without_a_token_is_refused(house: House, token: str) -> None:
    """No stream for strangers: 401 with a problem, before anything is opened."""
    connection = asyncio.run(_streamed(house, token))
    assert connection.sent[0]["status"] == 401
    assert b"token_" in connection.bodies


def test_touches_name_places_and_participants(house: House) -> None:
    """From the feed: where a ticket was and is, who takes part, and what concerns everybody."""
    create = house.chain.create("e1", cc=("wes",))
    house.chain.do("amy", create)
    with house.services.store.read() as conn:
        head, touches = touches_since(conn, 0)
    assert head == len(touches) == 1
    assert touches[0].places == {("e1", "retail")}
    assert {"amy", "wes"} <= touches[0].people
