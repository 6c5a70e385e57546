"""Attaching to a reply, and what stands in the conversation."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage

from desktop.commands import attachments as gestures
from desktop.commands.write import reply
from desktop.replica import attachments
from desktop.replica.attachments import Held
from desktop.replica.changed import Changed
from desktop.ui.attachments import opened
from desktop.ui.attachments.tile import Tile
from desktop.ui.tickets.composer import Composer
from desktop.ui.widgets.chip import Chip
from domain.errors import RefusedError
from domain.wire.attachments import AttachmentRef, refs_of
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.world import World


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """A file to attach."""
    path = tmp_path / "退款凭证.pdf"
    path.write_bytes(b"%PDF-1.7 " + bytes(5000))
    return path


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture to attach."""
    image = QImage(80, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#3366aa"))
    path = tmp_path / "草莓.png"
    assert image.save(str(path))
    return path


def _composer(desk: Desk) -> Composer:
    return desk.window.pane.desk.composer


def _attach(desk: Desk, *paths: Path) -> None:
    files = _composer(desk).files
    before = len(files.refs())
    files.add_files(paths)
    desk.qtbot.waitUntil(lambda: len(files.refs()) == before + len(paths))


def _held(world: World, ticket: str) -> dict[str, Held]:
    with world.replica.read() as conn:
        return attachments.held(conn, ticket)


def _tiles(desk: Desk, count: int) -> list[Tile]:
    talk = desk.window.pane.desk.body.conversation
    desk.qtbot.waitUntil(lambda: len(talk.findChildren(Tile)) == count)
    return talk.findChildren(Tile)


def _sent_refs(desk: Desk, id: str) -> tuple[AttachmentRef, ...]:
    desk.qtbot.waitUntil(lambda: any(one.kind == "reply" for one in desk.entries(id)))
    return next(refs_of(one.detail) for one in desk.entries(id) if one.kind == "reply")


def test_file_goes_with_the_reply(world: World, open_desk: Opener, bill: Path) -> None:
    """What is attached is sent with the text, waits on this machine, and stands in the conversation."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    write("见附件")
    _attach(desk, bill)
    press(Qt.Key.Key_Return, ctrl=True)
    (ref,) = _sent_refs(desk, id)
    assert (ref.name, ref.size) == ("退款凭证.pdf", 5009)
    (tile,) = _tiles(desk, 1)
    desk.qtbot.waitUntil(lambda: "仅在本机" in tile.accessibleName())
    assert _composer(desk).files.refs() == ()
    assert b"".join(world.replica.vault.read(ref.hash, ref.size)) == bill.read_bytes()


def test_file_alone_is_a_reply(world: World, open_desk: Opener, bill: Path) -> None:
    """No text is needed beside it."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    _attach(desk, bill)
    press(Qt.Key.Key_Return, ctrl=True)
    assert len(_sent_refs(desk, id)) == 1


def test_draft_keeps_what_is_attached(world: World, open_desk: Opener, bill: Path) -> None:
    """Through another ticket and a restart, with its bytes; the other ticket gets none of it."""
    ids = [world.ticket("第一张"), world.ticket("第二张")]
    desk = open_desk()
    desk.choose(ids[0])
    desk.key(Qt.Key.Key_R)
    _attach(desk, bill)
    desk.qtbot.waitUntil(lambda: desk.count("drafts") == 1)
    desk.choose(ids[1])
    assert _composer(desk).files.refs() == ()
    desk.window.close()
    world.restart()
    with world.replica.write() as conn:
        attachments.tidy(conn, world.clock.at + 1)
    again = open_desk()
    again.choose(ids[0])
    again.qtbot.waitUntil(lambda: len(_composer(again).files.refs()) == 1)
    assert set(_held(world, ids[0])) == {_composer(again).files.refs()[0].hash}


def test_taken_off_again_leaves_nothing(world: World, open_desk: Opener, bill: Path) -> None:
    """× takes the file off the reply and off the disk."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    _attach(desk, bill)
    chip = next(one for one in _composer(desk).files.findChildren(Chip) if one.isVisible())
    chip.removed.emit()
    desk.qtbot.waitUntil(lambda: _held(world, id) == {})
    assert _composer(desk).files.refs() == ()


def test_refused_file_says_why(world: World, open_desk: Opener, tmp_path: Path) -> None:
    """The reason stands below the text; the text stays."""
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    write("写到一半")
    composer = _composer(desk)
    composer.files.add_files([program])
    desk.qtbot.waitUntil(lambda: "setup.exe" in composer.files._error.text())
    assert composer.body() == "写到一半"


def test_screenshot_is_pasted_and_text_stays_text(world: World, open_desk: Opener) -> None:
    """Ctrl+V attaches a picture from the clipboard, and pastes words as ever."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    clipboard = QGuiApplication.clipboard()
    clipboard.setImage(image)
    press(Qt.Key.Key_V, ctrl=True)
    composer = _composer(desk)
    desk.qtbot.waitUntil(lambda: len(composer.files.refs()) == 1)
    assert composer.files.refs()[0].name.startswith("截图-")
    clipboard.setText("几个字")
    press(Qt.Key.Key_V, ctrl=True)
    desk.qtbot.waitUntil(lambda: composer.body() == "几个字")
    clipboard.clear()


def test_dropped_file_unfolds_the_reply(world: World, open_desk: Opener, bill: Path) -> None:
    """A file may be dropped on the folded line, too."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    composer = _composer(desk)
    given = QMimeData()
    given.setUrls([QUrl.fromLocalFile(str(bill))])
    event = QDropEvent(
        QPoint(4, 4),
        Qt.DropAction.CopyAction,
        given,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    assert composer.acceptDrops()
    composer.dropEvent(event)
    desk.qtbot.waitUntil(lambda: len(composer.files.refs()) == 1)
    assert composer.is_open()


def _foreign(world: World, ticket: str, photo: Path, *, size: int = 0) -> AttachmentRef:
    """A reply with a picture whose bytes are on the server alone."""
    content = photo.read_bytes()
    ref = gestures.reference("草莓.png", content, type="image/png", width=80, height=60)
    if size:
        ref = AttachmentRef(hash="ab" * 32, name="录像.mp4", size=size, type="video/mp4")
    reply(world.runner, ticket, body="看这里", files=[ref])
    return ref


def test_picture_is_fetched_when_seen_and_shown_once_here(
    world: World, open_desk: Opener, photo: Path
) -> None:
    """Coming into view asks for it; when the bytes are here the picture takes the place of the sign."""
    id = world.ticket("工单")
    ref = _foreign(world, id, photo)
    desk = open_desk()
    desk.choose(id)
    (tile,) = _tiles(desk, 1)
    desk.qtbot.waitUntil(lambda: ref.hash in _held(world, id))
    assert _held(world, id)[ref.hash].state == "wanted"
    assert tile._picture is None
    world.replica.vault.add(photo.read_bytes())
    with world.replica.write() as conn:
        attachments.move(conn, _held(world, id)[ref.hash], "cached")
    world.bridge.announce(gestures.want(world.replica, id, ref, 1))
    desk.qtbot.waitUntil(lambda: tile._picture is not None)


def test_large_file_is_fetched_on_a_key_and_tried_again(world: World, open_desk: Opener, photo: Path) -> None:
    """Nothing large comes unasked; Enter fetches it, and tries again what failed."""
    id = world.ticket("工单")
    ref = _foreign(world, id, photo, size=9_000_000)
    desk = open_desk()
    desk.choose(id)
    (tile,) = _tiles(desk, 1)
    desk.qtbot.waitUntil(lambda: "点击加载" in tile.accessibleName())
    assert _held(world, id) == {}
    tile.setFocus()
    press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: ref.hash in _held(world, id))
    with world.replica.write() as conn:
        attachments.move(conn, _held(world, id)[ref.hash], "failed", code="attachment_awaited")
    world.bridge.announce(Changed(tickets=frozenset({id}), kinds=frozenset({"attachments"})))
    desk.qtbot.waitUntil(lambda: "点击重试" in tile.accessibleName())
    assert "没有传完" in tile.toolTip()
    tile.click()
    desk.qtbot.waitUntil(lambda: _held(world, id)[ref.hash].state == "wanted")


def test_copies_for_other_programs_go_with_the_session(world: World, photo: Path) -> None:
    """A copy is one plain file of a harmless name, and deleted at the end."""
    content = photo.read_bytes()
    ref = gestures.reference("../a:b?.png", content, type="image/png")
    world.replica.vault.add(content)
    path = opened.copy(world.replica, ref)
    assert path.read_bytes() == content
    assert path.parent.parent == opened.folder(world.replica)
    assert opened.copy(world.replica, ref) == path
    opened.clean(world.replica)
    assert not opened.folder(world.replica).exists()
    opened.clean(world.replica)


def test_saved_elsewhere(world: World, photo: Path, tmp_path: Path) -> None:
    """The bytes as they were, where the person wants them; what is not here leaves no file."""
    content = photo.read_bytes()
    ref = gestures.reference("a.png", content, type="image/png")
    world.replica.vault.add(content)
    opened.write(world.replica, ref, tmp_path / "saved.png")
    assert (tmp_path / "saved.png").read_bytes() == content
    gone = AttachmentRef(hash="cd" * 32, name="x", size=5)
    with pytest.raises(RefusedError, match="attachment_gone"):
        opened.write(world.replica, gone, tmp_path / "gone.png")
    assert not (tmp_path / "gone.png").exists()
