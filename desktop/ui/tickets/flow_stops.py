"""A ticket's flow as it is shown: each node with its state, who has or had it, since when, how long."""

from collections.abc import Mapping

import msgspec

from desktop.ui.text import tr
from desktop.ui.tickets.flow_words import node_words
from desktop.ui.tickets.source import Shown
from desktop.ui.times import duration, moment
from domain.entities.flow import INITIATOR, NO_FLOW, Flow, Handler, Node, Token
from domain.entities.sla import Target
from domain.rules.flow_clocks import Visit, history, visit_clock


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One node: `state` is passed, here or ahead; `time` how long it took or may take; late: beyond its own time."""

    key: str
    name: str
    kind: str
    state: str
    who: str = ""
    when: str = ""
    time: str = ""
    late: bool = False

    def spoken(self) -> str:
        """For screen readers and tooltips."""
        parts = (self.name, tr(f"flow.kind.{self.kind}"), tr(f"flow.state.{self.state}"))
        return ", ".join(part for part in (*parts, self.who, self.when, self.time) if part)


def node_names(flow: Flow | None) -> dict[str, str]:
    """What the nodes are called."""
    return {node.key: node.name or node.key for node in flow.nodes} if flow is not None else {}


def flow_of(shown: Shown) -> Flow | None:
    """The flow that a ticket walks; None for one that has none."""
    template, held = shown.page.template, shown.page.ticket
    if template is None or held.flow is None:
        return None
    waits = NO_FLOW if held.flow.tokens else None  # at a gate, though its template has no flow
    return template.flow or waits


def stops_of(shown: Shown) -> dict[str, Stop]:
    """Every node of the flow by key, with its newest visit."""
    flow = flow_of(shown)
    if flow is None:
        return {}
    newest = {visit.node: visit for visit in history(shown.page.entries)}
    state = shown.page.ticket.flow
    tokens = {token.node: token for token in state.tokens} if state is not None else {}
    return {
        node.key: _stop(shown, flow, node, newest.get(node.key), tokens.get(node.key)) for node in flow.nodes
    }


def walked_of(shown: Shown) -> frozenset[tuple[str, str]]:
    """The edges the ticket has come along, as from and to."""
    rows = (row.detail for row in shown.page.entries if row.kind == "hop")
    return frozenset((detail["from"], detail["node"]) for detail in rows)


def _stop(shown: Shown, flow: Flow, node: Node, visit: Visit | None, token: Token | None) -> Stop:
    name = node.name or node.key
    if token is not None:
        used, late = used_at(shown, node, visit)
        who = holder(shown, token)
        return Stop(key=node.key, name=name, kind=node.kind, state="here", who=who, time=used, late=late)
    if visit is None or (visit.left_at is None and node.kind not in ("end", "condition", "parallel")):
        return Stop(
            key=node.key,
            name=name,
            kind=node.kind,
            state="ahead",
            who=expected(shown, flow, node),
            time=tr("flow.limit", time=length(node.target.target)) if node.target is not None else "",
        )
    by = visit.by or (visit.people[-1] if visit.people else None)
    people = node.kind in ("task", "approval")
    return Stop(
        key=node.key,
        name=name,
        kind=node.kind,
        state="passed",
        who=shown.names("person", by) if people and by else "",
        when=moment(visit.left_at or visit.entered_at, shown.now_at),
        time=tr("flow.stayed", time=duration(((visit.left_at or 0) - visit.entered_at) // 1000))
        if people and visit.left_at
        else "",
    )


def used_at(shown: Shown, node: Node | None, visit: Visit | None) -> tuple[str, bool]:
    """How long the ticket has been here, and of how much; whether that is too long."""
    if visit is None:
        return "", False
    clock = visit_clock(shown.page.entries, visit, node, shown.calendars, shown.now_at)
    used = duration(clock.elapsed_s)
    if node is None or node.target is None:
        return tr("flow.used", time=used), False
    return tr("flow.used_of", time=used, limit=length(node.target.target)), clock.breached


def length(target: Target) -> str:
    """4 小时, 2 天."""
    return tr(f"time.{target.unit}s", count=target.n)


def holder(shown: Shown, token: Token) -> str:
    """Who has a node now: a person, a team, approvers who have not spoken, or nobody yet."""
    voted = {vote.person for vote in token.votes}
    asked = [one for one in token.approvers if one not in voted]
    if asked:
        return tr("ticket.list_separator").join(_name(shown, one) for one in asked)
    if token.assignee is not None:
        return _name(shown, token.assignee)
    if token.team is not None:
        held = shown.page.ticket
        return shown.page.team if token.team == held.team else shown.directory.team(token.team)
    return ""


def _name(shown: Shown, person: str) -> str:
    return tr("ticket.me") if person == shown.me else shown.names("person", person)


def expected(shown: Shown, flow: Flow, node: Node) -> str:
    """Whom a node to come is for, by its rule."""
    handlers: tuple[Handler, ...] = (node.handler,) if node.handler is not None else ()
    if node.approval is not None:
        handlers = node.approval.approvers
    names = node_names(flow)
    return tr("ticket.list_separator").join(_rule(shown, one, names) for one in handlers)


def _rule(shown: Shown, handler: Handler, names: Mapping[str, str]) -> str:
    what = {
        "person": lambda: shown.names("person", handler.person),
        "team": lambda: shown.directory.team(handler.team),
        "role": lambda: handler.role,
        "earlier": lambda: node_words(handler.node, names),
    }.get(handler.kind, str)()
    return tr(f"flow.handler.{handler.kind}", who=what)


def title_of(flow: Flow, token: Token) -> str:
    """What the node of a token is called."""
    node = flow.node(token.node)
    if token.node == INITIATOR or node is None:
        return node_words(token.node, {})
    return node.name or node.key
