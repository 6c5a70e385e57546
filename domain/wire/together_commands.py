"""Commands about tickets that belong together, and about urging those who hold them (RULES §8)."""

from domain.wire.intent import Intent


class MergeTicket(Intent):
    """The ticket becomes a pointer to another; `confirmed` where they are not of the same customer."""

    into: str
    confirmed: bool = False
    note: str = ""


class UnmergeTicket(Intent):
    """The ticket is itself again, as it was before it was merged into that other one."""

    into: str


class LinkTicket(Intent):
    """A link to another ticket, as this one sees it: see `entities.links.Relation`."""

    to: str
    relation: str


class HandBack(Intent):
    """The ticket goes back to whom it came from, with the reason."""

    reason: str


class Urge(Intent):
    """Whoever holds the ticket is asked to get on with it; the system's is a step up the ladder."""

    reason: str = ""
