"""The facts a decision is made from, and its three kinds of answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.entities.base import Entity, Instant
from domain.entities.configuration import Configuration
from domain.entities.forms import Template
from domain.entities.people import Access, Actor
from domain.entities.ticket import Entry, PersonalValue, Ticket
from domain.entities.urging import Superiors
from domain.ids import OTHERS_FROM, entry_id
from domain.wire.attachments import AttachmentLimits
from domain.wire.commands import Command


class Refused(Entity):
    """The command may not happen: a stable code and the arguments of its sentence."""

    code: str
    args: dict[str, Any] = {}


class Unknown(Entity):
    """A fact is not known here; the server will decide."""

    what: str


class Other(Entity):
    """A further ticket that a command is about, as its facts are."""

    ticket: Ticket
    access: Access
    personal: Mapping[str, PersonalValue] = {}
    timeline: Sequence[Entry] = ()


class Facts(Entity):
    """All one decision may look at; where it is `complete` (the server), what is missing does not exist."""

    actor: Actor
    access: Access
    at: Instant
    known_at: Instant
    ticket: Ticket | None = None
    personal: Mapping[str, PersonalValue] = {}
    template: Template | None = None
    units: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    complete: bool = True
    optimistic: bool = False
    attachment_limits: AttachmentLimits = AttachmentLimits()
    org_path: tuple[str, ...] = ()  # the ticket's unit with those above it, from the root down
    to_path: tuple[str, ...] = ()  # the same of the unit that the command names
    tiers: Mapping[str, str] = {}  # of the customers that the command names and that there are
    callers: Mapping[str, str] = {}  # customers by phone number, in normal form
    timeline: Sequence[Entry] = ()  # the ticket's own, as far as it is here
    others: Mapping[str, Other] = {}  # those of Needs.others that exist
    superiors: Superiors = Superiors()  # of the assignee
    configuration: Configuration = Configuration()


class Refusal(Exception):
    """Raised inside a decision; `decide` turns it into Refused."""

    def __init__(self, code: str, **args: Any) -> None:
        self.code = code
        self.args_by_name = args
        super().__init__(code)


class Unsure(Exception):
    """Raised inside a decision; `decide` turns it into Unknown."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


def require(facts: Facts, known: frozenset[str], noun: str, *ids: str | None) -> None:
    """Refuse (on the server) or be unsure (on a replica) where a named row does not exist."""
    for one in ids:
        if one and one not in known:
            if facts.complete:
                raise Refusal(f"unknown_{noun}", id=one)
            raise Unsure(f"{noun}:{one}")


def held(facts: Facts) -> Ticket:
    """The ticket of the facts; `decide` has made sure that there is one."""
    assert facts.ticket is not None
    return facts.ticket


def the_other(facts: Facts, id: str, *, kind: str, hidden: bool = False) -> Other:
    """A further ticket of the facts; out of scope where it isn't or (unless `hidden`) can't be seen.

    On a replica a ticket that is not here may be elsewhere: unsure.
    """
    found = facts.others.get(id)
    if found is None and not facts.complete:
        raise Unsure(f"ticket:{id}")
    if found is None or not (hidden or facts.optimistic or found.access.visible):
        raise Refusal("out_of_scope", kind=kind)
    return found


class Rows:
    """Collects the timeline rows one command appends, naming them alike on both ends."""

    def __init__(self, facts: Facts, command: Command, *, ticket: str = "", first: int = 0) -> None:
        self._facts, self._command = facts, command
        self._ticket, self._first = ticket or command.ticket_id, first
        self.entries: list[Entry] = []

    def add(
        self,
        kind: str,
        *,
        body: str | None = None,
        field_class: str = "ordinary",
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Append a row of that kind at the effective time of the command."""
        self.entries.append(
            Entry(
                id=entry_id(self._command.id, self._first + len(self.entries)),
                ticket=self._ticket,
                kind=kind,
                at=self._facts.at,
                known_at=self._facts.known_at,
                person=self._facts.actor.person,
                field_class=field_class,
                body=body,
                detail=detail or {},
            )
        )


def other_rows(facts: Facts, command: Command, ticket: str) -> Rows:
    """Collects the rows that a command appends to a ticket that is not its own."""
    return Rows(facts, command, ticket=ticket, first=OTHERS_FROM)
