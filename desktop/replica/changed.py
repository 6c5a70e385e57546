"""What a write has moved: the one record that screens check before they repaint."""

from typing import Literal

from domain.entities.base import Entity

Kind = Literal[
    "attachments",
    "tickets",
    "entries",
    "config",
    "outbox",
    "attention",
    "notices",
    "scope",
    "reminders",
    "drafts",
    "sync",
]


class Changed(Entity):
    """What moved; `inserted` and `removed` say that lists gained or lost rows."""

    tickets: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    inserted: bool = False
    removed: bool = False
    commands: tuple[str, ...] = ()  # those written to the outbox, in order; what undo takes back

    def __or__(self, other: "Changed") -> "Changed":
        """Both together."""
        return Changed(
            tickets=self.tickets | other.tickets,
            kinds=self.kinds | other.kinds,
            inserted=self.inserted or other.inserted,
            removed=self.removed or other.removed,
            commands=self.commands + other.commands,
        )

    def __bool__(self) -> bool:
        """Whether anything moved at all."""
        return bool(self.kinds)


class Moves:
    """Collects what moves during one transaction."""

    def __init__(self) -> None:
        self.tickets: set[str] = set()
        self.kinds: set[Kind] = set()
        self.commands: list[str] = []
        self.inserted = self.removed = False

    def ticket(self, *ids: str, inserted: bool = False, removed: bool = False) -> None:
        """Note tickets whose rows were written."""
        self.tickets.update(ids)
        if ids:
            self.kinds.update(("tickets", "entries"))
            self.inserted = self.inserted or inserted
            self.removed = self.removed or removed

    def kind(self, *kinds: Kind) -> None:
        """Note that something of a kind moved."""
        self.kinds.update(kinds)

    def changed(self) -> Changed:
        """The record for the screens."""
        return Changed(
            tickets=frozenset(self.tickets),
            kinds=frozenset(self.kinds),
            inserted=self.inserted,
            removed=self.removed,
            commands=tuple(self.commands),
        )
