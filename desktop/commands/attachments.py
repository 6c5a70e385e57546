"""Attaching: bytes are kept on this machine at once, and travel on their own once the message is sent."""

import hashlib
from collections.abc import Sequence

from desktop.replica import attachments
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from domain.entities.base import Instant
from domain.errors import RefusedError
from domain.rules.attachments import check_name, check_size
from domain.rules.facts import Refusal
from domain.wire.attachments import AttachmentLimits, AttachmentRef


def check(name: str, size: int, limits: AttachmentLimits) -> None:
    """Refuse (``attachment_…``) a file by its name and size (bytes), before it is read."""
    try:
        check_name(name, limits)
        check_size(name, size, limits)
    except Refusal as refusal:
        raise RefusedError(refusal.code, **refusal.args_by_name) from None


def reference(name: str, content: bytes, *, type: str, width: int = 0, height: int = 0) -> AttachmentRef:
    """What a message will hold of a content; sides in pixels."""
    hash = hashlib.sha256(content).hexdigest()
    return AttachmentRef(hash=hash, name=name, size=len(content), type=type, width=width, height=height)


def choose(replica: Replica, ticket: str, ref: AttachmentRef, content: bytes, at: Instant) -> Changed:
    """Keep the bytes of what is attached to a message that is being written."""
    with replica.write() as conn:
        attachments.choose(conn, ticket, ref, content, at)
    return _moved(ticket)


def unchoose(replica: Replica, ticket: str, hash: str) -> Changed:
    """Take an attachment off a message that is being written."""
    with replica.write() as conn:
        attachments.unchoose(conn, ticket, hash)
    return _moved(ticket)


def want(replica: Replica, ticket: str, ref: AttachmentRef, at: Instant) -> Changed:
    """Have the bytes behind a reference fetched, or a transfer that failed tried again."""
    with replica.write() as conn:
        attachments.want(conn, ticket, ref, at)
    return _moved(ticket)


def carry_over(
    replica: Replica, draft: str, ticket: str, refs: Sequence[AttachmentRef], at: Instant
) -> Changed:
    """Let what was attached to a draft be attached to another ticket's message."""
    with replica.write() as conn:
        for ref in refs:
            attachments.choose(conn, ticket, ref, b"".join(replica.vault.read(ref.hash, ref.size)), at)
            attachments.unchoose(conn, draft, ref.hash)
    return _moved(ticket)


def _moved(ticket: str) -> Changed:
    return Changed(tickets=frozenset({ticket}), kinds=frozenset({"attachments"}))
