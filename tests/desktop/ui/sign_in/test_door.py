"""The page past the lease, the sealed form behind it, the page after a revocation."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from desktop.settings import SettingsFile
from desktop.ui.bridge import Bridge
from desktop.ui.create.page import OUTLOOK_MS
from desktop.ui.create.submit import content_of
from desktop.ui.sign_in.door_window import DoorWindow
from desktop.ui.sign_in.gone_window import GoneWindow
from desktop.ui.sign_in.sealed_create import SCRATCH, SealedCreateWindow
from desktop.ui.text import tr
from domain.errors import RefusedError
from domain.rules.unlocking import unlock_code
from domain.wire import codec
from domain.wire.commands import Command
from tests.desktop.ui.sign_in.places import SECRET, locked_out
from tests.desktop.ui.world import KEY


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    """A bridge that is closed with the test."""
    made = Bridge()
    yield made
    made.close()


def door_of(qtbot: QtBot, bridge: Bridge, folder: Path, **how: bool) -> DoorWindow:
    """The page, shown."""
    locked = locked_out(folder, **how)
    made = DoorWindow(locked, locked.lease.unlock, bridge)
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_says_why_until_when_and_what_to_do(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    """Since when nothing is shown, the challenge to read out, and that new tickets can be written."""
    door = door_of(qtbot, bridge, tmp_path)
    said = door.words()
    assert door._locked.challenge in said
    assert "2026-12-04" in said
    assert tr("door.new") in said
    with qtbot.waitSignal(door.again):
        door.online.click()
    with qtbot.waitSignal(door.create_wanted):
        door.new.click()


def test_a_right_code_opens_and_a_wrong_one_is_told(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    """At the field, in words that say what to do."""
    door = door_of(qtbot, bridge, tmp_path)
    door.send()
    assert door.code.error() == tr("sign_in.missing")
    for typed, code in (
        ("12345", "unlock_code_mistyped"),
        (unlock_code(SECRET, counter=99, days=1), "unlock_code_wrong"),
    ):
        door.code.editor.setText(typed)
        door.send()
        qtbot.waitUntil(lambda code=code: door.code.error() == tr(f"error.{code}"))  # type: ignore[misc]
    door.code.editor.setText(unlock_code(SECRET, counter=0, days=2))
    with qtbot.waitSignal(door.unlocked):
        qtbot.keyClick(door.code.editor, Qt.Key.Key_Return)
    assert not door._locked.lease.ended()


def test_without_forms_no_ticket_can_be_begun(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    """And the page says so."""
    door = door_of(qtbot, bridge, tmp_path, forms=False)
    assert not door.new.isEnabled()
    assert tr("door.no_forms") in door.words()


def test_a_ticket_written_there_is_sealed_and_leaves_no_trace(
    qtbot: QtBot, bridge: Bridge, tmp_path: Path
) -> None:
    """The usual form; what comes out opens with the replica's key alone, and its draft is gone."""
    locked = locked_out(tmp_path)
    window = SealedCreateWindow(locked, SettingsFile(tmp_path))
    qtbot.addWidget(window)
    window.show()
    page = window.page
    qtbot.waitUntil(page.sheet.isEnabled, timeout=10_000)
    sheet = page.sheet
    sheet.customer.phone.set_value("13800002716")
    sheet.matter.description.set_value("草莓坏了，要退款")
    refused: list[str] = []
    page._box.add_image(
        QImage(4, 4, QImage.Format.Format_RGB32), then=print, failed=lambda error: refused.append(error.code)
    )
    assert refused == ["no_files_past_lease"]
    draft, template = msgspec.structs.replace(sheet.draft(), category="spoiled"), sheet.template
    assert template is not None
    assert draft.org
    content = content_of(draft, template, line="retail", values={"demand": "apology"})
    sheet.edited.emit()
    with qtbot.waitSignal(window.sealed, timeout=10_000) as told:
        page._submission.send(draft, content)
    assert told.args is not None
    assert told.args[0].endswith("S-0001")
    qtbot.waitUntil(lambda: not window.isVisible())
    ((_, raw),) = locked.box.opened(KEY)
    command = codec.decode(raw, Command)
    assert command.set["description"] == "草莓坏了，要退款"
    # Whatever the page still had in mind does not open the scratch replica again.
    qtbot.wait(3 * OUTLOOK_MS)
    assert list((locked.box.folder / SCRATCH).iterdir()) == []
    assert locked.box.opened(bytes(32)) == []


@pytest.mark.parametrize(
    ("how", "key"),
    [
        ({"left": 0, "stolen": False, "kept": False}, "gone.sent"),
        ({"left": 2, "stolen": False, "kept": False}, "gone.left"),
        ({"left": 2, "stolen": False, "kept": True}, "gone.kept"),
        ({"left": 2, "stolen": True, "kept": False}, "gone.not_taken"),
    ],
)
def test_after_a_revocation_it_says_what_became_of_the_work(
    qtbot: QtBot, how: dict[str, int], key: str
) -> None:
    """Sent, left, kept or not taken; and the next person can sign in."""
    window = GoneWindow(name="刘杨", **how)  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show()
    assert tr(key, count=how["left"]) in window.words()
    with qtbot.waitSignal(window.another):
        window.submit.click()


def test_a_code_too_many_pauses(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    """The page tells for how long."""
    door = door_of(qtbot, bridge, tmp_path)
    for counter in range(80, 83):
        with pytest.raises(RefusedError):
            door._locked.lease.unlock(unlock_code(SECRET, counter=counter, days=1))
    door.code.editor.setText(unlock_code(SECRET, counter=0, days=1))
    door.send()
    qtbot.waitUntil(lambda: "30" in door.code.error())
