"""The ladder of urging: who is urged at which level, until when, and what answers an urge (RULES §8)."""

from collections.abc import Iterable, Mapping, Sequence

from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.configuration import Configuration
from domain.entities.people import Person
from domain.entities.ticket import Entry, Ticket
from domain.entities.urging import AND_CC, HANDLER, HEAD, SUPERIOR, Superiors, Urging
from domain.rules.business_time import add_working_s

URGED_IN = frozenset({"new", "open"})
"""Nobody is urged after resolution, nor while the ticket waits for the customer or is on hold."""
DAY_MS = 86_400_000
_DEFAULT = Urging(id="")
_BY_ANYBODY = frozenset({"taken", "status", "assigned", "transferred", "returned", "routed", "merged_into"})
_BY_HANDLER = frozenset({"reply", "note", "edited", "priority", "attached"})


def urging_for(configuration: Configuration, line: str) -> Urging:
    """What is set for a business line, else for all others, else the usual."""
    by_line = {one.line: one for one in configuration.urging}
    return by_line.get(line) or by_line.get("") or _DEFAULT


def answers(ticket: Ticket, row: Entry) -> bool:
    """Whether a row of the timeline is an act of handling: it answers an urge."""
    if row.kind in _BY_ANYBODY:
        return True
    if row.kind not in _BY_HANDLER or row.person is None:
        return False
    if ticket.assignee is not None:
        return row.person == ticket.assignee
    return row.person != ticket.creator and row.person not in ticket.cc


def handled_at(ticket: Ticket, timeline: Iterable[Entry]) -> Instant:
    """When somebody last handled a ticket; its creation where nobody did."""
    return max((row.at for row in timeline if answers(ticket, row)), default=ticket.created_at)


def calendar_of(ticket: Ticket, urging: Urging, configuration: Configuration) -> Calendar | None:
    """The working time that a level lasts in; none: round the clock."""
    policy = next((one for one in configuration.policies if one.id == ticket.policy), None)
    named = urging.calendar or (policy.calendar if policy is not None else None)
    return configuration.calendars.get(named or "")


def next_at(ticket: Ticket, since: Instant, configuration: Configuration) -> Instant:
    """When a level that began at an instant is over."""
    urging = urging_for(configuration, ticket.line)
    return add_working_s(calendar_of(ticket, urging, configuration), since, urging.level_s)


def due_at(ticket: Ticket, timeline: Iterable[Entry], configuration: Configuration) -> Instant | None:
    """When the ladder goes on by itself; None where it rests."""
    if ticket.status not in URGED_IN or ticket.merged_into is not None:
        return None
    if ticket.urged is not None:
        return ticket.urged.next_at
    if not urging_for(configuration, ticket.line).automatic or (ticket.assignee or ticket.team) is None:
        return None
    return next_at(ticket, handled_at(ticket, timeline), configuration)


def above(level: int, superiors: Superiors) -> int:
    """The level after this one: where there is no superior, the one after that; the last one stays."""
    for following in range(level + 1, HEAD + 1):
        if following < SUPERIOR or (superiors.direct if following == SUPERIOR else superiors.head):
            return following
    return level


def urged(ticket: Ticket, level: int, superiors: Superiors) -> tuple[str, ...]:
    """Who is urged at a level; where nobody holds the ticket, its team is told elsewhere."""
    found: Sequence[str | None]
    if level == HANDLER:
        found = (ticket.assignee,)
    elif level == AND_CC:
        found = (ticket.assignee, *ticket.cc)
    elif level == SUPERIOR:
        found = (ticket.assignee, superiors.direct)
    else:
        found = (ticket.assignee, superiors.direct, superiors.head)
    return tuple(dict.fromkeys(one for one in found if one))


def superiors_of(person: str | None, people: Mapping[str, Person]) -> Superiors:
    """The direct superior of a handler, and the head of the department that the superior belongs to.

    The head is the highest in the line of superiors within that department's unit; where the direct superior is that
    already, whoever is next above.
    """
    direct = _above(person, people)
    if not direct:
        return Superiors()
    unit, head, seen = people[direct].unit, direct, {person, direct}
    while (following := _above(head, people)) and following not in seen and people[following].unit == unit:
        head = following
        seen.add(head)
    if head == direct:
        head = _above(direct, people)
    return Superiors(direct=direct, head="" if head in (direct, person) else head)


def _above(person: str | None, people: Mapping[str, Person]) -> str:
    """The superior of a person, where there is one who works here."""
    found = people.get(person or "")
    superior = people.get(found.superior) if found is not None and found.superior else None
    return superior.id if superior is not None and superior.active else ""
