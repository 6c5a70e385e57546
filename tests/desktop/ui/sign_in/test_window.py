"""The sign-in window: what is wrong stands where it is put right, in both languages."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.settings import SettingsFile
from desktop.sync.asked import Asked
from desktop.ui.bridge import Bridge
from desktop.ui.sign_in.window import SignInWindow
from desktop.ui.text import tr
from domain.errors import GongdanError, RefusedError, UnavailableError


class Door:
    """What stands behind the window: answers as the test wants."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.error: GongdanError | None = None
        self.gate = threading.Event()
        self.gate.set()

    def sign_in(self, asked: Asked) -> object:
        """Let in, or refuse."""
        self.asked.append(asked)
        self.gate.wait(10)
        if self.error is not None:
            raise self.error
        return "in"


@pytest.fixture
def door() -> Door:
    """The door of one test."""
    return Door()


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    """A bridge that is closed with the test."""
    made = Bridge()
    yield made
    made.close()


@pytest.fixture
def window(qtbot: QtBot, door: Door, bridge: Bridge, tmp_path: Path) -> SignInWindow:
    """The window, shown, with server and login remembered."""
    settings = SettingsFile(tmp_path)
    settings.change(server="https://example.com", login="amy")
    made = SignInWindow(door.sign_in, bridge, settings)
    qtbot.addWidget(made)
    made.show()
    return made


def type_password(qtbot: QtBot, window: SignInWindow, text: str = "secret") -> None:
    """As a person does: type, then Enter."""
    qtbot.keyClicks(window.password.editor, text)
    qtbot.keyClick(window.password.editor, Qt.Key.Key_Return)


def test_enter_signs_in_with_what_is_remembered(qtbot: QtBot, window: SignInWindow, door: Door) -> None:
    """Server and login stand there already; the password does not stay."""
    with qtbot.waitSignal(window.signed_on) as told:
        type_password(qtbot, window)
    assert told.args == ["in"]
    assert door.asked == [Asked(server="https://example.com", login="amy", password="secret")]
    assert window.password.editor.text() == ""


def test_a_password_keeps_its_spaces_and_is_never_shown(
    qtbot: QtBot, window: SignInWindow, door: Door
) -> None:
    """It goes as typed; neither the field nor a log shows it."""
    with qtbot.waitSignal(window.signed_on):
        type_password(qtbot, window, " two words ")
    assert door.asked[0].password == " two words "
    assert "two words" not in repr(door.asked[0])
    assert window.password.editor.echoMode() == window.password.editor.EchoMode.Password


def test_what_is_missing_is_said_and_nothing_is_asked(qtbot: QtBot, window: SignInWindow, door: Door) -> None:
    """The button is never grey; it jumps to the first gap."""
    window.login.editor.clear()
    qtbot.mouseClick(window.submit, Qt.MouseButton.LeftButton)
    assert window.login.error() == window.password.error() == tr("sign_in.missing")
    assert window.server.error() == ""
    assert not door.asked


@pytest.mark.parametrize(
    ("error", "place"),
    [
        (RefusedError("wrong_password"), "password"),
        (RefusedError("locked_out", until=0, retry_after_s=90), "password"),
        (RefusedError("insecure_address", address="x"), "server"),
        (UnavailableError("no_replica_here", reason="timeout"), "server"),
        (UnavailableError("server_needed", reason="timeout"), "server"),
        (RefusedError("replica_locked_away"), "old_password"),
        (RefusedError("replica_too_new", replica=2, program=1), "error"),
        (UnavailableError("disk_full"), "error"),
        (RefusedError("device_revoked"), "error"),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_every_error_stands_in_words_where_it_is_put_right(
    qtbot: QtBot, window: SignInWindow, door: Door, error: GongdanError, place: str
) -> None:
    """Each error has its sentence at its field, and the person can try again."""
    door.error = error
    type_password(qtbot, window)
    part = getattr(window, place)
    text = part.text if place == "error" else part.error
    qtbot.waitUntil(lambda: bool(text()))
    assert error.code not in text()
    assert "{" not in text()
    assert part.isVisible()
    assert window.submit.isEnabled()
    door.error = None
    window.old_password.editor.setText("before")
    with qtbot.waitSignal(window.signed_on):
        window.send()
    assert window.error.text() == ""


def test_a_second_enter_while_it_works_asks_nothing(qtbot: QtBot, window: SignInWindow, door: Door) -> None:
    """One question at a time, and the button says what goes on."""
    door.gate.clear()
    type_password(qtbot, window)
    qtbot.waitUntil(lambda: len(door.asked) == 1)
    assert window.submit.text() == tr("sign_in.working")
    window.send()
    with qtbot.waitSignal(window.signed_on):
        door.gate.set()
    assert len(door.asked) == 1


def test_the_language_changes_at_once_and_is_kept(qtbot: QtBot, window: SignInWindow, tmp_path: Path) -> None:
    """Whoever can't read the one language finds the other."""
    before = window.submit.text()
    window._languages._choose(1)
    assert window.submit.text() == "Sign in" != before
    assert SettingsFile(tmp_path).current.language == "en"


def test_everything_fits_in_both_languages(qtbot: QtBot, window: SignInWindow) -> None:
    """No word is cut, whatever is shown."""
    for language in (0, 1):
        window._languages._choose(language)
        window.show_error(RefusedError("replica_locked_away"))
        qtbot.wait(10)
        for part in window._card.findChildren(QWidget):
            if part.isVisible() and part.hasHeightForWidth():
                assert part.height() >= part.heightForWidth(part.width()), part.objectName()


def test_signing_in_again_asks_for_the_password_alone(
    qtbot: QtBot, door: Door, bridge: Bridge, tmp_path: Path
) -> None:
    """While somebody works, who they are is not open to change."""
    window = SignInWindow(door.sign_in, bridge, SettingsFile(tmp_path), fixed=("https://example.com", "amy"))
    qtbot.addWidget(window)
    window.show()
    assert window.server.editor.isReadOnly()
    assert window.login.editor.isReadOnly()
    with qtbot.waitSignal(window.signed_on):
        type_password(qtbot, window)
    assert door.asked[0].login == "amy"
    assert SettingsFile(tmp_path).current.login == ""


def test_why_somebody_was_signed_out_is_said(window: SignInWindow) -> None:
    """After a revocation the window tells what became of the work."""
    window.show_message("device_revoked")
    assert window.error.text() == tr("error.device_revoked")
