"""The messages of explaining a ticket."""

from domain.entities.base import Entity
from domain.entities.explaining import Section


class ExplainRequest(Entity):
    """Ask why a ticket is as it is."""

    protocol: int
    device: str
    ticket: str


class ExplainAnswer(Entity):
    """Sections in the order to read them; their reasons are keys of the word lists with arguments."""

    sections: tuple[Section, ...] = ()
