"""A desktop without windows: the real replica, engine and transport, signed in to a real server."""

import gc
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from desktop.clock import ServerTime, SystemClock, SystemIds
from desktop.commands.runner import Runner
from desktop.replica import meta
from desktop.replica.engine import Replica
from desktop.sync.ahead import ReadAhead
from desktop.sync.engine import Engine, Step
from desktop.sync.http import HttpTransport
from desktop.sync.snapshot import SnapshotTaker
from desktop.sync.tokens import TokenShelf
from domain.wire.identity import DeviceName, SignIn
from domain.wire.protocol import PROTOCOL
from domain.wire.sync import PullRequest
from tests.bench.generator import PASSWORD

STUCK = 10_000


@contextmanager
def collected_apart() -> Iterator[None]:
    """As the program has it: cycles are not looked for while pages go in (desktop.ui.collecting)."""
    gc.collect()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.enable()


class Desk:
    """One person's replica against one server."""

    def __init__(
        self, folder: Path, server: str, login: str, *, key: bytes | None = None, snapshots: bool = False
    ) -> None:
        self.key = key or secrets.token_bytes(32)
        self.file = folder / f"{login}.replica"
        self.clock = SystemClock()
        self.time = ServerTime(self.clock)
        shelf = TokenShelf()
        self.transport = HttpTransport(server, shelf, self.clock)
        signed = self.transport.sign_in(
            SignIn(login=login, password=PASSWORD, device=DeviceName(name="bench"))
        )
        self.replica = Replica(self.file, self.key)
        with self.replica.write() as conn:
            meta.bind(conn, person=signed.person.id, device=signed.device.id, code=signed.device.code)
        shelf.keep_in(self.replica)
        self.shelf = shelf
        self._pages = HttpTransport(server, shelf, self.clock)
        self.answers: list[int] = []
        """How many bytes each answer took on the wire, without headers."""
        for transport in (self.transport, self._pages):
            transport._session.hooks["response"].append(self._measure)
        taker = SnapshotTaker(self.replica, self._pages) if snapshots else None
        unless = taker.wanted if taker is not None else lambda: False
        ahead = ReadAhead(self.transport, self._pages, unless=unless)
        self.engine = Engine(self.replica, ahead, shelf, clock=self.clock, time=self.time, snapshots=taker)
        self.runner = Runner(self.replica, clock=self.clock, time=self.time, ids=SystemIds())

    def _measure(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        self.answers.append(int(answer.headers.get("Content-Length", 0)))

    def settle(self, *, index: bool = True) -> list[Step]:
        """Step until there is nothing to do; optionally leave the search index for later."""
        steps: list[Step] = []
        while len(steps) < STUCK:
            step = self.engine.step()
            if step.did == "failed":
                raise SystemExit(f"the engine failed: {step.error}")
            if step.did == "waited" or (step.did == "indexed" and not index):
                return steps
            steps.append(step)
        raise SystemExit("the engine does not come to rest")

    def ask_ahead(self) -> None:
        """Ask for the first page of what moved and forget the answer, as another desktop would that comes before."""
        with self.replica.read() as conn:
            names = ("device", "cursor", "scope_version")
            device, cursor, version = (meta.get(conn, name) for name in names)
        self.transport.pull(
            PullRequest(protocol=PROTOCOL, device=device, cursor=cursor, scope_version=version)
        )

    def look(self) -> None:
        """Ask the server at the next step."""
        self.engine.poke()

    def close(self) -> None:
        """Close the replica."""
        self.transport.close()
        self._pages.close()
        self.replica.close()

    def move_to(self, server: str) -> None:
        """Talk to a server at another address from now on."""
        self.transport.server = self._pages.server = server
