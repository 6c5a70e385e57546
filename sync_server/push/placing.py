"""Finding somebody for a ticket inside one transaction: what people hold is read once, under lock (RULES §7)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.ticket import Ticket
from domain.rules.routing import Candidate, Choice, Wanted, choose, weight
from sync_server.store.routing import (
    COUNTED,
    Standing,
    Waiting,
    end_waiting,
    locked_standing,
    wake,
    write_turns,
    write_waiting,
)
from sync_server.store.unit_of_work import UnitOfWork

LOOK_AGAIN_MS = 600_000
"""What waits is looked at so often in any case: people and rosters change, too."""


class Load(NamedTuple):
    """What a ticket weighs, and for whom."""

    person: str
    weight: int


_NOTHING = Load("", 0)


class Placing:
    """Who gets a ticket, what this transaction gave out counted in; nothing is read before somebody asks."""

    def __init__(self, work: UnitOfWork, configuration: Configuration) -> None:
        self._work, self._configuration = work, configuration
        self._standing: dict[str, Standing] = {}
        self._given: dict[str, Instant] = {}
        self._counted = 0  # how much of what was staged is in these two
        self._weighs: dict[str, Load] = {}
        self._moved: Counter[str] = Counter()

    def choose(self, people: Iterable[str], wanted: Wanted) -> Choice:
        """One of these people, or nobody and why; who has left is none of them.

        Of two transactions that ask for the same people one waits for the other, so that no capacity is given away
        twice. What people take by hand, or are given by hand, asks nobody and may go beyond it.
        """
        named = list(dict.fromkeys(people))
        self._read([one for one in named if one not in self._standing])
        self._count()
        choice = choose(
            [self._candidate(one) for one in named if one in self._standing[one].active],
            wanted,
            self._work.at,
        )
        if choice.person is not None:
            last = max((self._turn(one) for one in named), default=0)
            self._given[choice.person] = max(self._work.at, last + 1)
        return choice

    def _read(self, people: Sequence[str]) -> None:
        if people:
            self._standing |= dict.fromkeys(people, locked_standing(self._work.conn, people))

    def _turn(self, person: str) -> Instant:
        return self._given.get(person, self._standing[person].turns.get(person, 0))

    def _candidate(self, person: str) -> Candidate:
        roster = self._configuration.rosters.get(person)
        held = self._standing[person].held.get(person, {})
        load = sum(weight(roster, priority) * count for priority, count in held.items())
        return Candidate(
            person=person,
            roster=roster,
            calendar=self._configuration.calendars.get(roster.calendar) if roster is not None else None,
            load=load + self._moved[person],
            last_at=self._turn(person),
        )

    def _count(self) -> None:
        """Bring up to date by how much this transaction changes what people hold; each staging is looked at once."""
        staged = self._work.staged_after(self._counted)
        for id in staged:
            before = self._weighs.get(id)
            if before is None:
                before = self._weight(self._work.before(id))
            after = self._weighs[id] = self._weight(self._work.ticket(id))
            self._moved[before.person] -= before.weight
            self._moved[after.person] += after.weight
        self._counted += len(staged)

    def _weight(self, ticket: Ticket | None) -> Load:
        if ticket is None or ticket.assignee is None or ticket.status not in COUNTED:
            return _NOTHING
        return Load(
            ticket.assignee, weight(self._configuration.rosters.get(ticket.assignee), ticket.priority)
        )

    def wait(self, waiting: Waiting) -> None:
        """Look at a ticket again when somebody may be there for it."""
        soonest = min(waiting.due_at, waiting.relax_at or waiting.due_at)
        due_at = min(max(soonest, self._work.at + 1), self._work.at + LOOK_AGAIN_MS)
        write_waiting(self._work, [replace(waiting, due_at=due_at)])

    def end_wait(self, ticket: str) -> None:
        """The ticket waits no longer."""
        end_waiting(self._work, ticket)

    def close(self) -> None:
        """Write down whose turn it was, and wake what waits for those who have capacity again."""
        if self._given:
            write_turns(self._work, self._given)
        bounded = {id for id, one in self._configuration.rosters.items() if one.capacity is not None}
        if bounded:
            wake(self._work, self._freed(bounded))

    def _freed(self, bounded: set[str]) -> Iterable[str]:
        """The teams of those who hold less than before."""
        before = {one.assignee for id in self._work.changed() if (one := self._work.before(id)) is not None}
        self._count()
        freed = {one for one in before if one in bounded and self._moved[one] < 0}
        return (team.id for team in self._configuration.teams.values() if freed.intersection(team.members))
