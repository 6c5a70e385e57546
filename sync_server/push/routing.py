"""Routing what nobody holds: a rule says where it goes, its team who gets it, or it waits and the lead is told."""

from typing import Any

from msgspec.structs import replace

from domain.entities.configuration import Configuration
from domain.entities.people import Access, Actor
from domain.entities.routing import How, RoutingRule
from domain.entities.ticket import OPEN_STATUSES, Changes, Ticket
from domain.ids import IdSource
from domain.rules.decide import decide
from domain.rules.facts import Facts
from domain.rules.permissions import access
from domain.rules.routing import Choice, Wanted, how_of, route
from domain.rules.ticket_values import description_of
from domain.wire.commands import ApplyRouting, Command, payload
from sync_server.push.placing import LOOK_AGAIN_MS, Placing
from sync_server.store.organisation import Tree
from sync_server.store.routing import Waiting
from sync_server.store.unit_of_work import UnitOfWork

_SYSTEM = Actor(person=None, system=True)


class Routing:
    """Routes tickets of one transaction."""

    def __init__(
        self, work: UnitOfWork, placing: Placing, *, tree: Tree, configuration: Configuration, ids: IdSource
    ) -> None:
        self._work, self._placing, self._tree = work, placing, tree
        self._configuration, self._ids = configuration, ids

    def route(self, id: str) -> None:
        """Send a ticket that begins its way anew where the first rule says that it meets."""
        ticket = self._ticket(id)
        if not _to_be_routed(self._work.before(id), ticket):
            return
        written = description_of(self._work.timeline(id))
        rule = route(ticket, self._configuration, self._tree.path(ticket.org), written)
        if rule is not None:
            self._apply(ticket, rule)

    def _apply(self, ticket: Ticket, rule: RoutingRule) -> None:
        how, at = how_of(rule), self._work.at
        reason: dict[str, Any] = {"name": rule.name, "how": how}
        choice: Choice | None = None
        if how != "claim":
            people = self._people(how, rule.team, rule.assignee)
            wanted = Wanted(how=how, priority=rule.priority or ticket.priority, skills=frozenset(rule.skills))
            choice = self._placing.choose(people, wanted)
            reason |= _told(choice, rule.skills)
        lead = self._lead(rule.team) if choice is not None and choice.person is None else ""
        self._stage(
            ticket,
            ApplyRouting(
                rule=rule.id,
                org=rule.org,
                team=rule.team,
                assignee=choice.person if choice is not None else None,
                priority=rule.priority,
                cc=rule.cc,
                tags=rule.tags,
                reason=reason,
                lead=lead,
            ),
        )
        if choice is not None and choice.person is None:
            waiting = Waiting(
                ticket=ticket.id,
                rule=rule.id,
                team=rule.team or "",
                people=(rule.assignee,) if how == "direct" and rule.assignee else (),
                how=how,
                skills=rule.skills,
                relax_at=at + rule.relax_s * 1000 if rule.relax_s and rule.skills else None,
                since_at=at,
                due_at=choice.again_at or at + LOOK_AGAIN_MS,
            )
            self._placing.wait(waiting)

    def try_again(self, waiting: Waiting) -> None:
        """Look for somebody once more; who took it meanwhile, or where it went, stands."""
        ticket, at = self._work.ticket(waiting.ticket), self._work.at
        if ticket is None or not _still_waits(ticket, waiting):
            self._placing.end_wait(waiting.ticket)
            return
        relaxed = waiting.relax_at is not None and waiting.relax_at <= at
        skills = () if relaxed else waiting.skills
        wanted = Wanted(how=waiting.how, priority=ticket.priority, skills=frozenset(skills))
        people = waiting.people or self._people(waiting.how, waiting.team, None)
        choice = self._placing.choose(people, wanted)
        if choice.person is None:
            self._placing.wait(_later(waiting, choice, at, relaxed=relaxed))
            return
        name = next((one.name for one in self._configuration.routing if one.id == waiting.rule), "")
        reason = {"name": name, "how": waiting.how, **_told(choice, skills)}
        if relaxed:
            reason["relaxed"] = list(waiting.skills)
        self._stage(ticket, ApplyRouting(rule=waiting.rule, assignee=choice.person, reason=reason))
        self._placing.end_wait(waiting.ticket)

    def _people(self, how: How, team: str | None, person: str | None) -> tuple[str, ...]:
        if how == "direct" and person is not None:
            return (person,)
        known = self._configuration.teams.get(team or "")
        return known.members if known is not None else ()

    def _lead(self, team: str | None) -> str:
        known = self._configuration.teams.get(team or "")
        return known.lead if known is not None else ""

    def _stage(self, ticket: Ticket, intent: ApplyRouting) -> None:
        at = self._work.at
        command = Command(id=self._ids.new(), ticket_id=ticket.id, kind="route", set=payload(intent), at=at)
        held: Access = access(_SYSTEM, ticket, self._tree.ancestors)
        facts = Facts(actor=_SYSTEM, access=held, at=at, known_at=at, ticket=ticket)
        decision = decide(facts, command)
        if isinstance(decision, Changes):
            self._work.stage(decision)

    def _ticket(self, id: str) -> Ticket:
        ticket = self._work.ticket(id)
        assert ticket is not None
        return ticket


def _told(choice: Choice, skills: tuple[str, ...]) -> dict[str, Any]:
    """Why this person, or nobody, as the timeline keeps it."""
    told: dict[str, Any] = {"why": choice.why, "found": choice.person is not None}
    if choice.person is not None:
        told |= {"load": choice.load, "capacity": choice.capacity}
    return told | ({"skills": list(skills)} if skills else {})


def _later(waiting: Waiting, choice: Choice, at: int, *, relaxed: bool) -> Waiting:
    return replace(
        waiting,
        skills=() if relaxed else waiting.skills,
        relax_at=None if relaxed else waiting.relax_at,
        due_at=choice.again_at or at + LOOK_AGAIN_MS,
    )


def _still_waits(ticket: Ticket, waiting: Waiting) -> bool:
    free = ticket.assignee is None and ticket.status in OPEN_STATUSES and ticket.merged_into is None
    return free and (ticket.team or "") == waiting.team


def _to_be_routed(before: Ticket | None, after: Ticket) -> bool:
    """Whether a ticket begins its way anew: it is new, came to another unit or line, or lost who held it."""
    if after.status in ("resolved", "closed"):
        return False
    if before is None or (before.org, before.line) != (after.org, after.line):
        return True
    return before.team is not None or before.assignee is not None
