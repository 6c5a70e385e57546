"""The thread around the engine: woken, killed, broken, and never silent about it."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from desktop.commands.write import note
from desktop.replica.changed import Changed
from desktop.sync.engine import Engine, Step
from desktop.sync.pokes import PokeStream, http_stream
from desktop.sync.state import SyncState
from desktop.sync.worker import SyncWorker
from domain.errors import UnavailableError
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office, OfficeProcess, until

Make = Callable[..., Desktop]


class Watched:
    """A worker around a desktop, and all it told."""

    def __init__(self, one: Desktop, *, streams: bool = True) -> None:
        self.desktop = one
        self.states: list[SyncState] = []
        self.changes: list[Changed] = []
        pokes = PokeStream(http_stream(one.signed_on.transport), clock=one.clock, chance=lambda: 0.0)
        self.worker = SyncWorker(
            one.engine,
            clock=one.clock,
            time=one.signed_on.time,
            changed=self.changes.append,
            state_changed=self.states.append,
            pokes=pokes if streams else None,
        )
        self.worker.start()

    def at_rest(self) -> bool:
        """Everything sent and filled, and the server seen."""
        state = self.worker.state
        return bool(state.verified_at) and not state.unsent and state.progress is None and not state.trouble


@pytest.fixture
def watched() -> Iterator[Callable[..., Watched]]:
    """Makes workers that are stopped with the test."""
    made: list[Watched] = []

    def make(one: Desktop, **values: bool) -> Watched:
        made.append(Watched(one, **values))
        return made[-1]

    yield make
    for one in made:
        one.worker.stop()


def test_what_one_writes_the_other_sees_by_a_poke(
    office: Office, desktop: Make, watched: Callable[..., Watched]
) -> None:
    """With streams open nobody polls: a ticket appears on the other desktop by itself."""
    amy, max = watched(desktop(office.address, "amy")), watched(desktop(office.address, "max"))
    until(lambda: amy.at_rest() and max.at_rest(), "both at rest")
    until(lambda: amy.worker.state.streaming and max.worker.state.streaming, "both streaming")
    id = amy.desktop.create("Poked")
    amy.worker.wake()
    until(lambda: max.desktop.ticket(id), "seen by the other")
    until(lambda: any(id in moved.tickets for moved in max.changes), "told to the screens")


def test_a_bug_is_shown_and_outlived(
    office: Office, desktop: Make, watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception nobody foresaw neither ends the thread nor stays hidden."""
    amy = watched(desktop(office.address, "amy"), streams=False)
    until(amy.at_rest, "at rest")
    step = amy.desktop.engine.step
    raised = threading.Event()

    def broken() -> Step:
        raised.set()
        raise ZeroDivisionError

    monkeypatch.setattr(amy.desktop.engine, "step", broken)
    amy.worker.wake()
    until(lambda: amy.worker.state.trouble == "bug", "the bug is shown")
    monkeypatch.setattr(amy.desktop.engine, "step", step)
    id = amy.desktop.create("Afterwards")
    amy.worker.sync_now()
    until(lambda: amy.at_rest() and amy.desktop.ticket(id), "goes on")


def test_a_full_disk_waits_and_goes_on(
    office: Office, desktop: Make, watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a page can't be kept the state says why, the page is asked for again later, nothing is lost."""
    one = desktop(office.address, "amy")

    def full(self: Engine) -> Step:
        raise UnavailableError("disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(Engine, "_pull", full)
        amy = watched(one, streams=False)
        until(lambda: amy.worker.state.trouble == "disk_full", "the disk's trouble is shown")
    amy.worker.sync_now()
    until(amy.at_rest, "goes on")


def test_stopping_does_not_wait_for_the_stream(
    office: Office, desktop: Make, watched: Callable[..., Watched]
) -> None:
    """A worker with an open stream ends at once, and leaves no thread behind."""
    amy = watched(desktop(office.address, "amy"))
    until(lambda: amy.worker.state.streaming, "streaming")
    amy.worker.stop()
    assert not [one for one in threading.enumerate() if one.name in ("sync", "pokes") and one.is_alive()]


def test_a_stream_that_breaks_makes_it_look(
    tmp_path: Path, desktop: Make, watched: Callable[..., Watched]
) -> None:
    """A server that is gone is noticed when its stream ends, long before the next pull would be due."""
    server = OfficeProcess(tmp_path / "server")
    try:
        amy = watched(desktop(server.address, "amy"))
        until(lambda: amy.worker.state.streaming, "streaming")
        server.kill()
        until(lambda: amy.worker.state.connection == "offline", "offline is shown")
    finally:
        server.kill()


def test_the_server_is_killed_in_the_middle_of_a_push(
    tmp_path: Path, desktop: Make, watched: Callable[..., Watched]
) -> None:
    """The server dies again and again while hundreds of commands are on their way: each counts exactly once."""
    server = OfficeProcess(tmp_path / "server")
    try:
        one = desktop(server.address, "amy")
        amy = watched(one, streams=False)
        until(amy.at_rest, "at rest")
        tickets = [one.create(f"Ticket {number}") for number in range(60)]
        for id in tickets:
            for number in range(4):
                note(one.runner, id, body=f"Note {number}")
        for _ in range(3):
            before = one.standing().unsent
            amy.worker.sync_now()
            until(partial(_fewer_than, one, before), "some were taken")
            server.kill()
            server.start()
        amy.worker.sync_now()
        until(amy.at_rest, "all were taken")
        assert one.standing().attention == 0
        for id in tickets:
            bodies = [entry.body for entry in one.entries(id) if entry.kind == "note"]
            assert sorted(filter(None, bodies)) == [f"Note {number}" for number in range(4)]
    finally:
        server.kill()
    _counted_by_another_reader(tmp_path / "server" / "server.sqlite3", tickets=60, notes=240)


def _fewer_than(one: Desktop, before: int) -> bool:
    return one.standing().unsent < before


def _counted_by_another_reader(file: Path, *, tickets: int, notes: int) -> None:
    import sqlite3

    connection = sqlite3.connect(file)
    try:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (tickets,)
        found = connection.execute(
            "SELECT count(*), count(DISTINCT ticket || body) FROM entry WHERE kind = 'note'"
        )
        assert found.fetchone() == (notes, notes)
    finally:
        connection.close()
