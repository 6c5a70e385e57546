"""PostgreSQL's LISTEN: tells this process that the feed moved, whoever wrote it."""

import threading
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy import make_url

from sync_server.store.feed_writer import CHANNEL

RETRY_S = 2.0
WAIT_S = 1.0

log = structlog.get_logger("listening")


class Listening:
    """One connection beside the pool and one thread that waits on it; connects again when it is lost."""

    def __init__(self, url: str, changed: Callable[[], None]) -> None:
        plain = make_url(url).set(drivername="postgresql")
        self._dsn, self._changed = plain.render_as_string(hide_password=False), changed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.warning("listening_lost", kind=type(error).__name__)
                self._stopping.wait(RETRY_S)

    def _listen(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as conn:
            conn.execute(f"LISTEN {CHANNEL}")
            self._changed()  # what moved while nobody listened
            while not self._stopping.is_set():
                for _ in conn.notifies(timeout=WAIT_S, stop_after=1):
                    self._changed()
