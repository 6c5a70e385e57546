"""What can be wrong with a flow as a graph, found before any ticket enters it (RULES §6)."""

from collections.abc import Iterator, Mapping

from domain.entities.conditions import Conditions, FieldKind, Problem
from domain.entities.flow import BY_PEOPLE, Flow, Node
from domain.rules.conditions import check

Region = tuple[str, ...]
"""The parallels a node stands inside of, from the outermost in."""

_ENDS = ("", "resolved", "closed")
_ONE_EDGE = frozenset({"join", "timer", "fan_out"})
_DECISIONS = ("approved", "rejected")


def regions(flow: Flow) -> dict[str, Region]:
    """The region of each node that can be reached; the first way found decides."""
    return _walk(flow)[0]


def flow_problems(
    flow: Flow, form: frozenset[str], fields: Mapping[str, FieldKind], *, categories: bool = True
) -> tuple[Problem, ...]:
    """Everything wrong with a flow: its graph, its nodes' parts, the fields and conditions they name.

    `form` are the keys of the form; `fields` what conditions may name. Places are like `nodes.check.edges.done`.
    """
    known = {node.key for node in flow.nodes}
    found = list(_plain(flow, known))
    if not found:
        found = [*_ways(flow), *_loops(flow)]
    for node in flow.nodes:
        found += _node(node, form | ({"category"} if categories else set()), known)
        found += _conditions(node, fields)
    return tuple(found)


def _problem(place: str, code: str, **args: object) -> Problem:
    return Problem(place=place, code=code, args=dict(args))


def _plain(flow: Flow, known: set[str]) -> Iterator[Problem]:
    """Names that lead nowhere: all else presumes that there are none."""
    for place, key in (("start", flow.start), ("reopen_at", flow.reopen_at)):
        if key not in known and (key or place == "start"):
            yield _problem(place, "flow_no_node", node=key)
    for node in flow.nodes:
        for edge in node.edges:
            if edge.to not in known:
                yield _problem(f"nodes.{node.key}.edges.{edge.key}", "flow_no_node", node=edge.to)
        if node.kind == "parallel":
            meets = flow.node(node.join)
            if meets is None or meets.kind != "join":
                yield _problem(f"nodes.{node.key}.join", "flow_join_missing", node=node.key)


def _walk(flow: Flow) -> tuple[dict[str, Region], list[Problem]]:
    """Regions of what can be reached from the start, and the edges that cross a region's border."""
    found: dict[str, Region] = {}
    problems: list[Problem] = []
    waiting: list[tuple[str, Region, str]] = [(flow.start, (), "start")]
    while waiting:
        key, region, place = waiting.pop()
        node = flow.node(key)
        if node is None:
            continue
        if node.kind == "join":
            owner = flow.node(region[-1]) if region else None
            if owner is None or owner.join != key:
                problems.append(_problem(place, "flow_wrong_join", node=key))
                continue
            region = region[:-1]
        if key in found:
            if found[key] != region:
                problems.append(_problem(place, "flow_crosses_parallel", node=key))
            continue
        found[key] = region
        if node.kind == "end" and region:
            problems.append(_problem(place, "flow_end_in_parallel", node=key, parallel=region[-1]))
        inside = (*region, key) if node.kind == "parallel" else region
        waiting += [(edge.to, inside, f"nodes.{key}.edges.{edge.key}") for edge in reversed(node.edges)]
    return found, problems


def _ways(flow: Flow) -> Iterator[Problem]:
    """Each node can be reached, and from each an end."""
    reached, problems = _walk(flow)
    yield from problems
    reopened = flow.reopen_at
    if reopened and reached.get(reopened):
        yield _problem("reopen_at", "flow_crosses_parallel", node=reopened)
    ends = {node.key for node in flow.nodes if node.kind == "end"}
    if not ends:
        yield _problem("nodes", "flow_no_end")
    leads = set(ends)
    grown = True
    while grown:
        more = {n.key for n in flow.nodes if n.key not in leads and any(e.to in leads for e in n.edges)}
        leads |= more
        grown = bool(more)
    for node in flow.nodes:
        if node.key not in reached:
            yield _problem(f"nodes.{node.key}", "flow_unreachable", node=node.key)
        elif node.key not in leads:
            yield _problem(f"nodes.{node.key}", "flow_dead_end", node=node.key)


