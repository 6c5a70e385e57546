"""One line of what the search box finds."""

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A heading, a ticket, a list or an action."""

    kind: str  # title, ticket, list, action, ask_older (looks on the server), older (a ticket there)
    key: str = ""
    glyph: str = ""
    tone: str = "text2"
    first: str = ""
    second: str = ""
    right: str = ""
