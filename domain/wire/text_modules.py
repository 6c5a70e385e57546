"""The message by which a person keeps a text of their own (RULES §5)."""

from typing import Literal

from domain.entities.base import Entity

LONGEST_NAME = 60
LONGEST_BODY = 4_000
MOST_OWN = 300
"""Texts that one person may keep."""


class KeepTextModule(Entity):
    """A person's own text as it should be; it reaches their other desktops with the next pull."""

    name: str
    body: str
    use: Literal["description", "reply"] = "description"
    category: str = ""
    line: str = ""
