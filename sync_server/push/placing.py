"""Finding somebody for a ticket inside one transaction: what people hold is read once, under lock (RULES §7)."""

from collections.abc import Iterable, Sequence

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


class Placing:
    """Who gets a ticket, what this transaction gave out counted in; nothing is read before somebody asks."""

    def __init__(self, work: UnitOfWork, configuration: Configuration) -> None:
        self._work, self._configuration = work, configuration
        self._standing: dict[str, Standing] = {}
        self._given: dict[str, Instant] = {}

    def choose(self, people: Iterable[str], wanted: Wanted) -> Choice:
        """One of these people, or nobody and why; who has left is none of them.

        Of two transactions that ask for the same people one waits for the other, so that no capacity is given away
        twice. What people take by hand, or are given by hand, asks nobody and may go beyond it.
        """
        named = list(dict.fromkeys(people))
        self._read([one for one in named if one not in self._standing])
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
        changed = sum(self._moved(id, person) for id in self._work.changed())
        return Candidate(
            person=person,
            roster=roster,
            calendar=self._configuration.calendars.get(roster.calendar) if roster is not None else None,
            load=load + changed,
            last_at=self._turn(person),
        )

    def _moved(self, id: str, person: str) -> int:
        """By how much this transaction changes what a ticket weighs for a person."""
        return self._weight(self._work.ticket(id), person) - self._weight(self._work.before(id), person)

    def _weight(self, ticket: Ticket | None, person: str) -> int:
        if ticket is None or ticket.assignee != person or ticket.status not in COUNTED:
            return 0
        return weight(self._configuration.rosters.get(person), ticket.priority)

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
        people = {person for person in before & bounded if person is not None}
        freed = {one for one in people if sum(self._moved(id, one) for id in self._work.changed()) < 0}
        return (team.id for team in self._configuration.teams.values() if freed.intersection(team.members))
