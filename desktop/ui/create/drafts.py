"""The drafts in the replica, and which of them a new page takes up by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.replica.engine import Replica
from desktop.replica.queries import drafts as stored
from desktop.replica.queries import intake
from desktop.ui.create.draft import KIND, Draft, read_draft
from domain.entities.base import Instant


@dataclass(frozen=True)
class Kept:
    """A draft and when it was last written."""

    draft: Draft
    updated_at: Instant


def kept_drafts(replica: Replica) -> list[Kept]:
    """Drafts of tickets, the latest first; those whose ticket exists were sent, whatever ended the program."""
    with replica.read() as conn:
        found = [(read_draft(one.body), one.updated_at) for one in stored.drafts(conn, KIND)]
        return [
            Kept(draft, at)
            for draft, at in found
            if draft is not None and not draft.empty and not intake.ticket_exists(conn, draft.id)
        ]


def to_open(kept: Sequence[Kept], wanted: str) -> Kept | None:
    """The draft asked for, else the latest under which the program ended; None for a fresh page."""
    if wanted:
        return next((one for one in kept if one.draft.id == wanted), None)
    return next((one for one in kept if not one.draft.left), None)
