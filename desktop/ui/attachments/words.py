"""Sizes and states of attachments in words."""

from desktop.replica.attachments import Held
from desktop.ui.text import tr
from domain.wire.attachments import AttachmentRef

KIB, MIB = 1024, 1024 * 1024
_GLYPHS = {
    "image": "image",
    "video": "film-strip",
    "audio": "speaker-high",
    "text": "file-text",
}
_BY_TYPE = {"application/pdf": "file-pdf"}
GLYPHS = frozenset({*_GLYPHS.values(), *_BY_TYPE.values(), "file"})


def size_words(size: int) -> str:
    """A size of bytes: 812 KB, 3.4 MB."""
    if size < KIB:
        return f"{size} B"
    return f"{size / KIB:.0f} KB" if size < MIB else f"{size / MIB:.1f} MB"


def glyph_of(ref: AttachmentRef) -> str:
    """The icon of a kind of file."""
    return _BY_TYPE.get(ref.type) or _GLYPHS.get(ref.type.partition("/")[0], "file")


def is_here(held: Held | None) -> bool:
    """Whether the whole content stands on this machine."""
    return held is not None and (held.own or held.state == "cached")


def state_words(ref: AttachmentRef, held: Held | None, *, offline: bool) -> str:
    """How an attachment stands, in a few words; "" where it is simply here."""
    if held is None:
        return tr("attachment.remote")
    if held.state == "failed":
        return tr("attachment.failed_up" if held.own else "attachment.failed")
    share = min(99, 100 * held.offset // max(1, ref.size))
    if held.state == "wanted":
        if offline and not share:
            return tr("attachment.waiting")
        return tr("attachment.fetching", percent=share)
    if held.state == "local" and held.offset:
        return tr("attachment.uploading", percent=share)
    return tr("attachment.local") if held.state in ("local", "draft") else ""
