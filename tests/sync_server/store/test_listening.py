"""LISTEN alone, without the hub that also looks by itself: what wakes it, and that it comes back."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from sync_server.store.engine import Store
from sync_server.store.listening import Listening
from tests.postgres import Postgres
from tests.sync_server.chain import Chain

pytestmark = pytest.mark.postgres

WAIT_S = 30


class Woken:
    """Counts the calls of a listener and waits for the next."""

    def __init__(self) -> None:
        self._called = threading.Semaphore(0)

    def __call__(self) -> None:
        self._called.release()

    def next(self) -> bool:
        """Whether it was called before the time was over."""
        return self._called.acquire(timeout=WAIT_S)

    def forget(self) -> None:
        """Count from now on."""
        while self._called.acquire(blocking=False):
            pass


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    """A fresh database on PostgreSQL."""
    made = postgres.new()
    yield made
    postgres.drop(made)


def test_every_commit_wakes_and_a_listener_cut_off_comes_back(url: str) -> None:
    """Woken when it begins, at a commit, and, cut off, again when it is back: whatever it missed is looked for."""
    store, woken = Store(url, pool_size=2), Woken()
    chain = Chain(store)
    listening = Listening(url, woken)
    listening.start()
    try:
        assert woken.next()
        woken.forget()
        chain.do("amy", chain.create("e1"))
        assert woken.next()
        woken.forget()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as conn:
            ended = conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            ).fetchall()
        assert len(ended) == 1
        assert woken.next()
        woken.forget()
        chain.do("amy", chain.create("e1"))
        assert woken.next()
    finally:
        listening.stop()
        store.close()
