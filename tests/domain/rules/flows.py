"""Flows, random and hand-made, and a ticket that walks them, for tests of decisions."""

import random
from typing import Any

from domain.entities.conditions import Condition, Conditions
from domain.entities.flow import Approval, Edge, Flow, Handler, Node, NodeKind, Output, Timer, Token
from domain.entities.forms import FormField, Template
from domain.entities.people import ALL_CLASSES, HANDLE, MANAGE, Access, Actor
from domain.entities.sla import Target
from domain.entities.ticket import Changes, Entry, Ticket
from domain.rules.decide import Decision, decide
from domain.rules.facts import Facts, Refused
from domain.wire.commands import Command, CreateTicket, payload
from domain.wire.intent import Intent

CREATOR, WORKER, BOSS, CHIEF, ELSE = "p-creator", "p-worker", "p-boss", "p-chief", "p-else"
PEOPLE = frozenset({CREATOR, WORKER, BOSS, CHIEF, ELSE})
START = 1_795_000_000_000
LARGE = Conditions(all=(Condition(field="fields.amount", op="gt", value=500),))


def to(*keys: str, **conditions: Conditions) -> tuple[Edge, ...]:
    """Edges named after where they lead."""
    return tuple(Edge(key=key, to=key, when=conditions.get(key, Conditions())) for key in keys)


def task(key: str, *keys: str, **parts: Any) -> Node:
    """A task of the worker's."""
    parts = {"handler": Handler(kind="person", person=WORKER), **parts}
    return Node(key=key, kind="task", edges=parts.pop("edges", to(*keys)), **parts)


def approval(key: str, approved: str, rejected: str = "", **parts: Any) -> Node:
    """An approval."""
    ways = {"approved": approved, "rejected": rejected}
    edges = tuple(Edge(key=key, to=way) for key, way in ways.items() if way)
    asked = Approval(**{"approvers": (Handler(kind="person", person=BOSS),), **parts})
    return Node(key=key, kind="approval", approval=asked, edges=edges)


def plain(kind: NodeKind, key: str, *keys: str, **parts: Any) -> Node:
    """A node at which nobody does anything."""
    return Node(key=key, kind=kind, edges=parts.pop("edges", to(*keys)), **parts)


END = plain("end", "end", status="resolved")
CLAIM = Flow(
    start="survey",
    reopen_at="survey",
    nodes=(
        task("survey", "size", outputs=(Output(key="amount", right="required"),)),
        plain("condition", "size", edges=to("approve", "pay", approve=LARGE)),
        approval("approve", "pay", "survey"),
        task("pay", "both", "survey", stops=("solution_proposed",),
             outputs=(Output(key="amount", right="read_only"), Output(key="category", right="read_only"))),
        plain("parallel", "both", "visit", "book", join="met"),
        task("visit", "met"),
        task("book", "met", handler=Handler(kind="team", team="team")),
        plain("join", "met", "end"),
        END,
    ),
)  # fmt: skip


def template(flow: Flow, **parts: Any) -> Template:
    """A scenario with one number in its form."""
    fields = (FormField(key="amount", label="Amount", kind="money", field_class="internal"),)
    return Template(
        id="t", version=1, name="T", category_required_at="never", flow=flow, **{"fields": fields, **parts}
    )


