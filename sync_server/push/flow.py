"""What flows ask of the server after a change: handlers found, tickets of a fan-out made and waited for (RULES §6)."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.flow import GATE, NO_FLOW, Child, Flow, Node, Token
from domain.entities.links import Link
from domain.entities.people import Access, Actor
from domain.entities.ticket import Changes, Entry, Ticket
from domain.ids import IdSource
from domain.rules.conditions import holds
from domain.rules.decide import decide
from domain.rules.facts import Facts
from domain.rules.flow import main_token
from domain.rules.flow_clocks import Due, due_at_nodes
from domain.rules.permissions import access
from domain.rules.ticket_values import ticket_values
from domain.wire.commands import Command, CreateTicket, payload
from domain.wire.flow_commands import SettleNode
from domain.wire.intent import Intent
from sync_server.push.flow_people import FlowPeople
from sync_server.push.placing import Placing
from sync_server.store.flow_due import statuses, write_flow_due
from sync_server.store.organisation import Tree
from sync_server.store.unit_of_work import UnitOfWork

MOST_ROUNDS = 50
"""Hops that may follow from one command without anybody doing anything; a checked flow needs few."""
_SOLVED = frozenset({"resolved", "closed"})


def due_of(
    ticket: Ticket, timeline: Sequence[Entry], configuration: Configuration, at: Instant
) -> tuple[Due, ...]:
    """What will be due at the nodes and the gate where a ticket stands, as it is configured now."""
    template = configuration.template(ticket.template, ticket.template_version)
    flow = (template.flow or NO_FLOW) if template is not None else None
    return due_at_nodes(ticket, timeline, flow, configuration.calendars, at, gates=configuration.gates)


class Flows:
    """Brings the flows of one transaction's tickets to where somebody has to do something."""

    def __init__(
        self, work: UnitOfWork, placing: Placing, *, tree: Tree, configuration: Configuration, ids: IdSource
    ) -> None:
        self._work, self._tree, self._configuration, self._ids = work, tree, configuration, ids
        self._people = FlowPeople(work, placing, tree=tree, configuration=configuration)

    def settle(self) -> None:
        """Let parents of solved children go on, then name who each new node is for."""
        for _ in range(MOST_ROUNDS):
            acts = [act for id in self._work.changed() for act in self._wanted(id)]
            if not acts:
                return
            for id, act in acts:
                self._do(id, act)

    def align(self) -> None:
        """Whoever the ticket was given to otherwise has its first task as well."""
        for id in self._work.changed():
            ticket = self._ticket(id)
            flow = self._flow(ticket)
            main = main_token(flow, ticket.flow.tokens) if ticket.flow is not None else None
            if main is None or ticket.flow is None:
                continue
            if (main.assignee, main.team) != (ticket.assignee, ticket.team):
                moved = replace(main, assignee=ticket.assignee, team=ticket.team)
                tokens = tuple(moved if one is main else one for one in ticket.flow.tokens)
                self._work.stage(Changes(ticket=replace(ticket, flow=replace(ticket.flow, tokens=tokens))))

    def write_due(self) -> None:
        """Write what will be due at the nodes of the tickets that change."""
        due = {}
        for id in self._work.changed():
            ticket, before = self._ticket(id), self._work.before(id)
            if ticket.flow is not None or (before is not None and before.flow is not None):
                due[id] = due_of(ticket, self._work.timeline(id), self._configuration, self._work.at)
        if due:
            write_flow_due(self._work, due)

    def _wanted(self, id: str) -> list[tuple[str, SettleNode]]:
        """What the server has to do now for one ticket."""
        ticket = self._ticket(id)
        before = self._work.before(id)
        wanted = []
        if ticket.parent and ticket.status in _SOLVED and (before is None or before.status not in _SOLVED):
            wanted += self._joined(ticket.parent)
        flow = self._flow(ticket)
        if flow is None or ticket.flow is None or ticket.status in _SOLVED:
            return wanted
        for token in ticket.flow.tokens:
            node = flow.node(token.node) if token.node != GATE else self._gate(ticket.flow.gate)
            if node is not None and not token.settled:
                wanted.append((id, self._act(ticket, node, token)))
        return wanted

    def _act(self, ticket: Ticket, node: Node, token: Token) -> SettleNode:
        if node.kind == "fan_out":
            return SettleNode(
                act="children",
                node=token.node,
                visit=token.visit,
                children=self._children(ticket, node),
            )
        cc = set(self._people.named(ticket, node.cc))
        if node.approval is not None:
            late = node.approval.time_out
            handlers = late.to if token.timed_out and late is not None else node.approval.approvers
            approvers = self._people.approvers(ticket, handlers, token)
            return SettleNode(
                act="settle",
                node=token.node,
                visit=token.visit,
                approvers=approvers,
                cc=tuple(sorted(cc | set(approvers))),
            )
        assignee, team = self._people.handler(ticket, node, token)
        main = main_token(self._flow(ticket), ticket.flow.tokens if ticket.flow is not None else ())
        if assignee is not None and main is not token:
            cc.add(assignee)  # who has a branch sees the ticket by following it
        return SettleNode(
            act="settle",
            node=token.node,
            visit=token.visit,
            assignee=assignee,
            team=team,
            cc=tuple(sorted(cc)),
        )

    def _children(self, ticket: Ticket, node: Node) -> tuple[str, ...]:
        """Make a ticket in each unit whose conditions hold; each is linked to this one."""
        values = ticket_values(
            ticket,
            org_path=self._tree.path(ticket.org),
            category_path=self._configuration.category_path(ticket.category),
        )
        made = []
        for child, unit in self._where(ticket, node):
            versions = [v for id, v in self._configuration.templates if id == child.template]
            template = self._configuration.template(child.template, max(versions, default=0))
            if template is None or not holds(child.when, values):
                continue
            known = {field.key for field in template.fields if not field.personal}
            content = CreateTicket(
                template=template.id,
                template_version=template.version,
                org=unit,
                line=ticket.line,
                subject=ticket.subject,
                priority=ticket.priority,
                category=ticket.category,
                channel="flow",
                fields={key: value for key, value in ticket.fields.items() if key in known},
                team=child.team or None,
                requester="colleague",
            )
            id = self._ids.new()
            person = ticket.assignee or ticket.creator
            if self._stage(id, "create", content, Actor(person=person, system=True), template=template):
                made.append(id)
                self._link(ticket, id)
        return tuple(made)

    def _where(self, ticket: Ticket, node: Node) -> list[tuple[Child, str]]:
        """In which units a fan-out makes what; each template once in a unit, however many fields name it."""
        codes = {one.code: id for id, one in self._tree.units.items() if one.code}
        found: dict[tuple[str, str], tuple[Child, str]] = {}
        for child in node.fan_out:
            said = ticket.fields.get(child.field) if child.field else child.unit
            for one in said if isinstance(said, list | tuple) else (said,):
                unit = codes.get(str(one), str(one or ""))
                if unit in self._tree.units:
                    found.setdefault((child.template, unit), (child, unit))
        return list(found.values())

    def _link(self, parent: Ticket, id: str) -> None:
        child = self._ticket(id)
        link = Link(relation="child_of", ticket=parent.id)
        child = replace(
            child,
            parent=parent.id,
            links=(*child.links, link),
            customer=parent.customer,
            order_no=parent.order_no,
            tier=parent.tier,
        )
        self._work.stage(Changes(ticket=child))
        held = self._ticket(parent.id)
        links = (*held.links, Link(relation="parent_of", ticket=id))
        self._work.stage(Changes(ticket=replace(held, links=links)))

    def _joined(self, id: str) -> list[tuple[str, SettleNode]]:
        """The fan-outs of a parent whose tickets are all solved now; the parent is locked for it."""
        self._work.lock([id])
        parent = self._work.ticket(id)
        tokens = parent.flow.tokens if parent is not None and parent.flow is not None else ()
        waiting = [one for one in tokens if one.children]
        children = [child for one in waiting for child in one.children]
        now = {child: ticket.status for child in children if (ticket := self._work.ticket(child)) is not None}
        found = statuses(self._work.conn, children) | now
        return [
            (id, SettleNode(node=one.node, visit=one.visit, act="fire"))
            for one in waiting
            if all(found.get(child, "closed") in _SOLVED for child in one.children)
        ]

    def _do(self, id: str, act: SettleNode) -> None:
        self._stage(id, "node", act, Actor(person=None, system=True))

    def _stage(self, id: str, kind: str, intent: Intent, actor: Actor, *, template: Any = None) -> bool:
        """Decide a command of the server's own in this transaction."""
        at, ticket = self._work.at, self._work.ticket(id)
        command = Command(id=self._ids.new(), ticket_id=id, kind=kind, set=payload(intent), at=at)
        if ticket is not None:
            template = self._configuration.template(ticket.template, ticket.template_version)
        org = ticket.org if ticket is not None else getattr(intent, "org", "")
        system = Access(level=99, classes=7)
        facts = Facts(
            actor=actor,
            access=access(actor, ticket, self._tree.ancestors) if ticket is not None else system,
            at=at,
            known_at=at,
            ticket=ticket,
            personal=self._work.personal(id) if ticket is not None else {},
            template=template,
            units=self._tree.ids,
            teams=frozenset(self._configuration.teams),
            categories=frozenset(self._configuration.categories),
            org_path=tuple(self._tree.path(org)),
            configuration=self._configuration,
        )
        decision = decide(facts, command)
        if isinstance(decision, Changes):
            self._work.stage(decision)
            return True
        return False

    def _flow(self, ticket: Ticket) -> Flow | None:
        template = self._configuration.template(ticket.template, ticket.template_version)
        return template.flow or NO_FLOW if template is not None else None

    def _gate(self, id: str) -> Node | None:
        gate = next((one for one in self._configuration.gates if one.id == id), None)
        return gate.node() if gate is not None else None

    def _ticket(self, id: str) -> Ticket:
        ticket = self._work.ticket(id)
        assert ticket is not None
        return ticket
