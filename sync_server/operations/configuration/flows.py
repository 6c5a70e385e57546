"""Flows in template files: building, checking, exporting (RULES §6)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from domain.entities.conditions import Conditions, FieldKind
from domain.entities.flow import (
    GATE,
    INITIATOR,
    Approval,
    Child,
    Edge,
    Flow,
    Gate,
    Handler,
    Node,
    NodeTarget,
    Output,
    TimeOut,
    Timer,
)
from domain.entities.forms import Template
from domain.errors import InvalidInputError
from domain.rules.conditions import check
from domain.rules.flow_graph import flow_problems
from domain.rules.ticket_values import FIELD_KINDS
from sync_server.operations.configuration import notation
from sync_server.operations.configuration.flow_shapes import (
    ApprovalShape,
    ChildShape,
    EdgeShape,
    FlowShape,
    GateShape,
    NodeShape,
    NodeTargetShape,
    TimeOutShape,
    TimerShape,
)
from sync_server.operations.configuration.reading import Problems
from sync_server.operations.configuration.shapes import When

NAMED = {"person": "person", "team": "team", "role": "role", "earlier": "node"}
"""Kinds of handlers that name somebody or something after a colon, and the field it stands in."""
_OF_UNITS = frozenset({"store", "select", "multi_select"})
"""Kinds of fields whose values may name units to fan out to."""
PAUSES = ("pending", "on_hold")
BARE = ("unit_head", "creator", "creator_superior")


class Names(Protocol):
    """What files call units and people."""

    def unit(self, code: str) -> str:
        """A unit's id."""
        ...

    def person(self, login: str) -> str:
        """A person's id."""
        ...


class Codes(Protocol):
    """The reverse."""

    def unit(self, id: str) -> str:
        """A unit's code."""
        ...

    def person(self, id: str) -> str:
        """A person's login."""
        ...


ReadWhen = Callable[[When], Conditions]
WriteWhen = Callable[[Conditions], When | None]


def build_flow(
    shape: FlowShape, names: Names, when: ReadWhen, options: Mapping[str, Sequence[str]] | None = None
) -> Flow:
    """The flow; raises InvalidInputError for texts that can't be read and names that lead nowhere.

    `options` are those of the form's fields: where one says which units it fans out to, each has to be a unit's code.
    """
    for node in shape.nodes.values():
        for child in node.fan_out:
            for code in (options or {}).get(child.field, ()):
                names.unit(code)
    for key in shape.nodes:
        if key.startswith("@") or not key.strip():
            raise InvalidInputError("flow_node_key", node=key, reserved=f"{INITIATOR}, {GATE}")
    return Flow(
        start=shape.start,
        on_resolve=shape.on_resolve,
        reopen_at=shape.reopen_at,
        nodes=tuple(_node(key, node, names, when) for key, node in shape.nodes.items()),
    )


def _node(key: str, shape: NodeShape, names: Names, when: ReadWhen) -> Node:
    target = shape.target
    return Node(
        key=key,
        name=shape.name,
        kind=shape.kind,
        handler=_handler(shape.handler, names) if shape.handler is not None else None,
        how=shape.how,
        cc=_handlers(shape.cc, names),
        inputs=shape.inputs,
        outputs=tuple(Output(key=one, right=right) for one, right in shape.outputs.items()),
        target=_target(target) if target else None,
        stops=shape.stops,
        approval=_approval(shape.approval, names) if shape.approval else None,
        timer=_timer(shape.timer) if shape.timer else None,
        fan_out=tuple(_child(one, names, when) for one in shape.fan_out),
        join=shape.join,
        status=shape.status,
        edges=tuple(
            Edge(key=name, name=edge.name, to=edge.to, when=_read(edge.when, when))
            for name, edge in shape.edges.items()
        ),
    )


def _target(shape: NodeTargetShape) -> NodeTarget:
    pauses = PAUSES if shape.pause_in is None else shape.pause_in
    return NodeTarget(target=notation.read_target(shape.time), calendar=shape.calendar, pause_in=pauses)


