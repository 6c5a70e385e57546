"""The messages of the search for tickets that desktops keep no longer (SYNC §6)."""

from domain.entities.base import Entity, Instant

MOST_FOUND = 50
LONGEST_WORDS = 200
"""Characters of what is asked for."""
MOST_WORDS = 8


class OlderRequest(Entity):
    """Ask for tickets closed before `keep_since` that hold every one of these words, newest first."""

    protocol: int
    device: str
    words: str
    after: str = ""  # the `next` of the page before
    limit: int = 20


class OlderTicket(Entity):
    """One ticket found; what more there is to it comes with the whole ticket."""

    id: str
    number: str
    subject: str
    status: str
    org: str
    created_at: Instant
    closed_at: Instant


class OlderAnswer(Entity):
    """One page; an empty `next` is the last."""

    found: tuple[OlderTicket, ...] = ()
    next: str = ""