class Desk:
    """One ticket in one flow: commands are decided one after the other, as the server does and a desktop alike."""

    def __init__(self, flow: Flow, *, fields: dict[str, Any] | None = None, **parts: Any) -> None:
        self.template = template(flow, **parts)
        self.at, self._count = START, 0
        self.both_ends = True
        self.entries: list[Entry] = []
        self.ticket: Ticket | None = None
        content = CreateTicket(
            template="t", template_version=1, org="s1", line="l", subject="S", fields=fields or {}
        )
        self.do(CREATOR, "create", content)

    @property
    def flow(self) -> Flow:
        """The flow."""
        assert self.template.flow is not None
        return self.template.flow

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Where the ticket stands."""
        assert self.ticket is not None
        return self.ticket.flow.tokens if self.ticket.flow is not None else ()

    @property
    def nodes(self) -> list[str]:
        """The keys of where it stands."""
        return [one.node for one in self.tokens]

    def facts(self, person: str, *, level: int = HANDLE, **values: Any) -> Facts:
        """Facts for a person, the server for none."""
        ticket = self.ticket
        creator, assignee = ticket is not None and ticket.creator == person, bool(
            ticket and ticket.assignee == person
        )  # fmt: skip
        plain_facts: dict[str, Any] = {
            "actor": Actor(person=person or None, system=not person),
            "access": Access(
                level=level if person else MANAGE + 1,
                classes=ALL_CLASSES,
                creator=creator,
                assignee=assignee,
            ),
            "at": self.at,
            "known_at": self.at,
            "ticket": ticket,
            "template": self.template,
            "units": frozenset({"s1"}),
            "people": PEOPLE,
            "teams": frozenset({"team"}),
            "categories": frozenset({"c1"}),
            "timeline": self.entries,
        }
        return Facts(**{**plain_facts, **values})

    def ask(self, person: str, kind: str, intent: Intent, **values: Any) -> Decision:
        """Decide without doing it."""
        self._count += 1
        base = {"assignee": self.ticket.assignee} if self.ticket is not None else {}
        command = Command(
            id=f"c{self._count}", ticket_id="T", kind=kind, base=base, set=payload(intent), at=self.at
        )
        return decide(self.facts(person, **values), command)

    def do(self, person: str, kind: str, intent: Intent, **values: Any) -> Changes:
        """Decide and keep what comes of it; a minute passes."""
        decision = self.ask(person, kind, intent, **values)
        assert isinstance(decision, Changes), decision
        if person and self.both_ends:
            # A desktop has no timeline at hand and can't know that what it lacks does not exist.
            self._count -= 1
            assert self.ask(person, kind, intent, **{**values, "complete": False, "timeline": ()}) == decision
        self.ticket = decision.ticket
        self.entries += decision.entries
        self.at += 60_000
        return decision

    def refused(self, person: str, kind: str, intent: Intent, **values: Any) -> str:
        """The code of what is refused."""
        decision = self.ask(person, kind, intent, **values)
        assert isinstance(decision, Refused), decision
        return decision.code

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """The details of the timeline's rows of a kind."""
        return [row.detail for row in self.entries if row.kind == kind]


def random_flow(seed: random.Random) -> Flow:
    """A flow that passes every check: a chain of tasks, approvals, choices, parallels, timers, with ways back."""
    nodes: list[Node] = []
    first = _chain(seed, nodes, "end", depth=0)
    nodes.append(END)
    return Flow(start=first, nodes=tuple(nodes), reopen_at=seed.choice(["", first]))


def _chain(seed: random.Random, nodes: list[Node], last: str, depth: int) -> str:
    """Some nodes one after the other, built from the last to the first; returns the first one's key."""
    following = last
    for _ in range(seed.randint(1, 4 if depth == 0 else 2)):
        following = _piece(seed, nodes, following, depth)
    return _task(nodes, following)


def _key(nodes: list[Node], kind: str) -> str:
    return f"{kind}{len(nodes)}"


def _task(nodes: list[Node], following: str, *more: str) -> str:
    key = _key(nodes, "task")
    nodes.append(task(key, following, *more))
    return key


def _piece(seed: random.Random, nodes: list[Node], following: str, depth: int) -> str:
    kind = seed.choice(["task", "approval", "condition", "timer", "parallel", "loop"])
    if kind == "parallel" and depth < 2:
        join = _key(nodes, "join")
        nodes.append(plain("join", join, following))
        ways = [_chain(seed, nodes, join, depth + 1)]
        ways += [
            _chain(seed, nodes, join, depth + 1) if seed.random() < 0.8 else join
            for _ in range(seed.randint(1, 2))
        ]
        key = _key(nodes, "fork")
        edges = tuple(Edge(key=f"e{at}", to=way) for at, way in enumerate(ways))
        nodes.append(plain("parallel", key, join=join, edges=edges))
        return key
    if kind == "approval":
        key = _key(nodes, "ask")
        people = tuple(Handler(kind="person", person=one) for one in (BOSS, CHIEF, ELSE))
        mode: Any = seed.choice(["any", "all", "n_of_m", "in_turn"])
        asked = seed.sample(people, seed.randint(1, 3))
        nodes.append(approval(key, following, mode=mode, n=seed.randint(1, 2), approvers=tuple(asked)))
        return key
    if kind == "condition":
        other, key = _task(nodes, following), ""
        key = _key(nodes, "which")
        nodes.append(plain("condition", key, edges=to(other, following, **{other: LARGE})))
        return key
    if kind == "timer":
        key = _key(nodes, "wait")
        nodes.append(plain("timer", key, following, timer=Timer(after=Target(n=1, unit="hour"))))
        return key
    if kind == "loop":
        # A task after which it goes on, or back to a task before it.
        second, again = f"task{len(nodes)}", f"task{len(nodes) + 1}"
        nodes.append(task(second, following, again))
        nodes.append(task(again, second))
        return again
    return _task(nodes, following)
