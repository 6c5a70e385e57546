"""A server in a few lines for pictures: decides stories over the sample chain and hands tickets out as it would."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from domain.entities.configuration import Configuration
from domain.entities.forms import Template
from domain.entities.people import ADMINISTER, ALL_CLASSES, Access, Actor
from domain.entities.ticket import Changes, Entry, PersonalValue, Ticket
from domain.rules.decide import decide
from domain.rules.facts import Facts
from domain.rules.ticket_clocks import with_deadlines
from domain.wire.commands import Command, payload
from domain.wire.configuration import configuration_of
from domain.wire.intent import Intent
from domain.wire.sync import ConfigRow, Put

MINUTE_MS = 60_000


class Step(msgspec.Struct, frozen=True):
    """One thing that happened: how many minutes ago, who did it (None: the customer), and what."""

    ago: float
    who: str | None
    kind: str
    intent: Intent


class _Ids:
    """Identifiers that are nobody else's."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        """The next one."""
        self._count += 1
        return f"0199bbbb00007{self._count:019x}"


class Office:
    """Keeps nothing but numbers; each story becomes one ticket."""

    def __init__(self, rows: Sequence[ConfigRow], now: int, *, first_number: int) -> None:
        self._configuration: Configuration = configuration_of(rows)
        self._known = {kind: frozenset(row.id for row in rows if row.kind == kind) for kind in _KINDS}
        self._parents = {
            row.id: str(msgspec.json.decode(row.body).get("parent") or "")
            for row in rows
            if row.kind == "unit"
        }
        self._now, self._ids = now, _Ids()
        self._numbers = first_number

    def tell(self, steps: Iterable[Step], *, number: int | None = None) -> Put:
        """Play a story and return the ticket that comes of it."""
        id = self._ids.new()
        ticket: Ticket | None = None
        entries: list[Entry] = []
        personal: dict[str, PersonalValue] = {}
        for step in steps:
            at = self._now - round(step.ago * MINUTE_MS)
            changes = self._decide(id, step, at, ticket, personal)
            ticket = changes.ticket
            entries += changes.entries
            personal.update({value.key: value for value in changes.personal})
        assert ticket is not None
        if number is None:
            self._numbers += 1
            number = self._numbers
        ticket = msgspec.structs.replace(ticket, number=str(number), rev=len(entries))
        ticket = with_deadlines(ticket, entries, self._configuration, self._path(ticket.org), self._now)[0]
        known = [msgspec.structs.replace(entry, rev=place + 1) for place, entry in enumerate(entries)]
        values = [msgspec.structs.replace(value, rev=1) for value in personal.values()]
        return Put(ticket=ticket, since=0, access=ALL_CLASSES, entries=tuple(known), personal=tuple(values))

    def _decide(
        self, id: str, step: Step, at: int, ticket: Ticket | None, personal: dict[str, PersonalValue]
    ) -> Changes:
        command = Command(
            id=self._ids.new(), ticket_id=id, kind=step.kind, set=payload(step.intent), base=_base(ticket)
        )
        facts = Facts(
            actor=Actor(person=step.who, system=step.who is None),
            access=_access(ticket, step.who),
            at=at,
            known_at=at,
            ticket=ticket,
            personal=personal,
            template=self._template(command, ticket),
            **self._known_by_kind(),
        )
        decided = decide(facts, command)
        assert isinstance(decided, Changes), decided
        return decided

    def _template(self, command: Command, ticket: Ticket | None) -> Template | None:
        id = ticket.template if ticket is not None else str(command.set.get("template"))
        return self._configuration.template(id, 1)

    def _known_by_kind(self) -> dict[str, Any]:
        return {name: self._known[kind] for kind, name in _KINDS.items()}

    def _path(self, unit: str) -> tuple[str, ...]:
        path: list[str] = []
        while unit:
            path.insert(0, unit)
            unit = self._parents.get(unit, "")
        return tuple(path)


_KINDS = {"unit": "units", "person": "people", "team": "teams", "category": "categories"}


def _access(ticket: Ticket | None, who: str | None) -> Access:
    return Access(
        level=ADMINISTER,
        classes=ALL_CLASSES,
        creator=ticket is not None and who is not None and ticket.creator == who,
        assignee=ticket is not None and who is not None and ticket.assignee == who,
    )


def _base(ticket: Ticket | None) -> dict[str, Any]:
    if ticket is None:
        return {}
    return {name: getattr(ticket, name) for name in ("assignee", "team", "org", "line", "status", "priority")}
