"""The server as a process: it starts, pokes across processes, is alone on its file, and stops when asked."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from domain.wire import codec
from domain.wire.commands import Command, CreateTicket, payload
from domain.wire.identity import DeviceName, SignedIn, SignIn
from domain.wire.sync import PullAnswer, PullRequest, PushRequest
from sync_server.__main__ import main
from sync_server.clock import SystemClock, SystemIds
from sync_server.store.engine import Store
from tests.processes import Server

PASSWORD = "sample-password"
WAIT_S = 30


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[Server]:
    """A serving process over the sample chain."""
    assert main(["sample", "--password", PASSWORD, "--database", database, "--home", str(tmp_path)]) == 0
    serving = Server(tmp_path, database)
    serving.start()
    yield serving
    serving.stop()


class Client:
    """One person's desktop, as far as the network sees it."""

    def __init__(self, server: Server, login: str) -> None:
        self._address = f"{server.address}/v1"
        message = SignIn(login=login, password=PASSWORD, device=DeviceName(name="test"))
        self.session = codec.decode(self._post("/sign-in", message), SignedIn)
        self._pushes = 0

    def _post(self, path: str, message: object) -> bytes:
        answer = requests.post(
            self._address + path, data=codec.encode(message), headers=self._headers(), timeout=WAIT_S
        )
        assert answer.status_code == 200, answer.text
        return answer.content

    def _headers(self) -> dict[str, str]:
        session = getattr(self, "session", None)
        return {"Authorization": f"Bearer {session.tokens.access_token}"} if session else {}

    def pull(self, cursor: str = "", scope_version: str = "") -> PullAnswer:
        """One page."""
        asked = PullRequest(
            protocol=1, device=self.session.device.id, cursor=cursor, scope_version=scope_version
        )
        return codec.decode(self._post("/sync/pull", asked), PullAnswer)

    def push(self, *commands: Command) -> bytes:
        """Push commands."""
        self._pushes += 1
        asked = PushRequest(
            protocol=1, device=self.session.device.id, push_no=self._pushes, commands=commands
        )
        return self._post("/sync/push", asked)

    def poked(self, ready: threading.Event, heard: list[str]) -> None:
        """Listen until the first poke or the end."""
        address = f"{self._address}/sync/poke"
        with requests.get(address, headers=self._headers(), stream=True, timeout=WAIT_S) as stream:
            for line in stream.iter_lines():
                ready.set()
                if line.startswith(b"data:"):
                    heard.append(line.decode())
                    return


def _create(org: str) -> Command:
    ids = SystemIds()
    intent = CreateTicket(
        template="complaint",
        template_version=1,
        org=org,
        line="retail",
        subject="Mouldy strawberries",
        category="spoiled",
        fields={"demand": "apology"},
        personal={"phone": "13800002716"},
    )
    now = SystemClock().now()
    return Command(id=ids.new(), ticket_id=ids.new(), kind="create", set=payload(intent), at=now)


def test_push_of_one_pokes_another_who_then_pulls_it(server: Server) -> None:
    """A store's ticket reaches head office by poke and pull; a store elsewhere hears nothing of it."""
    store, desk, elsewhere = Client(server, "liuyang"), Client(server, "wangfang"), Client(server, "hubing")
    start = desk.pull()
    ready, heard, silent = [threading.Event(), threading.Event()], [], []  # type: ignore[var-annotated]
    threads = [
        threading.Thread(target=client.poked, args=(event, found), daemon=True)
        for client, event, found in zip((desk, elsewhere), ready, (heard, silent), strict=True)
    ]
    for thread, event in zip(threads, ready, strict=True):
        thread.start()
        assert event.wait(WAIT_S)
    unit = store.session.person.unit
    store.push(_create(unit))
    threads[0].join(WAIT_S)
    assert heard
    page = desk.pull(start.to_cursor, start.scope_version)
    assert [(put.ticket.org, put.ticket.team) for put in page.put] == [(unit, "cs-retail")]
    assert page.put[0].ticket.due_at is not None
    assert not silent
    server.stop()
    threads[1].join(WAIT_S)


def test_work_of_another_process_pokes_too(server: Server, database: str, tmp_path: Path) -> None:
    """What the command line changes while the server runs reaches open connections."""
    desk = Client(server, "wangfang")
    ready, heard = threading.Event(), []  # type: ignore[var-annotated]
    thread = threading.Thread(target=desk.poked, args=(ready, heard), daemon=True)
    thread.start()
    assert ready.wait(WAIT_S)
    home = ["--database", database, "--home", str(tmp_path)]
    assert main(["user", "grant", "wangfang", "--unit", "ZJ", "--level", "see", *home]) == 0
    thread.join(WAIT_S)
    assert heard


def test_what_was_acknowledged_survives_a_kill(server: Server) -> None:
    """A verdict that was sent stands after the process is killed and started again."""
    store = Client(server, "liuyang")
    create = _create(store.session.person.unit)
    first = store.push(create)
    server.kill()
    server.start()
    again = store.push(create)
    assert b'"applied"' in first
    assert b'"duplicate":true' in again


def test_second_server_on_one_file_is_refused(
    sqlite_template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two serving processes would each think themselves alone: the second says so and ends."""
    file = tmp_path / "server.sqlite3"
    file.write_bytes(sqlite_template.read_bytes())
    server = Server(tmp_path, f"sqlite:///{file}")
    server.start()
    try:
        second = [sys.executable, "-m", "sync_server", "serve", "--port", "0", "--home", str(tmp_path)]
        done = subprocess.run(second, capture_output=True, text=True, timeout=60, check=False)
    finally:
        server.stop()
    assert done.returncode == 1
    assert "already" in done.stderr
    assert "Traceback" not in done.stderr


def test_newer_database_is_refused(
    store: Store, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program never works on a database from its future."""
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        conn.commit()
    for command in (["serve"], ["migrate"], ["user", "list"], ["doctor"]):
        assert main([*command, "--database", database, "--home", str(tmp_path)]) == 1
        assert "9999" in capsys.readouterr().err


def test_port_in_use_is_told(
    server: Server, tmp_path: Path, sqlite_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another program on the port: a sentence and a status of its own, no traceback."""
    file = tmp_path / "other.sqlite3"
    file.write_bytes(sqlite_template.read_bytes())
    given = ["serve", "--port", str(server.port), "--database", str(file), "--home", str(tmp_path)]
    assert main(given) == 3
    assert str(server.port) in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_stopping_ends_open_streams_and_frees_the_file(server: Server) -> None:
    """Asked to stop, the server ends its streams and leaves with status 0."""
    desk = Client(server, "wangfang")
    ready, heard = threading.Event(), []  # type: ignore[var-annotated]
    thread = threading.Thread(target=desk.poked, args=(ready, heard), daemon=True)
    thread.start()
    assert ready.wait(WAIT_S)
    process = server._process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT_S) == 0
    thread.join(WAIT_S)
    assert not thread.is_alive()
