"""What the `flow` of a template's file may hold, as an administrator writes it."""

from typing import Literal

from domain.entities.flow import How, Mode, NodeKind, Right
from domain.entities.ticket import Status
from sync_server.operations.configuration.shapes import Shape, TemplateShape, When


class EdgeShape(Shape):
    """A way on, to another node; open where its conditions hold."""

    to: str
    name: str = ""
    when: When | None = None


class NodeTargetShape(Shape):
    """How long a node may take: `4 hours`; no calendar is round the clock."""

    time: str
    calendar: str | None = None
    pause_in: tuple[Status, ...] | None = None  # none: pending and on_hold


class TimeOutShape(Shape):
    """What becomes of an approval that nobody gives in time; `to` for `delegate` alone."""

    after: str
    calendar: str | None = None
    then: Literal["delegate", "approve", "reject"] = "delegate"
    to: tuple[str, ...] = ()


class ApprovalShape(Shape):
    """Whose approval it takes, written as handlers are: `unit_head`, `role:store_manager`, `person:lina`."""

    mode: Mode = "any"
    n: int = 1
    approvers: tuple[str, ...]
    delegate: bool = True
    time_out: TimeOutShape | None = None


class TimerShape(Shape):
    """Waits `after` a length of time, or until the date in the form's field `at`."""

    after: str | None = None
    calendar: str | None = None
    at: str = ""


class ChildShape(Shape):
    """A ticket made in another unit, or in each that a field of the form names (`store`, or options with codes)."""

    unit: str = ""
    field: str = ""
    template: str
    team: str = ""
    when: When | None = None


class NodeShape(Shape):
    """nodes: key → a node."""

    name: str = ""
    kind: NodeKind = "task"
    handler: str | None = None
    how: How = "claim"
    cc: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: dict[str, Right] = {}
    target: NodeTargetShape | None = None
    stops: tuple[Literal["solution_proposed"], ...] = ()
    approval: ApprovalShape | None = None
    timer: TimerShape | None = None
    fan_out: tuple[ChildShape, ...] = ()
    join: str = ""
    status: str = ""
    edges: dict[str, EdgeShape] = {}


class FlowShape(Shape):
    """The way of a scenario's tickets."""

    start: str
    on_resolve: Literal["end", "refuse"] = "end"
    reopen_at: str = ""
    nodes: dict[str, NodeShape]


class GateShape(Shape):
    """gates.json: id → what has to be approved before tickets leave these departments, in the order of the file."""

    name: str
    departments: tuple[str, ...] = ()
    when: When | None = None
    approval: ApprovalShape


class ScenarioShape(TemplateShape):
    """templates/ID.json: a scenario with its form and its flow."""

    flow: FlowShape | None = None
