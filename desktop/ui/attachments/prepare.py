"""Makes an attachment of a file or a picture: large photos smaller, without where they were taken."""

import mimetypes
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader, QImageWriter

from desktop.commands.attachments import check, reference
from domain.errors import RefusedError
from domain.wire.attachments import PLAIN_BYTES, AttachmentLimits, AttachmentRef

LARGE_PIXELS, LONGEST_SIDE = 10_000_000, 2560
"""A photo of more pixels is scaled so that its longer side has this many."""
MOST_PIXELS = 200_000_000
"""Larger claims are not decoded."""
_QUALITY = 88
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/bmp", "image/gif", "image/tiff"})
_EXIF, _SCAN = 0xE1, 0xDA


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A reference with its bytes; `was` is the size before it was made smaller, 0 where it was not."""

    ref: AttachmentRef
    content: bytes
    was: int = 0


def prepare_file(path: Path, limits: Callable[[], AttachmentLimits], *, shrink: bool = True) -> Prepared:
    """Read a file (on any thread). Raises RefusedError ``attachment_…`` where it may not be attached."""
    told = limits()
    try:
        size = path.stat().st_size
        kind = mimetypes.guess_type(path.name)[0] or PLAIN_BYTES
        # A photo may come out small enough; others are refused unread.
        check(
            path.name, 1 if kind == "image/jpeg" and shrink and 0 < size < 8 * told.most_bytes else size, told
        )
        content = path.read_bytes()
    except OSError as error:
        raise RefusedError("attachment_unreadable", name=path.name, reason=error.strerror or "") from None
    made = _picture(path.name, kind, content, shrink=shrink) if kind in _PICTURES else None
    if made is None:
        made = Prepared(ref=reference(path.name, content, type=kind), content=content)
    check(made.ref.name, made.ref.size, told)
    return made


def prepare_image(image: QImage, name: str, limits: Callable[[], AttachmentLimits]) -> Prepared:
    """Make a PNG of a picture from the clipboard (on any thread), a JPEG where that is far smaller."""
    content = encoded(_scaled(image), "PNG")
    kind, ending = "image/png", "png"
    if len(content) > 2 << 20:
        content, kind, ending = encoded(_scaled(image), "JPEG"), "image/jpeg", "jpg"
    sides = _scaled(image).size()
    ref = reference(f"{name}.{ending}", content, type=kind, width=sides.width(), height=sides.height())
    check(ref.name, ref.size, limits())
    return Prepared(ref=ref, content=content)


def thumbnail(content: bytes, most: QSize) -> QImage:
    """A picture no larger than `most`, upright, decoded at that size where its format can; null for none."""
    buffer = _open(content)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MOST_PIXELS:
        return QImage()
    turned = bool(reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90)
    bound = most.transposed() if turned else most
    if size.width() > bound.width() or size.height() > bound.height():
        reader.setScaledSize(size.scaled(bound, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1)))
    return reader.read()


def _picture(name: str, kind: str, content: bytes, *, shrink: bool) -> Prepared | None:
    """A picture with its sides; None where it can't be read as one."""
    buffer = _open(content)  # the reader does not keep it alive
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    pixels = size.width() * size.height()
    if not size.isValid() or pixels > MOST_PIXELS:
        return None
    turned = reader.transformation() != QImageIOHandler.Transformation.TransformationNone
    if kind == "image/jpeg" and (turned or (shrink and pixels > LARGE_PIXELS)):
        image = reader.read()
        if image.isNull():
            return None
        image = _scaled(image) if shrink and pixels > LARGE_PIXELS else image
        made = encoded(image, "JPEG")
        ref = reference(name, made, type=kind, width=image.width(), height=image.height())
        return Prepared(ref=ref, content=made, was=len(content) if len(made) < len(content) else 0)
    bare = without_place(content) if kind == "image/jpeg" else content
    ref = reference(name, bare, type=kind, width=size.width(), height=size.height())
    return Prepared(ref=ref, content=bare)


def without_place(jpeg: bytes) -> bytes:
    """A JPEG without its Exif and XMP parts, in which a phone writes where it was; the picture stays as it is."""
    if jpeg[:2] != b"\xff\xd8":
        return jpeg
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == _SCAN:
            break
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker != _EXIF:
            kept.append(jpeg[at:end])
        at = end
    return b"".join(kept) + jpeg[at:]


def _scaled(image: QImage) -> QImage:
    if image.width() * image.height() <= LARGE_PIXELS:
        return image
    most = QSize(LONGEST_SIDE, LONGEST_SIDE)
    return image.scaled(most, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def encoded(image: QImage, form: str) -> bytes:
    """The bytes of a picture as a JPEG or PNG."""
    raw = QByteArray()
    buffer = QBuffer(raw)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(form.encode()))
    writer.setQuality(_QUALITY if form == "JPEG" else -1)
    writer.write(image)
    buffer.close()
    return bytes(raw.data())


def _open(content: bytes) -> QBuffer:
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    return buffer