def _target_file(target: NodeTarget) -> NodeTargetShape:
    pauses = None if target.pause_in == PAUSES else _any(target.pause_in)
    return NodeTargetShape(
        time=notation.write_target(target.target), calendar=target.calendar, pause_in=pauses
    )


def _read(shape: When | None, when: ReadWhen) -> Conditions:
    return when(shape) if shape is not None else Conditions()


def _handlers(texts: tuple[str, ...], names: Names) -> tuple[Handler, ...]:
    return tuple(_handler(text, names) for text in texts)


def _handler(text: str, names: Names) -> Handler:
    """Read `team:claims`, `person:lina`, `role:store_manager`, `earlier:check`, `unit_head`, `creator`."""
    kind, _, what = text.partition(":")
    if text in BARE:
        return Handler(kind=_any(text))
    if kind not in NAMED or not what:
        raise InvalidInputError("flow_handler", text=text)
    return Handler(kind=_any(kind), **{NAMED[kind]: names.person(what) if kind == "person" else what})


def _approval(shape: ApprovalShape, names: Names) -> Approval:
    late = shape.time_out
    return Approval(
        mode=shape.mode,
        n=shape.n,
        approvers=_handlers(shape.approvers, names),
        delegate=shape.delegate,
        time_out=TimeOut(
            after=notation.read_target(late.after),
            calendar=late.calendar,
            then=late.then,
            to=_handlers(late.to, names),
        )
        if late
        else None,
    )


def _timer(shape: TimerShape) -> Timer:
    after = notation.read_target(shape.after) if shape.after is not None else None
    return Timer(after=after, calendar=shape.calendar, field=shape.at)


def _child(shape: ChildShape, names: Names, when: ReadWhen) -> Child:
    return Child(
        unit=names.unit(shape.unit) if shape.unit else "",
        field=shape.field,
        template=shape.template,
        team=shape.team,
        when=_read(shape.when, when),
    )


def build_gate(id: str, shape: GateShape, at: int, names: Names, when: ReadWhen) -> Gate:
    """A gate; InvalidInputError ``flow_time_out`` where a time-out says to whom although it delegates to nobody."""
    late = shape.approval.time_out
    if late is not None and (late.then == "delegate") != bool(late.to):
        raise InvalidInputError("flow_time_out", node=id)
    return Gate(
        id=id,
        name=shape.name,
        position=at,
        conditions=_read(shape.when, when),
        departments=tuple(names.unit(code) for code in shape.departments),
        approval=_approval(shape.approval, names),
    )


def gate_file(gate: Gate, codes: Codes, when: WriteWhen) -> GateShape:
    """The reverse of `build_gate`."""
    return GateShape(
        name=gate.name,
        departments=tuple(codes.unit(id) for id in gate.departments),
        when=when(gate.conditions),
        approval=_approval_file(gate.approval, codes),
    )


def flow_file(flow: Flow, codes: Codes, when: WriteWhen) -> FlowShape:
    """The reverse of `build_flow`."""
    return FlowShape(
        start=flow.start,
        on_resolve=flow.on_resolve,
        reopen_at=flow.reopen_at,
        nodes={node.key: _node_file(node, codes, when) for node in flow.nodes},
    )


def _node_file(node: Node, codes: Codes, when: WriteWhen) -> NodeShape:
    target = node.target
    return NodeShape(
        name=node.name,
        kind=node.kind,
        handler=_written(node.handler, codes) if node.handler is not None else None,
        how=node.how,
        cc=tuple(_written(one, codes) for one in node.cc),
        inputs=node.inputs,
        outputs={one.key: one.right for one in node.outputs},
        target=_target_file(target) if target else None,
        stops=node.stops,
        approval=_approval_file(node.approval, codes) if node.approval else None,
        timer=_timer_file(node.timer) if node.timer else None,
        fan_out=tuple(
            ChildShape(
                unit=codes.unit(one.unit) if one.unit else "",
                field=one.field,
                template=one.template,
                team=one.team,
                when=when(one.when),
            )
            for one in node.fan_out
        ),
        join=node.join,
        status=node.status,
        edges={edge.key: EdgeShape(to=edge.to, name=edge.name, when=when(edge.when)) for edge in node.edges},
    )


