"""Making attachments of files and pictures: sides, sizes, and nothing of where a photo was taken."""

import struct
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from desktop.ui.attachments.prepare import (
    LONGEST_SIDE,
    encoded,
    prepare_file,
    prepare_image,
    thumbnail,
    without_place,
)
from desktop.ui.attachments.words import GLYPHS
from domain.errors import RefusedError
from domain.wire.attachments import AttachmentLimits
from resources import icons

LIMITS = AttachmentLimits()


def _image(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#3366aa"))
    for n in range(0, min(width, height), 7):
        image.setPixelColor(n, n, QColor("#ffcc00"))
    return image


def _exif(orientation: int) -> bytes:
    """An Exif part with an orientation and words that stand for a place."""
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x0112, 3, 1, orientation) + bytes(4)
    body = b"Exif\0\0" + tiff + b"GPS 31.2304 N 121.4737 E"
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _photo(path: Path, width: int, height: int, *, orientation: int = 1) -> Path:
    raw = encoded(_image(width, height), "JPEG")
    path.write_bytes(raw[:2] + _exif(orientation) + raw[2:])
    return path


def _limits() -> AttachmentLimits:
    return LIMITS


def test_place_is_taken_out_and_the_picture_stays(tmp_path: Path) -> None:
    """Exif goes without the picture being made anew."""
    path = _photo(tmp_path / "a.jpg", 60, 40)
    made = prepare_file(path, _limits)
    assert b"GPS" in path.read_bytes()
    assert b"GPS" not in made.content
    assert (made.ref.width, made.ref.height, made.ref.type) == (60, 40, "image/jpeg")
    assert made.ref.size == len(made.content)
    assert QImage.fromData(made.content) == QImage.fromData(path.read_bytes()).copy()


def test_turned_photo_stands_upright(tmp_path: Path) -> None:
    """What Exif turned is turned for good before Exif goes."""
    made = prepare_file(_photo(tmp_path / "a.jpg", 60, 40, orientation=6), _limits)
    assert (made.ref.width, made.ref.height) == (40, 60)
    assert b"GPS" not in made.content


def test_large_photo_is_made_smaller_if_wanted(tmp_path: Path) -> None:
    """More than ten megapixels become 2,560 on the longer side; the setting can keep them."""
    path = _photo(tmp_path / "a.jpg", 4400, 2400)
    made = prepare_file(path, _limits)
    assert max(made.ref.width, made.ref.height) == LONGEST_SIDE
    assert made.was == path.stat().st_size > made.ref.size
    kept = prepare_file(path, _limits, shrink=False)
    assert (kept.ref.width, kept.was) == (4400, 0)


def test_other_files_stay_as_they_are(tmp_path: Path) -> None:
    """A file that is no picture, or claims to be one, is attached byte for byte."""
    for name, kind in (
        ("a.pdf", "application/pdf"),
        ("b.jpg", "image/jpeg"),
        ("c.unheardof", "application/octet-stream"),
    ):
        path = tmp_path / name
        path.write_bytes(b"not a picture")
        made = prepare_file(path, _limits)
        assert (made.content, made.ref.type, made.ref.width) == (b"not a picture", kind, 0)


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("a.exe", 5, "attachment_blocked"),
        ("a.pdf", 0, "attachment_empty"),
        ("a.pdf", 2000, "attachment_too_large"),
    ],
)
def test_what_may_not_be_attached_is_refused(tmp_path: Path, name: str, size: int, code: str) -> None:
    """Before it is read."""
    path = tmp_path / name
    path.write_bytes(bytes(size))
    with pytest.raises(RefusedError, match=code):
        prepare_file(path, lambda: AttachmentLimits(most_bytes=1000))


def test_missing_file_is_told(tmp_path: Path) -> None:
    """A file that went away meanwhile is refused by name."""
    with pytest.raises(RefusedError, match="attachment_unreadable"):
        prepare_file(tmp_path / "gone.pdf", _limits)


def test_pasted_picture_is_a_png() -> None:
    """A picture from the clipboard gets a name and its sides."""
    made = prepare_image(_image(50, 20), "shot", _limits)
    assert (made.ref.name, made.ref.type, made.ref.width, made.ref.height) == (
        "shot.png",
        "image/png",
        50,
        20,
    )


def test_thumbnail_is_bounded() -> None:
    """However large a picture, what is shown fits; what is none gives nothing."""
    small = thumbnail(encoded(_image(900, 300), "JPEG"), QSize(100, 100))
    assert (small.width(), small.height()) == (100, 33)
    assert thumbnail(b"no picture", QSize(100, 100)).isNull()


def test_bytes_that_are_no_jpeg_are_left_alone() -> None:
    """Stripping touches nothing it does not know."""
    for raw in (b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00", b"PNG"):
        assert without_place(raw) == raw


def test_every_kind_of_file_has_an_icon() -> None:
    """Also where fonts are blocked."""
    assert icons.names() >= GLYPHS
