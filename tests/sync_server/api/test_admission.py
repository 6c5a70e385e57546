"""A bounded number of requests at once; the others get a time to come back."""

import asyncio
from typing import Any

from domain.wire import codec
from domain.wire.sync import Problem
from sync_server.api.admission import SLOT_S, Admission


class Caller:
    """Calls an application as a server would and keeps what it is sent."""

    def __init__(self, admission: Admission, path: str = "/v1/sync/pull") -> None:
        self.sent: list[Any] = []
        self._admission, self._path = admission, path

    async def call(self) -> None:
        """One request."""
        scope: Any = {"type": "http", "path": self._path}
        await self._admission(scope, self._receive, self._send)

    async def _receive(self) -> Any:
        return {"type": "http.request"}

    async def _send(self, message: Any) -> None:
        self.sent.append(message)


async def _crowd() -> tuple[Caller, Caller, Caller, Caller]:
    opened = asyncio.Event()

    async def work(scope: Any, receive: Any, send: Any) -> None:
        await opened.wait()
        await send({"type": "http.response.start", "status": 200})

    admission = Admission(work, most=1, chance=lambda: 0.5)
    first, second, third = Caller(admission), Caller(admission), Caller(admission)
    poke = Caller(admission, "/v1/sync/poke")
    tasks = [asyncio.create_task(one.call()) for one in (first, poke)]
    await asyncio.sleep(0)
    await second.call()
    opened.set()
    await asyncio.gather(*tasks)
    await third.call()
    return first, second, third, poke


def test_one_too_many_gets_a_slot_and_later_ones_are_let_in() -> None:
    """Beyond the limit 503 with a time to come back; open poke streams don't count; a place freed is used."""
    first, second, third, poke = asyncio.run(_crowd())
    assert [one.sent[0]["status"] for one in (first, second, third, poke)] == [200, 503, 200, 200]
    problem = codec.decode(second.sent[1]["body"], Problem)
    assert problem.code == "busy"
    wait_s = problem.message["retry_after_s"]
    assert 1 <= wait_s <= SLOT_S
    assert (b"retry-after", str(wait_s).encode()) in second.sent[0]["headers"]
