"""Where a ticket goes that nobody holds: ordered rules, then who of a team gets it (RULES §7)."""

from collections.abc import Iterable, Sequence
from typing import Literal

from domain.entities.base import Entity, Instant
from domain.entities.calendars import Calendar
from domain.entities.configuration import Configuration
from domain.entities.routing import WEIGHTS, How, Roster, RoutingRule
from domain.entities.ticket import Ticket
from domain.rules.conditions import first_match
from domain.rules.open_time import open_time
from domain.rules.ticket_values import ticket_values

Why = Literal["direct", "round_robin", "least_loaded", "nobody_there", "away", "skills", "shift", "capacity"]
"""How somebody was found; else the last hurdle that nobody took: they have no members, are away, lack the skills,
are off shift, or have no capacity left."""


class Candidate(Entity):
    """Somebody who may get a ticket, as they stand: what they hold already, when they last were given one."""

    person: str
    roster: Roster | None = None
    calendar: Calendar | None = None  # of the roster
    load: int = 0
    last_at: Instant = 0


class Wanted(Entity):
    """What a ticket needs of the person who gets it."""

    how: How = "least_loaded"
    priority: str = "normal"
    skills: frozenset[str] = frozenset()


class Choice(Entity):
    """Who gets the ticket and why; nobody: why not, and when it is worth trying again."""

    person: str | None = None
    why: Why
    load: int = 0  # of the person, with this ticket
    capacity: int | None = None
    again_at: Instant | None = None  # the next beginning of a shift, or return of somebody


def route(
    ticket: Ticket, configuration: Configuration, org_path: Sequence[str], description: str = ""
) -> RoutingRule | None:
    """The rule that says where the ticket goes; None where it stays with its unit."""
    if ticket.team is not None or ticket.assignee is not None:
        return None
    path = configuration.category_path(ticket.category)
    values = ticket_values(ticket, org_path=org_path, category_path=path, description=description)
    return first_match(configuration.routing, values)


def how_of(rule: RoutingRule) -> How:
    """The rule's way to find somebody."""
    return rule.how or ("direct" if rule.assignee else "claim")


def weight(roster: Roster | None, priority: str) -> int:
    """How much of a person's capacity a ticket of that priority takes."""
    own = roster.weights if roster is not None else {}
    return own.get(priority, WEIGHTS.get(priority, 1))


def choose(candidates: Iterable[Candidate], wanted: Wanted, now: Instant) -> Choice:
    """Who of these gets a ticket now.

    Skills are hard, then shifts, then capacity. A ticket that goes to one person directly waits for their shift with
    them, whatever they hold; only where they are away it does not.
    """
    all_of_them = list(candidates)
    present = [one for one in all_of_them if not _away(one, now)]
    if wanted.how == "direct":
        return _found(present[0], wanted, "direct") if present else _nobody(all_of_them, "away", now)
    hurdles: tuple[tuple[Why, list[Candidate]], ...] = (
        ("nobody_there", all_of_them),
        ("away", present),
        ("skills", skilled := [one for one in present if wanted.skills <= _skills(one)]),
        ("shift", on_shift := [one for one in skilled if _on_shift(one, now)]),
        ("capacity", free := [one for one in on_shift if _free(one, wanted.priority)]),
    )
    if not free:
        why = next(name for name, left in hurdles if not left)
        return _nobody([one for one in all_of_them if wanted.skills <= _skills(one)], why, now)
    if wanted.how == "round_robin":
        return _found(min(free, key=lambda one: (one.last_at, one.person)), wanted, "round_robin")
    return _found(min(free, key=lambda one: (one.load, one.last_at, one.person)), wanted, "least_loaded")


def _found(one: Candidate, wanted: Wanted, why: Why) -> Choice:
    load = one.load + weight(one.roster, wanted.priority)
    return Choice(person=one.person, why=why, load=load, capacity=_capacity(one))


def _nobody(worth_waiting_for: Iterable[Candidate], why: Why, now: Instant) -> Choice:
    starts = [at for one in worth_waiting_for if (at := _back_at(one, now)) is not None]
    return Choice(why=why, again_at=min(starts, default=None))


def _skills(one: Candidate) -> frozenset[str]:
    return frozenset(one.roster.skills) if one.roster is not None else frozenset()


def _capacity(one: Candidate) -> int | None:
    return one.roster.capacity if one.roster is not None else None


def _free(one: Candidate, priority: str) -> bool:
    capacity = _capacity(one)
    return capacity is None or one.load + weight(one.roster, priority) <= capacity


def _away(one: Candidate, at: Instant) -> bool:
    return one.roster is not None and any(begin <= at < end for begin, end in one.roster.away)


def _on_shift(one: Candidate, at: Instant) -> bool:
    if one.roster is not None and one.roster.shifts:
        return any(begin <= at < end for begin, end in one.roster.shifts)
    return one.calendar is None or open_time(one.calendar).next_open(at) == at


def _back_at(one: Candidate, now: Instant) -> Instant | None:
    """When somebody who is not there now comes, at the earliest; None where they are there, or never come."""
    at = now
    for _ in range(len(one.roster.away) + 1 if one.roster is not None else 1):
        starts = _next_shift(one, at)
        if starts is None:
            return None
        at = max((end for begin, end in _absences(one) if begin <= starts < end), default=starts)
        if at == starts:
            break
    return at if at > now else None


def _absences(one: Candidate) -> Sequence[tuple[Instant, Instant]]:
    return one.roster.away if one.roster is not None else ()


def _next_shift(one: Candidate, at: Instant) -> Instant | None:
    if one.roster is not None and one.roster.shifts:
        return min((max(begin, at) for begin, end in one.roster.shifts if end > at), default=None)
    return at if one.calendar is None else open_time(one.calendar).next_open(at)
