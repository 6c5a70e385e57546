"""A server in a few lines for the replica's tests: keeps tickets in memory, decides, answers as the protocol says."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from domain.entities.forms import Category, Template
from domain.entities.org import OrgUnit
from domain.entities.people import ALL_CLASSES, CLASS_BIT, SENSITIVE, Actor, Grant, Person
from domain.entities.ticket import OPEN_STATUSES, Changes, Entry, PersonalValue, Ticket
from domain.rules.decide import decide, needs
from domain.rules.facts import Facts, Refused
from domain.rules.masking import masked
from domain.rules.permissions import access, access_at, covered, grant_covers
from domain.wire.commands import Command
from domain.wire.recovery import RecoverAnswer, RecoverRequest
from domain.wire.sync import (
    BackfillRequest,
    ConfigRow,
    GrantedUnits,
    PullAnswer,
    PushAnswer,
    PushRequest,
    Put,
    Range,
    RowsAnswer,
    Scope,
    Verdict,
)

TREE = {"cn": "", "north": "cn", "south": "cn", "s1": "north", "s2": "north", "s3": "south"}
PEOPLE = ("ann", "bob", "eve")
TEMPLATE = Template(id="t1", version=1, name="Complaint", category_required_at="never")


class Ids:
    """Identifiers in the shape of real ones, in rising order, alike in every run."""

    def __init__(self, room: int) -> None:
        self._room, self._count = room, 0

    def new(self) -> str:
        """The next one."""
        self._count += 1
        return f"{self._room:012x}7{self._count:019x}"


class Desk:
    """Tickets, people and grants of a small chain, and its feed."""

    def __init__(self) -> None:
        self.epoch, self.seq, self.now = "e1", 0, 1_700_000_000_000
        self.grants: dict[str, tuple[Grant, ...]] = dict.fromkeys(PEOPLE, ())
        self.versions: dict[str, int] = dict.fromkeys(PEOPLE, 1)
        self.tickets: dict[str, Ticket] = {}
        self.entries: dict[str, list[Entry]] = {}
        self.personal: dict[str, dict[str, PersonalValue]] = {}
        self.changes: list[tuple[int, str, int, tuple[str, str], tuple[str, str], frozenset[str]]] = []
        self.verdicts: dict[str, Verdict] = {}
        self.numbers = 100_000

    def grant(self, person: str, *grants: Grant) -> None:
        """Give a person exactly these grants."""
        self.grants[person] = grants
        self.versions[person] += 1

    @staticmethod
    def above(unit: str) -> frozenset[str]:
        """A unit with those above it."""
        found = set()
        while unit:
            found.add(unit)
            unit = TREE.get(unit, "")
        return frozenset(found)

    def scope(self, person: str) -> Scope:
        """What a person may hold."""
        granted = tuple(
            GrantedUnits(
                grant=grant,
                everything=grant.unit == "cn",
                units=()
                if grant.unit == "cn"
                else tuple(unit for unit in TREE if grant.unit in self.above(unit)),
            )
            for grant in self.grants[person]
        )
        return Scope(version=f"{self.versions[person]}.1", person=person, grants=granted)

    def actor(self, person: str) -> Actor:
        """A person as the rules see them."""
        return Actor(person=person, grants=self.grants[person])

    def classes(self, person: str, ticket: Ticket) -> int:
        """The classes of a ticket that a person may see."""
        return access(self.actor(person), ticket, self.above).classes

    def put(self, person: str, id: str, since: int = 0) -> Put:
        """A ticket as a person may see it."""
        ticket = self.tickets[id]
        classes = self.classes(person, ticket)
        values = (value for value in self.personal[id].values() if value.rev > since)
        return Put(
            ticket=ticket,
            since=since,
            access=classes,
            entries=tuple(
                e for e in self.entries[id] if e.rev > since and CLASS_BIT[e.field_class] & classes
            ),
            personal=tuple(_shown(values, classes)),
        )

    def push(self, person: str, request: PushRequest) -> PushAnswer:
        """Verdicts for a batch, each from the store if the command was judged before."""
        verdicts = tuple(self._judge(person, command) for command in request.commands)
        return PushAnswer(verdicts=verdicts, head=self.cursor(), server_time=self.now)

    def recover(self, person: str, request: RecoverRequest) -> RecoverAnswer:
        """Judge at once what is given back, as a server does whose window is closed."""
        verdicts = tuple(self._judge(person, one.command) for one in request.commands)
        missing = tuple(id for id in request.ask if id not in self.tickets)
        return RecoverAnswer(state="", above=0, verdicts=verdicts, missing=missing, server_time=self.now)

    def _judge(self, person: str, command: Command) -> Verdict:
        known = self.verdicts.get(command.id)
        if known is not None:
            return msgspec.structs.replace(known, duplicate=True)
        if any(self.verdicts[on].status in ("rejected", "blocked") for on in command.depends_on):
            verdict = Verdict(id=command.id, status="blocked", code="blocked", seq=self.seq)
        else:
            verdict = self._decided(command, decide(self._facts(person, command), command))
        self.verdicts[command.id] = verdict
        return verdict

    def _facts(self, person: str, command: Command) -> Facts:
        ticket = self.tickets.get(command.ticket_id)
        named = needs(command)
        place = str(command.set.get("org", "")), str(command.set.get("line", ""))
        actor = self.actor(person)
        held = (
            access(actor, ticket, self.above)
            if ticket
            else access_at(actor, org_ancestors=self.above(place[0]), line=place[1])
        )
        return Facts(
            actor=actor,
            access=held,
            at=command.at + command.clock.offset_ms,
            known_at=self.now,
            ticket=ticket,
            personal=self.personal.get(command.ticket_id, {}),
            template=TEMPLATE,
            units=frozenset(TREE),
            people=frozenset(PEOPLE),
            categories=frozenset(named.categories),
            teams=frozenset(named.teams),
        )

    def _decided(self, command: Command, decision: Any) -> Verdict:
        if isinstance(decision, Refused):
            return Verdict(
                id=command.id, status="rejected", code=decision.code, message=decision.args, seq=self.seq
            )
        assert isinstance(decision, Changes)
        ticket = self.write(decision)
        conflicts = {key: {"theirs": one.theirs, "mine": one.mine} for key, one in decision.conflicts.items()}
        return Verdict(
            id=command.id,
            status="conflict" if conflicts else "merged" if decision.merged else "applied",
            fields=conflicts,
            seq=self.seq,
            rev=ticket.rev,
            number=ticket.number if command.kind == "create" else None,
        )

    def write(self, changes: Changes) -> Ticket:
        """Write what was decided, under the ticket's next revision."""
        old = self.tickets.get(changes.ticket.id)
        if old is not None and changes.ticket == old and not changes.entries and not changes.personal:
            return old
        rev = (old.rev if old else 0) + 1
        number = changes.ticket.number
        if number is None:
            self.numbers += 1
            number = str(self.numbers)
        ticket = msgspec.structs.replace(changes.ticket, rev=rev, number=number)
        self.tickets[ticket.id] = ticket
        rows = self.entries.setdefault(ticket.id, [])
        rows += (msgspec.structs.replace(entry, rev=rev, known_at=self.now) for entry in changes.entries)
        values = self.personal.setdefault(ticket.id, {})
        values.update({one.key: msgspec.structs.replace(one, rev=rev) for one in changes.personal})
        self.seq += 1
        people = _people(ticket) ^ (_people(old) if old else frozenset())
        before = (old.org, old.line) if old else ("", "")
        self.changes.append((self.seq, ticket.id, rev - 1, before, (ticket.org, ticket.line), people))
        return ticket

    def cursor(self, seq: int | None = None) -> str:
        """The cursor of a place in the feed."""
        return f"{self.epoch}.{self.seq if seq is None else seq}.n"

    def pull(self, person: str, cursor: str, version: str, *, limit: int = 500) -> PullAnswer:
        """One page of the feed."""
        scope = self.scope(person)
        if not cursor or version != scope.version:
            start = cursor or self.cursor()
            return self._answer(start, start, scope.version, scope=scope)
        after = int(cursor.split(".")[1])
        rows = [row for row in self.changes if after < row[0] <= after + limit]
        end = max((row[0] for row in rows), default=after)
        touched: dict[str, tuple[bool, int]] = {}
        for _, id, since, old, new, people in rows:
            was, now = self._covers(person, old), self._covers(person, new)
            concerns, lowest = touched.get(id, (False, since))
            entered = (now and not was) or person in people
            concerned = concerns or was or now or person in people
            touched[id] = (concerned, 0 if entered else min(lowest, since))
        puts, leaves = [], []
        for id, (concerns, since) in touched.items():
            if not concerns and person not in _people(self.tickets[id]):
                continue
            if self.classes(person, self.tickets[id]):
                puts.append(self.put(person, id, since))
            else:
                leaves.append(id)
        return self._answer(
            cursor, self.cursor(end), scope.version, put=tuple(puts), leave=tuple(leaves), more=end < self.seq
        )

    def _answer(self, start: str, to: str, version: str, *, more: bool = False, **rest: Any) -> PullAnswer:
        return PullAnswer(
            from_cursor=start,
            to_cursor=to,
            head=self.seq,
            more=more,
            scope_version=version,
            server_time=self.now,
            **rest,
        )

    def _covers(self, person: str, place: tuple[str, str]) -> bool:
        return covered(self.grants[person], self.above(place[0]), place[1])

    def rows(self, person: str, version: str, **rows: Any) -> RowsAnswer:
        """Rows as of now."""
        return RowsAnswer(as_of=self.seq, epoch=self.epoch, scope_version=version, **rows)

    def fetch(self, person: str, ids: Iterable[str]) -> RowsAnswer:
        """Whole tickets by id."""
        given = list(ids)
        seen = [id for id in given if id in self.tickets and self.classes(person, self.tickets[id])]
        return self.rows(
            person,
            self.scope(person).version,
            put=tuple(self.put(person, id) for id in seen),
            gone=tuple(id for id in given if id not in seen),
        )

    def backfill(self, person: str, request: BackfillRequest) -> RowsAnswer:
        """One page of a range."""
        version = self.scope(person).version
        asked = request.range
        if request.scope_version != version or not self._granted(person, asked):
            return self.rows(person, version, granted=False)
        if asked.kind == "config":
            return self.rows(person, version, config=tuple(config()))
        ids = sorted((id for id in self.tickets if self._within(person, asked, id)), reverse=True)
        page = [id for id in ids if not request.after or id < request.after][: request.limit]
        done = len(page) < request.limit
        puts = tuple(self.put(person, id) for id in page)
        return self.rows(person, version, put=puts, done=done, next="" if done else page[-1])

    def _granted(self, person: str, asked: Range) -> bool:
        above = self.above(asked.unit)
        return asked.kind != "unit" or any(
            grant_covers(grant, above, asked.line or grant.line) for grant in self.grants[person]
        )

    def _within(self, person: str, asked: Range, id: str) -> bool:
        ticket = self.tickets[id]
        if asked.open is not None and asked.open != (ticket.status in OPEN_STATUSES):
            return False
        if not self.classes(person, ticket):
            return False
        if asked.kind == "mine":
            return person in _people(ticket)
        inside = asked.unit in self.above(ticket.org) if asked.deep else ticket.org == asked.unit
        return inside and asked.line in ("", ticket.line)

    def visible(self, person: str) -> dict[str, Put]:
        """Everything a person may hold, as it should stand in a replica that is up to date."""
        return {id: self.put(person, id) for id, one in self.tickets.items() if self.classes(person, one)}


