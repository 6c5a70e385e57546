"""Two serving processes behind one PostgreSQL: what one commits, the other's streams hear of."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from sync_server.__main__ import main
from tests.postgres import Postgres
from tests.processes import Server
from tests.sync_server.test_serving import PASSWORD, WAIT_S, Client, _create

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

LISTENERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"


@pytest.fixture
def two(durable: Postgres, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two serving processes over the sample chain."""
    url = durable.new()
    assert main(["sample", "--password", PASSWORD, "--database", url, "--home", str(tmp_path)]) == 0
    servers = Server(tmp_path, url), Server(tmp_path, url)
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.stop()


class Hearing:
    """A stream that is open; `heard` holds its first poke."""

    def __init__(self, client: Client) -> None:
        self.heard: list[str] = []
        ready = threading.Event()
        self._thread = threading.Thread(target=client.poked, args=(ready, self.heard), daemon=True)
        self._thread.start()
        assert ready.wait(WAIT_S)

    def wait(self) -> bool:
        """Whether a poke came before the time was over."""
        self._thread.join(WAIT_S)
        return bool(self.heard)


def test_commit_through_one_pokes_a_stream_at_the_other(two: tuple[Server, Server]) -> None:
    """A ticket pushed at the first is poked at the second, and pulled there."""
    store, desk = Client(two[0], "liuyang"), Client(two[1], "wangfang")
    start = desk.pull()
    hearing = Hearing(desk)
    store.push(_create(store.session.person.unit))
    assert hearing.wait()
    assert len(desk.pull(start.to_cursor, start.scope_version).put) == 1


def test_a_listener_that_is_cut_off_looks_at_the_head_when_it_is_back(
    two: tuple[Server, Server], durable: Postgres
) -> None:
    """What is committed while nobody listens is poked; after a restart of the database pokes go on."""
    store, desk = Client(two[0], "liuyang"), Client(two[1], "wangfang")
    unit = store.session.person.unit
    hearing = Hearing(desk)
    url = make_url(two[1]._database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as conn:
        assert len(conn.execute(LISTENERS.encode()).fetchall()) == 2
    store.push(_create(unit))
    assert hearing.wait()
    durable.restart()
    hearing = Hearing(desk)
    store.push(_create(unit))
    assert hearing.wait()
