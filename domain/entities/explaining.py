"""Why a ticket is as it is: sections of reasons, as keys of the word lists with their arguments (RULES §4)."""

from domain.entities.base import Entity
from domain.entities.sla import Reason

SECTIONS = ("policy", "deadlines", "routing", "triggers", "automations", "flow", "told")


class Section(Entity):
    """Reasons of one kind, in the order to read them; a section without reasons has nothing to say."""

    name: str
    reasons: tuple[Reason, ...] = ()


class Told(Entity):
    """One person, customer or address that was told, by a channel."""

    to: str  # a person's id; empty for the customer and for addresses
    to_kind: str = "person"
    channel: str = "app"
    kind: str = ""
    at: int = 0
    state: str = ""
