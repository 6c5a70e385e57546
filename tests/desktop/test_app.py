"""The program as a whole against a real server: from the sign-in window to the main window and back."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from desktop import logs
from desktop.app import App, Start
from desktop.commands.create import create_ticket
from desktop.credentials import Cost
from desktop.lease import DAY_MS
from desktop.replica import meta
from desktop.ui import theme
from desktop.ui.main_window import MainWindow
from desktop.ui.sign_in.door_window import DoorWindow
from desktop.ui.sign_in.gone_window import GoneWindow
from desktop.ui.text import tr
from domain.wire.commands import CreateTicket
from sync_server.operations import devices
from sync_server.store import tables as t
from tests.desktop.sync.office import Office, password, tools
from tests.desktop.ui.conftest import dress, plain_look

__all__ = ["dress", "plain_look"]
Open = Callable[..., App]
WAIT_MS = 20_000


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at a small cost: these tests are about other things."""
    for name in ("WITH_SECRET", "PASSWORD_ALONE"):
        monkeypatch.setattr(f"desktop.credentials.{name}", Cost(memory_kib=64, passes=1))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A server in this process."""
    made = Office(tmp_path / "server")
    yield made
    made.close()


@pytest.fixture
def program(
    qapp: QApplication, dress: theme.Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Starts programs that end with the test."""
    made: list[App] = []
    # Windows come and go here without the test run ending with the last of them.
    monkeypatch.setattr(qapp, "quit", lambda: None)
    qapp.setQuitOnLastWindowClosed(False)

    def start(address: str, login: str = "amy", *, given: str = "") -> App:
        asked = Start(home=tmp_path / "home", server=address, login=login, password=given)
        made.append(App(qapp, asked, keyring=lambda: None, look=dress))
        made[-1].open()
        return made[-1]

    yield start
    for one in made:
        one.close()
    qapp.setQuitOnLastWindowClosed(True)


def at_rest(app: App) -> bool:
    """Signed in, everything sent and filled, the server seen."""
    if app.work is None:
        return False
    state = app.work.worker.state
    return bool(state.verified_at) and not state.unsent and state.progress is None


def works(app: App) -> bool:
    """Whether somebody is signed in."""
    return app.work is not None


def is_apart(app: App) -> bool:
    """Whether a page stands in place of the work."""
    return app.apart.page is not None


def write(app: App, subject: str) -> str:
    """Make a ticket as the window does; returns its id."""
    assert app.work is not None
    content = CreateTicket(template="complaint", template_version=1, org="e1", line="retail", subject=subject)
    moved = create_ticket(app.work.session.runner, content)
    app.work.bridge.announce(moved)
    return next(iter(moved.tickets))


def test_from_the_password_to_the_main_window(office: Office, program: Open, qtbot: QtBot) -> None:
    """Type the password, press Enter: the main window is there, and what is written reaches the server."""
    app = program(office.address)
    assert app.sign_in_window is not None
    qtbot.keyClicks(app.sign_in_window.password.editor, password("amy"))
    qtbot.keyClick(app.sign_in_window.password.editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(app.window, MainWindow), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: at_rest(app), timeout=WAIT_MS)
    id = write(app, "From the window")
    qtbot.waitUntil(
        lambda: bool(office.rows(select(t.ticket.c.id).where(t.ticket.c.id == id))), timeout=WAIT_MS
    )


def test_without_the_server_the_work_is_there_all_the_same(
    office: Office, program: Open, qtbot: QtBot
) -> None:
    """Started with the cable out: the same tickets, and new ones are sent when the network is back."""
    app = program(office.address, given=password("amy"))
    qtbot.waitUntil(lambda: at_rest(app), timeout=WAIT_MS)
    first = write(app, "Before")
    qtbot.waitUntil(lambda: at_rest(app), timeout=WAIT_MS)
    app.close()
    office.shut()
    try:
        app = program(office.address, given=password("amy"))
        qtbot.waitUntil(lambda: app.work is not None, timeout=WAIT_MS)
        assert app.work is not None
        qtbot.waitUntil(lambda: app.work is not None and app.work.worker.state.offline, timeout=WAIT_MS)
        second = write(app, "While offline")
        with app.work.session.replica.read() as conn:
            held = {row[0] for row in conn.exec_driver_sql("SELECT id FROM ticket")}
        assert held == {first, second}
    finally:
        office.open()
    app.work.session.sync.sync_now()
    qtbot.waitUntil(lambda: at_rest(app), timeout=WAIT_MS)
    assert len(office.rows(select(t.ticket.c.id))) == 2


