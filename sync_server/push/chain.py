"""Triggers act on what a transaction changed, until they rest; one chain spans linked tickets (RULES §4).

Each trigger acts at most once on a ticket in a transaction, however many commands came with it. What it does is
decided like anybody's command; what fails is left out, and never fails the command of the person who set it off.
"""

from collections.abc import Sequence

import structlog
from msgspec.structs import replace

from domain.entities.base import Entity
from domain.entities.links import Relation
from domain.entities.people import Actor
from domain.entities.rules import On, Plan, RuleAction, Skipped, Trigger
from domain.entities.ticket import Ticket
from domain.ids import IdSource
from domain.rules.actions import Context, plan
from domain.rules.ticket_clocks import with_deadlines
from domain.rules.triggers import Next, State, next_trigger, state
from sync_server.push.judging import Judge, Surroundings, Wants
from sync_server.push.rule_context import Desk, rule_command
from sync_server.store.rule_due import queue_rest
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.verdicts import ask_people

_RELATIONS: dict[On, tuple[Relation, ...]] = {
    "parent": ("child_of",),
    "children": ("parent_of",),
    "problem": ("incident_of",),
    "incidents": ("problem_of",),
    "linked": ("related", "child_of", "parent_of", "incident_of", "problem_of", "follows", "followed_by"),
}

log = structlog.get_logger()


class Act(Entity):
    """One rule about to act: what it is called, on which event and how deep in its chain."""

    rule: str
    name: str
    event: str = ""
    depth: int = 0
    actor: str | None = None


class Chain:
    """Lets triggers act on the tickets of one transaction."""

    def __init__(self, work: UnitOfWork, *, desk: Desk, ids: IdSource) -> None:
        self._work, self._desk, self._ids, self._wants = work, desk, ids, Wants()
        self._states: dict[str, list[State]] = {}
        self._begun: dict[str, Ticket] = {}
        self._fired: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Bring every changed ticket to rest, and those linked with it that this changes."""
        if any(one.active for one in self._desk.configuration.triggers):
            for id in self._work.changed():
                self._rest(id, depth=0)

    def _rest(self, id: str, depth: int) -> None:
        self._look(id, depth)
        while found := self._next(id):
            self._fired.add((found.trigger.id, id))
            self._act(id, found)

    def _look(self, id: str, depth: int) -> None:
        """Note how the ticket stands, with what happened to it by now."""
        work, configuration = self._work, self._desk.configuration
        ticket = self._ticket(id)
        # Conditions see the deadlines that follow from what was decided.
        ticket, _, _ = with_deadlines(
            ticket, work.timeline(id), configuration, self._desk.tree.path(ticket.org), work.at
        )
        before = self._begun.setdefault(id, work.before(id) or ticket)
        new = work.new_entries(id)
        values = self._desk.values(ticket, work.timeline(id), work.at, before=before, new=new)
        self._states.setdefault(id, []).append(state(before, ticket, new, values, depth))

    def _next(self, id: str) -> Next | None:
        fired = {trigger for trigger, ticket in self._fired if ticket == id}
        triggers = self._desk.configuration.triggers
        return next_trigger(triggers, self._states[id], fired=fired, now=self._work.at)

    def _act(self, id: str, found: Next) -> None:
        trigger = found.trigger
        first = next((one.person for one in self._work.new_entries(id) if one.person), None)
        act = Act(
            rule=f"trigger:{trigger.id}",
            name=trigger.name,
            event=found.event,
            depth=found.depth,
            actor=first,
        )
        reached = max(found.depth, self._states[id][-1].depth)
        own = [one for one in trigger.actions if not one.on]
        if self.act(id, own, act):
            self._look(id, reached)
        for action in trigger.actions:
            if action.on:
                self._elsewhere(id, trigger, action, act)

    def _elsewhere(self, id: str, trigger: Trigger, action: RuleAction, act: Act) -> None:
        """Do an action to the linked tickets, and let triggers act on those; what is held elsewhere follows later."""
        others = linked(self._ticket(id), action.on)
        free = self._work.lock_free(others)
        alone = replace(action, on="")
        for other in others:
            if other not in free:
                queue_rest(self._work, rule=act.rule, name=trigger.name, ticket=other, action=alone)
                continue
            if other not in self._states:
                self._look(other, 0)
            if self.act(other, [alone], act):
                self._rest(other, act.depth)

    def act(self, id: str, actions: Sequence[RuleAction], act: Act) -> bool:
        """Do actions to a ticket as one command of the server's; whether that changed it."""
        work, ticket = self._work, self._ticket(id)
        undo = work.savepoint()
        try:
            context = self._desk.context(
                work.conn, ticket, rule=act.rule, name=act.name, at=work.at, actor=act.actor
            )
            self._send(id, act, plan(actions, ticket, context))
        except Exception:  # a rule that fails never fails the command of a person
            log.exception("rule_failed", rule=act.rule, ticket=id)
            undo()
            failed = tuple(Skipped(action=one.kind, code="server_fault") for one in actions)
            self._send(id, act, Plan(skipped=failed))
        return self._ticket(id) != ticket

    def _send(self, id: str, act: Act, found: Plan) -> None:
        work, configuration = self._work, self._desk.configuration
        context = Context(rule=act.rule, name=act.name, at=work.at)
        command = rule_command(self._ids.new(), id, found, context, event=act.event, depth=act.depth)
        people = ask_people(work.conn, sorted(self._wants.people([command])))()
        around = Surroundings(
            actor=Actor(person=None, system=True),
            tree=self._desk.tree,
            configuration=configuration,
            people=people,
            units=self._desk.tree.ids,
            teams=frozenset(configuration.teams),
            categories=frozenset(configuration.categories),
            known_at=work.at,
        )
        verdict = Judge(work, around, self._wants).verdict(command)
        if verdict.status == "rejected":
            log.warning("rule_rejected", rule=act.rule, ticket=id, code=verdict.code)

    def _ticket(self, id: str) -> Ticket:
        ticket = self._work.ticket(id)
        assert ticket is not None
        return ticket


def linked(ticket: Ticket, on: On) -> tuple[str, ...]:
    """The tickets that an action is done to, by how they are linked, in id order."""
    found = {link.ticket for link in ticket.links if link.relation in _RELATIONS.get(on, ())}
    if on in ("parent", "linked") and ticket.parent:
        found.add(ticket.parent)
    return tuple(sorted(found))
