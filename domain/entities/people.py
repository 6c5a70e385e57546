"""People, what they are granted, and how far that reaches into one ticket (RULES §10, SYNC §2)."""

from domain.entities.base import Entity

LEVELS = ("none", "see", "create", "handle", "manage", "administer")
SEE, CREATE, HANDLE, MANAGE, ADMINISTER = 1, 2, 3, 4, 5

ORDINARY, INTERNAL, SENSITIVE = 1, 2, 4
CLASS_BIT = {"ordinary": ORDINARY, "internal": INTERNAL, "sensitive": SENSITIVE}
ALL_CLASSES = ORDINARY | INTERNAL | SENSITIVE


class Grant(Entity):
    """A role over an org-unit subtree and a business line; an empty line means every line."""

    id: str
    role: str
    unit: str
    line: str = ""
    level: int
    classes: int = ORDINARY


class Person(Entity):
    """Somebody in the directory: name, unit and pinyin only, which everyone may know."""

    id: str
    name: str
    unit: str
    pinyin: str = ""
    superior: str = ""
    active: bool = True


class Actor(Entity):
    """Who acts: a person with grants, or the server itself (`system`)."""

    person: str | None
    grants: tuple[Grant, ...] = ()
    system: bool = False


class Access(Entity):
    """What one actor may do with one ticket: level, classes of fields as bits, and the parts they play."""

    level: int = 0
    classes: int = 0
    creator: bool = False
    assignee: bool = False
    cc: bool = False

    @property
    def visible(self) -> bool:
        """Whether the ticket may be known at all."""
        return self.classes != 0
