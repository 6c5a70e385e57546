"""What a form asks of the directory: stores and people found by name, initials or code."""

from collections.abc import Sequence
from typing import Protocol

from domain.entities.base import Entity

MOST_FOUND = 8


class Found(Entity):
    """One match as a list shows it: the name, and at the right what tells it from its like."""

    id: str
    name: str
    detail: str = ""


class Directory(Protocol):
    """Finds units and people in the replica; `find_*` with an empty text gives the likeliest first."""

    def find_units(self, text: str) -> Sequence[Found]: ...
    def find_people(self, text: str) -> Sequence[Found]: ...
    def unit_name(self, id: str) -> str: ...
    def person_name(self, id: str) -> str: ...


class NoDirectory:
    """A directory of nobody, for forms that name neither stores nor people."""

    def find_units(self, text: str) -> Sequence[Found]:
        """Nothing."""
        return ()

    def find_people(self, text: str) -> Sequence[Found]:
        """Nothing."""
        return ()

    def unit_name(self, id: str) -> str:
        """The id itself."""
        return id

    def person_name(self, id: str) -> str:
        """The id itself."""
        return id
