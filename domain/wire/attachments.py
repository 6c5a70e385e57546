"""Attachments on the wire: the reference a ticket holds, the limits, and the answers about bytes (SYNC §7)."""

from typing import Any, Literal

from domain.entities.base import Entity

CHUNK = 1024 * 1024
"""Bytes of each part of a content but the last; parts begin at multiples of it."""

FILE_KINDS = frozenset({"photo", "file"})
"""Kinds of form field whose value is a list of references."""

PLAIN_BYTES = "application/octet-stream"

BLOCKED = (
    *("app", "apk", "bat", "cmd", "com", "cpl", "dll", "dmg", "exe", "hta", "jar", "js", "jse", "lnk", "msi"),
    *("msp", "pif", "ps1", "reg", "scr", "sh", "url", "vb", "vbe", "vbs", "wsf", "wsh"),
)
"""Endings of files that run when they are opened."""


class AttachmentRef(Entity):
    """What a ticket holds of an attachment: the SHA-256 of its content, and what to show without the bytes."""

    hash: str  # 64 lower-case hexadecimal digits
    name: str
    size: int  # bytes
    type: str = PLAIN_BYTES  # media type
    width: int = 0  # pixels, of an image
    height: int = 0


class AttachmentLimits(Entity):
    """What may be attached; the server's word, told to clients by `GET /v1/attachments`."""

    most_bytes: int = 20 * 1024 * 1024
    most_files: int = 20  # for each entry and each form field
    blocked: tuple[str, ...] = BLOCKED  # endings that are refused
    allowed: tuple[str, ...] = ()  # the only endings taken; empty: all that are not blocked


class UploadBegin(Entity):
    """Say that a content of this size is to be uploaded, or ask how far that is."""

    size: int


class UploadState(Entity):
    """How far the caller's own upload is; nothing is said of anybody else's."""

    state: Literal["partial", "whole"]
    offset: int  # bytes that are there without a gap: where to go on


def refs_of(detail: dict[str, Any]) -> tuple[AttachmentRef, ...]:
    """The references in the detail of a timeline row; what is no reference is passed over."""
    found = detail.get("attachments")
    return refs_in(found) if isinstance(found, list | tuple) else ()


def refs_in(values: Any) -> tuple[AttachmentRef, ...]:
    """The references in a list as JSON gives it; what is no reference is passed over."""
    refs = []
    for one in values if isinstance(values, list | tuple) else ():
        if isinstance(one, AttachmentRef):
            refs.append(one)
        elif isinstance(one, dict) and isinstance(one.get("hash"), str):
            refs.append(
                AttachmentRef(
                    hash=one["hash"],
                    name=str(one.get("name") or ""),
                    size=_whole(one.get("size")),
                    type=str(one.get("type") or PLAIN_BYTES),
                    width=_whole(one.get("width")),
                    height=_whole(one.get("height")),
                )
            )
    return tuple(refs)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
