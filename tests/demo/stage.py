"""The stage of the story: the server, the line that can be cut, the desktops, and what was made so far."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from tests.demo.cast import Cast, Person
from tests.demo.chain import Chain, Files, prepare
from tests.demo.desk import Desk, DeskError
from tests.demo.journal import Journal
from tests.processes import Line, Server
from tests.reader import Findings, ReplicaFile, audit

PUSH_S = 60.0


class Stage:
    """Everything that the scenes share; `tickets` holds the ids by the name that the story gives them."""

    def __init__(self, out: Path, journal: Journal, *, language: str = "zh_CN") -> None:
        self.out, self.journal = out, journal
        self.chain = Chain(out / "server")
        self.server = Server(self.chain.folder, self.chain.database)
        self.line = Line(self.server.port)
        self.tickets: dict[str, str] = {}
        self.desks: list[Desk] = []
        self.replicas: dict[str, ReplicaFile] = {}
        self._pictures = 0
        self._language = language
        self.store = self.desk("store", self.line.address)
        self.head = self.desk("head", self.server.address)
        self._cast: Cast | None = None

    @property
    def cast(self) -> Cast:
        """The people, once the chain is filled."""
        assert self._cast is not None
        return self._cast

    def desk(self, name: str, address: str, *, language: str = "", scheme: str = "light") -> Desk:
        """A desktop that is not started yet."""
        made = Desk(
            name, self.out / "desks", server=address, language=language or self._language, scheme=scheme
        )
        made.show_in(self.out / "screenshots", self.journal.picture)
        self.desks.append(made)
        return made

    def fill(self, files: Files) -> None:
        """Fill the chain and start the server."""
        self._cast = prepare(self.chain, files, self.step)
        with self.step("server_starts"):
            self.server.start()

    def step(self, name: str) -> AbstractContextManager[None]:
        """One step of the story."""
        return self.journal.step(name)

    def picture(self, desk: Desk, name: str, window: str = "") -> None:
        """A picture of a desktop, numbered in the order of the story."""
        self._pictures += 1
        desk.picture(f"{self._pictures:02}-{desk.name}-{name}", window)

    def file(self, name: str) -> str:
        """Where a picture goes that is taken in the middle of an act."""
        self._pictures += 1
        file = self.out / "screenshots" / f"{self._pictures:02}-{name}.png"
        self.journal.picture(file)
        return str(file)

    def sign_in(self, desk: Desk, person: Person, *, language: str = "") -> dict[str, Any]:
        """Sign a person in by hand; DeskError if that fails."""
        done = self.attempt(desk, person, person.password, language=language)
        if not done["signed_in"]:
            raise DeskError(f"{desk.name}: nobody is signed in: {done['complaints']}")
        return done

    def attempt(self, desk: Desk, person: Person, password: str, *, language: str = "") -> dict[str, Any]:
        """Try to sign in, whatever comes of it."""
        address = self.line.address if desk is self.store else self.server.address
        answer: dict[str, Any] = desk.ask(
            "sign_in", server=address, login=person.login, password=password, language=language
        )
        return answer

    def server_dies_at_next_push(self) -> Callable[[], None]:
        """Kill the server as soon as the next push is on its way; what is returned waits for that."""
        died = threading.Event()

        def die() -> None:
            self.server.kill()
            died.set()

        self.line.at_next_push(die)

        def wait() -> None:
            if not died.wait(PUSH_S):
                raise DeskError("nothing was pushed")

        return wait

    def quit(self, desk: Desk) -> None:
        """End a desktop that is at rest, keeping what the reader needs of it."""
        key = desk.ask("key")
        self.replicas[desk.name] = ReplicaFile(Path(key["file"]), key["key"], key["person"])
        state = desk.ask("state")
        if state["crashed"]:
            raise DeskError(f"{desk.name}: the program showed a mistake of its own")
        desk.quit()

    def read_back(self) -> Findings:
        """Stop the server and have the separate reader count."""
        self.server.stop()
        return audit(self.chain.file, self.replicas.values())

    def picture_failure(self) -> None:
        """What every desktop shows at the moment the story failed."""
        for desk in self.desks:
            if desk.running:
                with suppress(DeskError):
                    desk.picture(f"failed-{desk.name}")

    def close(self) -> None:
        """End everything that still runs."""
        for desk in self.desks:
            desk.kill()
        with suppress(OSError):
            self.server.stop()
        self.line.close()


def hold(holds: object, what: str) -> None:
    """The story goes on only if this holds."""
    if not holds:
        raise DeskError(f"does not hold: {what}")