def _loops(flow: Flow) -> Iterator[Problem]:
    """A way that comes back to where it was passes somebody who does something."""
    left = {node.key: {edge.to for edge in node.edges} for node in flow.nodes if node.kind not in BY_PEOPLE}
    while True:
        free = [key for key, to in left.items() if not to & left.keys()]
        if not free:
            break
        for key in free:
            del left[key]
    if left:
        yield _problem(f"nodes.{min(left)}", "flow_idle_loop", nodes=", ".join(sorted(left)))


def _node(node: Node, form: frozenset[str], known: set[str]) -> Iterator[Problem]:
    """What a node of its kind must and must not have."""
    place = f"nodes.{node.key}"
    wrong = _shape(node)
    if wrong:
        yield _problem(place, wrong, node=node.key, kind=node.kind)
    if node.kind == "end" and node.status not in _ENDS:
        yield _problem(f"{place}.status", "flow_end_status", status=node.status)
    used = [*node.inputs, *(one.key for one in node.outputs)]
    if node.timer is not None and node.timer.field:
        used.append(node.timer.field)
    used += [one.field for one in node.fan_out if one.field]
    if any(bool(one.unit) == bool(one.field) for one in node.fan_out):
        yield _problem(place, "flow_child_unit", node=node.key)
    for key in used:
        if key not in form:
            yield _problem(place, "flow_no_field", field=key)
    handlers = [h for h in (node.handler, *node.cc) if h is not None]
    if node.approval is not None:
        handlers += node.approval.approvers
    for handler in handlers:
        if handler.kind == "earlier" and handler.node not in known:
            yield _problem(place, "flow_no_node", node=handler.node)


def _shape(node: Node) -> str:
    """The code of what is wrong with the parts of a node; empty where nothing is."""
    parts = {
        "approval": node.approval is not None,
        "timer": node.timer is not None,
        "fan_out": bool(node.fan_out),
    }
    if any(has != (node.kind == part) for part, has in parts.items()):
        return "flow_part_for_kind"
    if node.kind == "end":
        return "flow_end_edges" if node.edges else ""
    if not node.edges:
        return "flow_edges_missing"
    if node.kind == "approval":
        return _approval(node)
    if (
        node.kind == "timer"
        and node.timer is not None
        and (node.timer.after is None) == (not node.timer.field)
    ):
        return "flow_timer"
    if node.kind in _ONE_EDGE and (len(node.edges) != 1 or node.edges[0].when != Conditions()):
        return "flow_one_edge"
    if all(edge.when != Conditions() for edge in node.edges):
        return "flow_edge_always"  # else a ticket could stand there for ever
    if node.kind == "task" and node.handler is None:
        return "flow_handler_missing"
    return ""


def _approval(node: Node) -> str:
    """An approval has somebody to give it and a way on where it is given."""
    approval = node.approval
    if approval is None or not approval.approvers:
        return "flow_approvers_missing"
    if node.edge("approved") is None or any(edge.key not in _DECISIONS for edge in node.edges):
        return "flow_approval_edges"
    if any(edge.when != Conditions() for edge in node.edges):
        return "flow_approval_edges"
    if approval.mode == "n_of_m" and approval.n < 1:
        return "flow_approval_count"
    late = approval.time_out
    return "flow_time_out" if late is not None and (late.then == "delegate") != bool(late.to) else ""


def _conditions(node: Node, fields: Mapping[str, FieldKind]) -> Iterator[Problem]:
    places = [(f"edges.{edge.key}", edge.when) for edge in node.edges]
    places += [(f"fan_out[{at}]", child.when) for at, child in enumerate(node.fan_out)]
    for place, when in places:
        for one in check(when, fields):
            yield Problem(place=f"nodes.{node.key}.{place}.when.{one.place}", code=one.code, args=one.args)
