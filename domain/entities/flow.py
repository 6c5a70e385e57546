"""Flow: the nodes a scenario's tickets pass, as configured, and where one ticket stands (RULES §6)."""

from typing import Any, Literal

import msgspec

from domain.entities.base import Entity, Instant
from domain.entities.conditions import Conditions
from domain.entities.sla import Target

NodeKind = Literal["task", "approval", "condition", "parallel", "join", "timer", "fan_out", "end"]
HandlerKind = Literal["person", "team", "unit_head", "role", "creator", "creator_superior", "earlier"]
How = Literal["claim", "direct", "round_robin", "least_loaded"]
Mode = Literal["any", "all", "n_of_m", "in_turn"]
Right = Literal["required", "optional", "read_only"]

BY_PEOPLE: frozenset[str] = frozenset({"task", "approval"})
"""Kinds at which a person has to do something."""
WAITING: frozenset[str] = BY_PEOPLE | {"timer", "fan_out", "join"}
"""Kinds at which a ticket may stand; through the others it passes at once."""
INITIATOR = "@initiator"
"""The node of a ticket that was sent back to whoever began it; no template has one of that name."""
GATE = "@gate"
"""The node of a ticket whose leaving its department has to be approved."""


class Handler(Entity):
    """Who a node is for; `earlier` is whoever did another node."""

    kind: HandlerKind
    person: str = ""
    team: str = ""
    role: str = ""
    node: str = ""


class Output(Entity):
    """What may be done with a field of the form at a node."""

    key: str
    right: Right = "optional"


class NodeTarget(Entity):
    """How long a node may take, in which calendar (none: round the clock), and when that does not count."""

    target: Target
    calendar: str | None = None
    pause_in: tuple[str, ...] = ("pending", "on_hold")


class TimeOut(Entity):
    """What happens to an approval that nobody gives in time; `to` is whom it is delegated to."""

    after: Target
    calendar: str | None = None
    then: Literal["delegate", "approve", "reject"] = "delegate"
    to: tuple[Handler, ...] = ()


class Approval(Entity):
    """Whose approval it takes: any one's, everybody's, n of them, or one after the other."""

    mode: Mode = "any"
    n: int = 1
    approvers: tuple[Handler, ...] = ()
    delegate: bool = True  # whether an approver may hand it to somebody else
    time_out: TimeOut | None = None


class Timer(Entity):
    """Waits for a length of time, or until a date that a field of the form holds."""

    after: Target | None = None
    calendar: str | None = None
    field: str = ""


class Child(Entity):
    """A ticket that fanning out makes in another unit, where the conditions hold over the parent's values.

    With `field` there is one in each unit that this field of the form names: by its id, or by its code in options.
    """

    unit: str = ""
    template: str
    team: str = ""
    when: Conditions = Conditions()
    field: str = ""


class Edge(Entity):
    """A way on; over the ticket's values its conditions say whether it is open."""

    key: str
    name: str = ""
    to: str
    when: Conditions = Conditions()


class Node(Entity):
    """One place of a flow; which of its parts it has goes by its kind."""

    key: str
    name: str = ""
    kind: NodeKind = "task"
    handler: Handler | None = None
    how: How = "claim"
    cc: tuple[Handler, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    target: NodeTarget | None = None
    stops: tuple[Literal["solution_proposed"], ...] = ()
    approval: Approval | None = None
    timer: Timer | None = None
    fan_out: tuple[Child, ...] = ()
    join: str = ""  # of a parallel: where its branches meet
    status: str = ""  # of an end: resolved, closed, or empty where the status stays
    edges: tuple[Edge, ...] = ()

    def edge(self, key: str) -> Edge | None:
        """The edge of that key."""
        return next((edge for edge in self.edges if edge.key == key), None)


class Flow(Entity):
    """The way of a scenario's tickets, part of its template and versioned with it."""

    start: str
    on_resolve: Literal["end", "refuse"] = "end"  # what resolving by hand does to a flow that goes on
    reopen_at: str = ""  # where a reopened ticket enters anew; empty: its flow stays ended
    nodes: tuple[Node, ...] = ()

    def node(self, key: str) -> Node | None:
        """The node of that key."""
        return next((node for node in self.nodes if node.key == key), None)


class Vote(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """What one approver said, and of which values (their hash)."""

    person: str
    approved: bool
    at: Instant = 0
    hash: str = ""


class Token(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One place where a ticket is in its flow at the moment; parallel branches have one each."""

    node: str
    visit: int = 1  # how often this node has been entered
    entered_at: Instant = 0
    assignee: str | None = None
    team: str | None = None
    asker: str | None = None  # of an approval: who brought the ticket here, and can't approve
    approvers: tuple[str, ...] = ()
    votes: tuple[Vote, ...] = ()
    back: str = ""  # at the initiator: where it came from and goes back to
    children: tuple[str, ...] = ()  # of a fan-out: the tickets it waits for
    late: bool = False  # its deadline has passed, and that was told
    settled: bool = False  # the server has named who it is for
    timed_out: bool = False  # of an approval: its time-out has been dealt with
    until: Instant | None = None  # of a timer: the day that a field of the form held when it was entered


class Passed(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A node that was left: how often it had been entered, and who left it last."""

    node: str
    visit: int = 1
    person: str | None = None


class Gate(Entity):
    """Tickets that meet the conditions leave these departments (none: their unit) only once that is approved."""

    id: str
    name: str = ""
    position: int = 0
    conditions: Conditions = Conditions()
    departments: tuple[str, ...] = ()
    approval: Approval = Approval()

    def node(self) -> Node:
        """The gate as the node that a ticket stands at."""
        return Node(key=GATE, name=self.name, kind="approval", approval=self.approval)


NO_FLOW = Flow(start="")
"""That of a template without one: a ticket may still wait at a gate."""


class FlowState(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The tokens of a ticket's flow; none once it has come to an end."""

    tokens: tuple[Token, ...] = ()
    ended: str = ""  # the key of the end that was reached
    passed: tuple[Passed, ...] = ()  # by when each was left last
    asked: dict[str, Any] = {}  # at the gate: where the ticket is to go once that is approved
    gate: str = ""  # which gate it waits at
