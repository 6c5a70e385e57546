"""The way of a ticket that walks a flow, in stops: each visit it has made, where it is, what is to come."""

from collections.abc import Iterator

from desktop.ui.text import tr
from desktop.ui.tickets.flow_stops import expected, flow_of, holder, length, node_names, used_at
from desktop.ui.tickets.flow_words import node_words
from desktop.ui.tickets.source import Shown
from desktop.ui.times import duration, moment
from desktop.ui.widgets.hops import Hop
from domain.entities.flow import WAITING, Flow, FlowState, Token
from domain.rules.flow_clocks import Visit, history

_MOST = 24


def flow_hops(shown: Shown) -> list[Hop]:
    """Passed, here now, to come; conditions and forks, which nobody does, are left out."""
    flow = flow_of(shown)
    if flow is None:
        return []
    names, state = node_names(flow), shown.page.ticket.flow or FlowState()
    hops = []
    for visit in history(shown.page.entries)[-_MOST:]:
        node = flow.node(visit.node)
        if node is not None and node.kind not in WAITING and node.kind != "end":
            continue
        name = node_words(visit.node, names)
        token = _standing(state, visit)
        if token is not None:
            hops.append(_here(shown, flow, visit, token, name))
        elif visit.left_at is not None or (node is not None and node.kind == "end"):
            hops.append(_passed(shown, visit, name))
    return [*hops, *_ahead(shown, flow, state)]


def _standing(state: FlowState, visit: Visit) -> Token | None:
    return next((one for one in state.tokens if (one.node, one.visit) == (visit.node, visit.visit)), None)


def _here(shown: Shown, flow: Flow, visit: Visit, token: Token, name: str) -> Hop:
    used, late = used_at(shown, flow.node(token.node), visit)
    who = holder(shown, token) or tr("flow.nobody")
    return Hop(
        name=name,
        who=f"{who} · {tr('ticket.here_now')}",
        time=moment(visit.entered_at, shown.now_at),
        stay=used,
        state="here",
        stay_tone="late" if late else "text2",
    )


def _passed(shown: Shown, visit: Visit, name: str) -> Hop:
    by = visit.by or (visit.people[-1] if visit.people else None)
    left_at = visit.left_at or visit.entered_at
    words = tr("flow.returned_from", node=name) if visit.returned else name
    return Hop(
        name=words,
        who=shown.names("person", by) if by else tr("ticket.system"),
        time=moment(visit.entered_at, shown.now_at),
        stay=tr("ticket.stayed", time=duration((left_at - visit.entered_at) // 1000))
        if left_at > visit.entered_at
        else "",
    )


def _ahead(shown: Shown, flow: Flow, state: FlowState) -> Iterator[Hop]:
    """The nodes that can still come, along the first way that leads on from each."""
    standing = {token.node for token in state.tokens}
    seen, waiting = set(standing), [token.back or token.node for token in state.tokens]
    while waiting:
        node = flow.node(waiting.pop(0))
        if node is None:
            continue
        if node.key not in standing and (node.kind in WAITING or node.kind == "end") and node.kind != "join":
            limit = tr("flow.limit", time=length(node.target.target)) if node.target is not None else ""
            yield Hop(name=node.name or node.key, who=expected(shown, flow, node), stay=limit, state="ahead")
        edges = node.edges if node.kind == "parallel" else node.edges[:1]
        for edge in edges:
            if edge.to not in seen:
                seen.add(edge.to)
                waiting.append(edge.to)