def _written(handler: Handler, codes: Codes) -> str:
    if handler.kind in BARE:
        return handler.kind
    what = getattr(handler, NAMED[handler.kind])
    return f"{handler.kind}:{codes.person(what) if handler.kind == 'person' else what}"


def _approval_file(approval: Approval, codes: Codes) -> ApprovalShape:
    late = approval.time_out
    return ApprovalShape(
        mode=approval.mode,
        n=approval.n,
        approvers=tuple(_written(one, codes) for one in approval.approvers),
        delegate=approval.delegate,
        time_out=TimeOutShape(
            after=notation.write_target(late.after),
            calendar=late.calendar,
            then=late.then,
            to=tuple(_written(one, codes) for one in late.to),
        )
        if late
        else None,
    )


def _timer_file(timer: Timer) -> TimerShape:
    after = notation.write_target(timer.after) if timer.after is not None else None
    return TimerShape(after=after, calendar=timer.calendar, at=timer.field)


def _any(value: Any) -> Any:
    return value


def check_flow(
    template: Template,
    kinds: dict[str, Any],
    known: Callable[[str, str], bool],
    problems: Problems,
) -> None:
    """Find what is wrong with a template's flow; `kinds` are the kinds of its form's fields."""
    if template.flow is None:
        return
    file = f"templates/{template.id}.json"
    form = frozenset(field.key for field in template.fields)
    plain = {field.key for field in template.fields if not field.personal}
    forms = {field.key: field.kind for field in template.fields}
    fields = {**FIELD_KINDS, **{f"fields.{key}": kind for key, kind in kinds.items() if key in plain}}
    for one in flow_problems(template.flow, form, fields):
        problems.add(file, f"flow.{one.place}", one.code, **one.args)
    for node in template.flow.nodes:
        for child in node.fan_out:
            if child.field in kinds and (child.field not in plain or forms.get(child.field) not in _OF_UNITS):
                args = {"field": child.field, "known": ", ".join(sorted(_OF_UNITS))}
                problems.add(file, f"flow.nodes.{node.key}.fan_out", "flow_child_field", **args)
        for kind, id in _names_of(node):
            if not known(kind, id):
                problems.add(file, f"flow.nodes.{node.key}", f"config_unknown_{kind}", **{kind: id})


def check_gate(
    gate: Gate, fields: Mapping[str, FieldKind], known: Callable[[str, str], bool], problems: Problems
) -> None:
    """Find conditions that can't be, and the teams and calendars that a gate names and nobody knows."""
    for one in check(gate.conditions, fields):
        problems.add("gates.json", f"{gate.id}.when.{one.place}", one.code, **one.args)
    for kind, id in _names_of(gate.node()):
        if not known(kind, id):
            problems.add("gates.json", f"{gate.id}.approval", f"config_unknown_{kind}", **{kind: id})


def _names_of(node: Node) -> list[tuple[str, str]]:
    """The teams, calendars and templates that a node names."""
    handlers = [*((node.handler,) if node.handler else ()), *node.cc]
    timed: list[NodeTarget | TimeOut | Timer] = [one for one in (node.target, node.timer) if one is not None]
    if node.approval is not None:
        handlers += node.approval.approvers
        if node.approval.time_out is not None:
            handlers += node.approval.time_out.to
            timed.append(node.approval.time_out)
    found = [("team", one.team) for one in handlers if one.kind == "team"]
    found += [("calendar", one.calendar) for one in timed if one.calendar]
    found += [("template", one.template) for one in node.fan_out]
    return found + [("team", one.team) for one in node.fan_out if one.team]
