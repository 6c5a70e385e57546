"""Views that an administrator gives to people: which tickets, how they are shown, who has them (RULES §5)."""

from typing import Literal

from domain.entities.base import Entity
from domain.entities.conditions import Conditions

ME = "me"
"""In a condition on a person: whoever looks at the view."""

Column = Literal["number", "customer", "store", "status", "priority", "handler", "sla", "updated"]
Sort = Literal[
    "due", "updated", "created", "number", "subject", "customer", "store", "handler", "status", "priority"
]
Group = Literal["", "store", "status", "priority", "handler", "due_day"]


class View(Entity):
    """A list with a name; those of a team, with a role or named have it, where none is given everybody.

    Without columns all are shown. Tickets of one group stand together.
    """

    id: str
    name: str
    position: int = 0
    conditions: Conditions = Conditions()
    columns: tuple[Column, ...] = ()
    sort: Sort = "due"
    descending: bool = False
    group: Group = ""
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
