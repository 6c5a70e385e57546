"""A worker's process is killed while a provider holds its request: the message is neither lost nor named anew."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from sync_server.channels.secrets import SECRETS_FILE
from sync_server.jobs.deliveries import LEASE_MS
from sync_server.store import delivery_queue as queue
from sync_server.store.configuration_writer import Edit
from sync_server.store.engine import Store
from tests.sync_server.channels.provider import Asked, provider
from tests.sync_server.jobs.delivering import worker
from tests.sync_server.jobs.post import SMS, Desk, message

WAIT_S = 60


def _killed(came: threading.Event, *arguments: str) -> None:
    """Begin a worker's process and kill it as soon as its request has come."""
    process = subprocess.Popen([sys.executable, "-m", "tests.sync_server.jobs.delivering", *arguments])
    try:
        assert came.wait(WAIT_S)
    finally:
        process.kill()
        process.wait()


def test_a_killed_worker_leaves_its_message_to_the_next(database: str, store: Store, tmp_path: Path) -> None:
    """SIGKILL in the middle of a request: nothing is written, the lease runs out, the same id is sent again."""
    desk = Desk(store)
    (tmp_path / SECRETS_FILE).write_text(json.dumps({"sms": {"secret": "s3"}}), encoding="utf-8")
    came, over = threading.Event(), threading.Event()

    def hold(_asked: Asked) -> tuple[int, Any]:
        came.set()
        over.wait(WAIT_S)
        return 200, {}

    with provider() as there:
        there.answer = hold
        desk.configure(Edit(kind="notice_channel", id="sms", entity=replace(SMS, url=there.url)))
        desk.queue(message(desk.ticket(), "", to_kind="customer", channel="sms", template="plain"))
        _killed(came, database, str(tmp_path), str(desk.clock.at))
        over.set()
        there.answer = lambda asked: (200, {})
        assert worker(store, tmp_path, desk.clock.at).run() == 0
        assert worker(store, tmp_path, desk.clock.at + LEASE_MS).run() == 1
        assert worker(store, tmp_path, desk.clock.at + 2 * LEASE_MS).run() == 0
        keys = [asked.headers["idempotency-key"] for asked in there.asked]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    with store.read() as conn:
        (row,) = queue.listed(conn)
        assert (row.state, row.attempts) == ("sent", 2)
