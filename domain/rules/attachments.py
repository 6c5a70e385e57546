"""What may be attached: names, sizes, counts and kinds of file, judged alike on both ends (SYNC §7)."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from domain.entities.forms import FormField
from domain.rules.facts import Facts, Refusal
from domain.wire.attachments import FILE_KINDS, AttachmentLimits, AttachmentRef

LONGEST_NAME = 150
LONGEST_TYPE = 100
MOST_PIXELS = 1 << 20
"""Of one side of an image."""
_HASH = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_NO_NAME = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")


def is_hash(text: str) -> bool:
    """Whether a text is the SHA-256 of something, as it is written here."""
    return _HASH.fullmatch(text) is not None


def check_attachments(refs: Sequence[AttachmentRef], limits: AttachmentLimits) -> None:
    """Refuse (``attachment_…``) what is no reference, or names a file that may not be attached."""
    if len(refs) > limits.most_files:
        raise Refusal("attachment_count", limit=limits.most_files, count=len(refs))
    if len({ref.hash for ref in refs}) < len(refs):
        raise Refusal("attachment_twice")
    for ref in refs:
        check_name(ref.name, limits)
        if not _HASH.fullmatch(ref.hash) or not _well_formed(ref):
            raise Refusal("attachment_bad", name=ref.name)
        check_size(ref.name, ref.size, limits)


def _well_formed(ref: AttachmentRef) -> bool:
    sides = all(0 <= side <= MOST_PIXELS for side in (ref.width, ref.height))
    return len(ref.type) <= LONGEST_TYPE and _TYPE.fullmatch(ref.type) is not None and sides


def check_name(name: str, limits: AttachmentLimits) -> None:
    """Refuse names no system keeps, and endings of files that may not be attached."""
    bare = name.strip().rstrip(".")
    if not bare or bare != name or len(name) > LONGEST_NAME or _NO_NAME.search(name):
        raise Refusal("attachment_name", name=name[:LONGEST_NAME], limit=LONGEST_NAME)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in limits.blocked or (limits.allowed and ending not in limits.allowed):
        raise Refusal("attachment_blocked", name=name, ending=ending or "-")


def check_size(name: str, size: int, limits: AttachmentLimits) -> None:
    """Refuse what is empty or larger than the limit; sizes in bytes, told in MB."""
    if size <= 0:
        raise Refusal("attachment_empty", name=name)
    if size > limits.most_bytes:
        raise Refusal("attachment_too_large", name=name, limit=round(limits.most_bytes / (1 << 20), 1))


def plain(refs: Sequence[AttachmentRef]) -> list[dict[str, Any]]:
    """References as they stand in a timeline row or a form value."""
    return [msgspec.to_builtins(ref) for ref in refs]


def field_refs(facts: Facts, field: FormField, value: Any) -> tuple[AttachmentRef, ...]:
    """The references in a form field of files; refused where its value holds anything else."""
    if field.kind not in FILE_KINDS or value in (None, "", [], ()):
        return ()
    try:
        refs = msgspec.convert(value, type=tuple[AttachmentRef, ...])
    except msgspec.ValidationError:
        raise Refusal("attachment_bad", name=field.label) from None
    if not facts.optimistic:
        check_attachments(refs, facts.attachment_limits)
    return refs
