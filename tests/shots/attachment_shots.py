"""Pictures of attachments in every state: python -m tests.shots.attachment_shots OUT [NAME…]."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from desktop.commands import attachments as gestures
from desktop.commands.attachments import reference
from desktop.commands.write import note, reply
from desktop.replica import attachments
from desktop.ui.attachments.prepare import encoded
from domain.wire.attachments import AttachmentRef
from tests.shots.create_shots import open_page
from tests.shots.every import every
from tests.shots.main_shots import SMALL
from tests.shots.stage import Stage, picture, settle


def photo(seed: int, sides: tuple[int, int] = (1200, 900)) -> bytes:
    """A picture that could be of something."""
    image = QImage(*sides, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    sky = QLinearGradient(QPointF(0, 0), QPointF(0, sides[1]))
    sky.setColorAt(0, QColor.fromHsv(40 * seed % 360, 60, 240))
    sky.setColorAt(1, QColor.fromHsv((40 * seed + 60) % 360, 130, 170))
    painter.fillRect(image.rect(), sky)
    painter.setBrush(QColor.fromHsv((200 + 70 * seed) % 360, 160, 150))
    for n in range(5):
        painter.drawEllipse(QPoint(150 + 220 * n, 300 + 90 * (n * seed % 4)), 130, 90 + 20 * n)
    painter.end()
    return encoded(image, "JPEG")


def _photo_ref(name: str, seed: int) -> tuple[AttachmentRef, bytes]:
    content = photo(seed)
    return reference(name, content, type="image/jpeg", width=1200, height=900), content


def _in_state(stage: Stage, ticket: str, ref: AttachmentRef, state: str, **more: object) -> None:
    with stage.session.replica.write() as conn:
        attachments.queue(conn)
        held = attachments.held(conn, ticket)[ref.hash]
        attachments.move(conn, held, state, **more)  # type: ignore[arg-type]


def _attached(stage: Stage) -> None:
    """The strawberries' ticket with attachments in all their states."""
    session, id = stage.session, stage.ids["strawberries"]
    here, came = _photo_ref("草莓礼盒-开箱.jpg", 1), _photo_ref("外箱批次号.jpg", 2)
    failed = AttachmentRef(
        hash="ab" * 32, name="质检报告-2026-11-20.pdf", size=1_834_221, type="application/pdf"
    )
    away = AttachmentRef(
        hash="cd" * 32, name="监控录像片段.mp4", size=17_203_110, type="video/mp4", width=0, height=0
    )
    coming = AttachmentRef(
        hash="ef" * 32, name="客户聊天记录.png", size=4_211_008, type="image/png", width=1080, height=2400
    )
    for ref, content in (here, came):
        gestures.choose(session.replica, id, ref, content, 1)
    moved = reply(
        session.runner, id, body="陈女士您好，照片已收到，同批次已下架。", files=[here[0], came[0], failed]
    )
    moved |= note(session.runner, id, body="录像里能看到开箱。", files=[away, coming])
    _in_state(stage, id, here[0], "cached")
    _in_state(stage, id, came[0], "local", offset=came[0].size * 62 // 100)
    for ref in (failed, coming):
        gestures.want(session.replica, id, ref, 1)
    _in_state(stage, id, failed, "failed", code="attachment_not_found")
    _in_state(stage, id, coming, "wanted", offset=1_572_864)
    session.bridge.announce(moved)
    settle()


def conversation(stage: Stage) -> None:
    """Pictures and files in the conversation, each in another state."""
    _attached(stage)
    stage.choose("strawberries")
    stage.window.open_ticket(stage.ids["strawberries"])
    settle(1.2)


def composer(stage: Stage) -> None:
    """A reply with a photo and a file, one more refused."""
    stage.choose("strawberries")
    stage.window.open_ticket(stage.ids["strawberries"])
    settle()
    desk = stage.window.front.ticket
    assert desk is not None
    stage.window.actions_.press("reply")
    desk.desk.composer.insert("陈女士您好，附上退款凭证和新礼盒的照片。")
    folder = Path(tempfile.mkdtemp())
    (folder / "新礼盒.jpg").write_bytes(photo(3, (4600, 3400)))
    (folder / "退款凭证.pdf").write_bytes(b"%PDF-1.7" + bytes(240_000))
    (folder / "录像.exe").write_bytes(b"MZ" + bytes(100))
    desk.desk.composer.files.add_files(sorted(folder.iterdir()))
    settle(2.5)


def create(stage: Stage) -> None:
    """A new ticket with a field of photos, and general attachments."""
    page = open_page(stage)
    page.sheet.left.list.choose("it_support")
    settle()
    folder = Path(tempfile.mkdtemp())
    (folder / "收银机屏幕.jpg").write_bytes(photo(4))
    (folder / "说明.docx").write_bytes(b"PK" + bytes(88_000))
    form = page.sheet.matter.form
    assert form is not None
    form.field("photos").editor.bar.add_files([folder / "收银机屏幕.jpg"])
    page.sheet.matter.files.bar.add_files([folder / "说明.docx"])
    settle(0.8)
    area = page.sheet.matter.parentWidget()
    while area is not None and not hasattr(area, "ensureWidgetVisible"):
        area = area.parentWidget()
    if area is not None:
        area.ensureWidgetVisible(page.sheet.matter.files)
    settle()


STATES: dict[str, Callable[[Stage], None]] = {
    "conversation": conversation,
    "composer": composer,
    "create": create,
}


def shoot(name: str, file: Path) -> None:
    """One state into a file."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        stage.show(SMALL)
        STATES[name](stage)
        picture(stage.window).save(str(file))
        stage.close()


if __name__ == "__main__":
    sys.exit(every(sys.argv[1:], STATES, shoot))