def config() -> Iterator[ConfigRow]:
    """The configuration everybody holds."""
    for unit, parent in TREE.items():
        yield _row("unit", OrgUnit(id=unit, parent=parent, name=unit, pinyin=unit))
    for person in PEOPLE:
        yield _row("person", Person(id=person, name=person, unit="s1", pinyin=person))
    yield _row("template", TEMPLATE)
    yield _row("category", Category(id="c1", name="Food"))


def _row(kind: str, entity: Any) -> ConfigRow:
    return ConfigRow(kind=kind, id=entity.id, version=1, body=msgspec.Raw(msgspec.json.encode(entity)))


def _people(ticket: Ticket) -> frozenset[str]:
    return frozenset(one for one in (ticket.creator, ticket.assignee, *ticket.cc) if one)


def _shown(values: Iterable[PersonalValue], classes: int) -> Iterator[PersonalValue]:
    for value in values:
        bit = CLASS_BIT[value.field_class]
        if bit & classes:
            yield value
        elif bit == SENSITIVE:
            yield msgspec.structs.replace(value, value=masked(value.value), masked=True)


def handler(unit: str, line: str = "", *, level: int = 4, classes: int = ALL_CLASSES) -> Grant:
    """A grant to handle tickets of a unit and those below it."""
    return Grant(id=f"{unit}-{line}", role="agent", unit=unit, line=line, level=level, classes=classes)