def test_signing_out_gives_the_machine_to_the_next(office: Office, program: Open, qtbot: QtBot) -> None:
    """The window goes, the next person signs in with a folder and replica of their own."""
    app = program(office.address, given=password("amy"))
    qtbot.waitUntil(lambda: app.work is not None, timeout=WAIT_MS)
    assert app.work is not None
    app.work.session.sign_out()
    assert app.window is None
    assert app.sign_in_window is not None
    app.sign_in_window.login.set_value("max")
    app.sign_in_window.password.editor.setText(password("max"))
    app.sign_in_window.send()
    qtbot.waitUntil(lambda: app.work is not None and at_rest(app), timeout=WAIT_MS)
    assert app.work is not None
    assert app.work.session.person.login == "max"


@pytest.mark.parametrize("stolen", [False, True])
def test_a_revoked_device_is_locked(office: Office, program: Open, qtbot: QtBot, stolen: bool) -> None:
    """The next exchange ends the session; the person is told why, and the key is gone."""
    app = program(office.address, given=password("amy"))
    qtbot.waitUntil(lambda: at_rest(app), timeout=WAIT_MS)
    assert app.work is not None
    vault = app.work.signed_on.vault
    qtbot.waitUntil((app.work.signed_on.folder / "key.kept").exists, timeout=WAIT_MS)
    with app.work.session.replica.read() as conn:
        office.revoke(meta.get(conn, "device"), stolen=stolen)
    app.work.session.sync.sync_now()
    qtbot.waitUntil(lambda: app.work is None, timeout=WAIT_MS)
    assert isinstance(app.apart.page, GoneWindow)
    assert tr("gone.not_taken" if stolen else "gone.sent") in app.apart.page.words()
    assert not vault.exists
    app.apart.page.submit.click()
    assert not is_apart(app)
    assert app.sign_in_window is not None


def test_past_the_lease_the_door_is_shown_and_a_code_opens_it(
    office: Office, program: Open, qtbot: QtBot
) -> None:
    """While somebody works the replica closes before them; the operator's code brings the work back."""
    app = program(office.address, given=password("amy"))
    qtbot.waitUntil(lambda: at_rest(app), timeout=WAIT_MS)
    assert app.work is not None
    office.shut()
    try:
        qtbot.waitUntil(lambda: app.work is not None and app.work.worker.state.offline, timeout=WAIT_MS)
        lease = app.work.signed_on.lease
        # As if twenty days had passed on this machine.
        assert lease._held is not None
        lease._held = msgspec.structs.replace(lease._held, known_at=lease.now() + 20 * DAY_MS)
        app.work.lease_watch.look()
        assert not works(app)
        door = app.apart.page
        assert isinstance(door, DoorWindow)
        with tools(office) as made:
            door.code.editor.setText(devices.unlock(made, door._locked.challenge, days=2).code)
        door.send()
        qtbot.waitUntil(lambda: isinstance(app.window, MainWindow), timeout=WAIT_MS)
        assert not is_apart(app)
        assert works(app)
    finally:
        office.open()


def test_an_expired_sign_in_asks_beside_the_work(office: Office, program: Open, qtbot: QtBot) -> None:
    """The main window stays; after the password everything unsent goes out."""
    app = program(office.address, given=password("amy"))
    qtbot.waitUntil(lambda: at_rest(app), timeout=WAIT_MS)
    office.change(t.token.delete())
    id = write(app, "Unsent")
    qtbot.waitUntil(lambda: app._again is not None, timeout=WAIT_MS)
    assert app.window is not None
    assert app._again is not None
    app._again.password.editor.setText(password("amy"))
    app._again.send()
    qtbot.waitUntil(
        lambda: bool(office.rows(select(t.ticket.c.id).where(t.ticket.c.id == id))), timeout=WAIT_MS
    )
    assert app._again is None


def test_a_mistake_of_ours_is_shown_and_logged_without_words(
    office: Office, program: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    """The crash window names the place, the log too; what somebody wrote is in neither."""
    file = logs.start(tmp_path)
    try:
        app = program(office.address)
        try:
            raise ValueError("13800138000 Ms Chen")
        except ValueError as error:
            sys.excepthook(type(error), error, error.__traceback__)
        assert app._crash is not None
        shown = app._crash.record.toPlainText()
        app._crash.close()
    finally:
        logs.stop()
    logged = file.read_text(encoding="utf-8")
    for text in (shown, logged):
        assert "ValueError" in text
        assert "test_app.py" in text
        assert "13800138000" not in text


def test_a_second_start_ends_at_once(tmp_path: Path, qtbot: QtBot) -> None:
    """With one running for this home another one says so and ends, without a window."""
    from desktop.ui.single_instance import SingleInstance

    home = tmp_path / "home"
    home.mkdir()
    first = SingleInstance(home)
    assert first.take()
    first.listen(lambda: None)
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    arguments = [sys.executable, "-m", "desktop", "--home", str(home), "--language", "en"]
    second = subprocess.Popen(
        arguments, env=environment, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE, text=True
    )
    try:
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=WAIT_MS)
        assert second.returncode == 0
        assert second.stderr is not None
        assert "running already" in second.stderr.read()
    finally:
        second.kill()
        second.wait()
        if second.stderr is not None:
            second.stderr.close()
        first.release()
