"""Walking a flow: tokens enter nodes, what needs nobody is passed at once, what happened is told (RULES §6).

Pure and alike at both ends. Who a node is for is filled in where the ticket itself says so; the rest (heads of
units, roles, turns) the server names in the same transaction.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from domain.entities.base import Entity, Instant
from domain.entities.flow import (
    BY_PEOPLE,
    GATE,
    INITIATOR,
    Edge,
    Flow,
    FlowState,
    Handler,
    Node,
    Passed,
    Token,
)
from domain.rules.conditions import Values, holds
from domain.rules.flow_graph import Region, regions

_AT_ONCE = frozenset({"condition", "parallel", "end"})


class Told(Entity):
    """One row that a walk adds to the timeline."""

    kind: str
    detail: dict[str, Any] = {}
    body: str | None = None


class Walk:
    """Moves the tokens of one ticket; `person` is who does it (None: the server)."""

    def __init__(
        self,
        flow: Flow,
        state: FlowState,
        *,
        at: Instant,
        values: Values,
        person: str | None,
        creator: str | None,
        dates: Mapping[str, Instant] | None = None,
    ) -> None:
        self._flow, self._at, self._values = flow, at, values
        self._person, self._creator, self._dates = person, creator, dates or {}
        self._regions = regions(flow)
        self.tokens = list(state.tokens)
        self._passed = {one.node: one for one in state.passed}
        self.ended = state.ended
        self.asked, self.gate = state.asked, state.gate
        self.told: list[Told] = []
        self._waiting: list[tuple[str, str, str]] = []  # node, from, edge

    @property
    def state(self) -> FlowState:
        """Where the ticket stands now."""
        return FlowState(
            tokens=tuple(self.tokens),
            ended=self.ended,
            passed=tuple(self._passed.values()),
            asked=self.asked,
            gate=self.gate,
        )

    def start(self, key: str = "") -> None:
        """Enter the flow at its start, or where a reopened ticket does."""
        self.ended = ""
        self._go(key or self._flow.start, "", "")

    def leave(self, token: Token, edge: Edge) -> None:
        """Leave a node along an edge and go on to where somebody has to do something."""
        node = self._flow.node(token.node)
        self._left(token)
        if node is not None:
            self._stops(node)
        self._go(edge.to, token.node, edge.key)

    def put(self, token: Token, changed: Token) -> None:
        """Replace a token where it is."""
        self.tokens[self.tokens.index(token)] = changed

    def send_back(self, token: Token, to: str, reason: str) -> None:
        """Go back to a node that was passed, or to the initiator; branches beside it end where it lies before them."""
        place = region(self._regions, token)
        if to == INITIATOR:
            self.tokens.remove(token)
            back, ended = token.back or token.node, []
        else:
            place = self._regions.get(to, ())
            gone = [one for one in self.tokens if region(self._regions, one)[: len(place)] == place]
            kept = [token] if len(place) == len(region(self._regions, token)) else gone
            for one in kept:
                self.tokens.remove(one)
            back, ended = "", [one.node for one in kept if one is not token]
        self._mark(token)
        self.told.append(
            Told(
                kind="node_returned",
                detail={"node": token.node, "visit": token.visit, "to": to, "ended": ended},
                body=reason,
            )
        )
        self._enter(to, token.node, "", back=back)
        self._run()

    def ask(self, asker: str | None, gate: str, asked: dict[str, Any]) -> None:
        """Stand at a gate besides, until somebody has approved that the ticket leaves."""
        visit = self._visit(GATE)
        self.told.append(Told(kind="hop", detail={"node": GATE, "visit": visit, "from": "", "edge": ""}))
        self.tokens.append(Token(node=GATE, visit=visit, entered_at=self._at, asker=asker))
        self.gate, self.asked = gate, asked

    def resubmit(self, token: Token) -> None:
        """The initiator has done what the return asked for: back to where it came from."""
        self._left(token)
        self._go(token.back, INITIATOR, "resubmit")

    def stop(self, why: str) -> None:
        """Give the flow up where it stands."""
        nodes = [one.node for one in self.tokens]
        self.told.append(Told(kind="flow_stopped", detail={"nodes": nodes, "why": why}))
        for token in self.tokens:
            self._mark(token)
        self.tokens, self.asked, self.gate = [], {}, ""

    def open_edges(self, node: Node) -> list[Edge]:
        """The edges whose conditions hold."""
        return [edge for edge in node.edges if holds(edge.when, self._values)]

    def _go(self, key: str, came: str, edge: str) -> None:
        self._waiting.append((key, came, edge))
        self._run()

    def _run(self) -> None:
        """Pass everything that needs nobody; joins once nothing else moves."""
        while self._waiting:
            self._enter(*self._waiting.pop(0))
            if not self._waiting:
                self._join()

    def _enter(self, key: str, came: str, edge: str, *, back: str = "") -> None:
        node = self._flow.node(key)
        kind = node.kind if node is not None else "task"
        token = Token(node=key, visit=self._visit(key), entered_at=self._at, back=back)
        detail = {"node": key, "visit": token.visit, "from": came, "edge": edge}
        self.told.append(Told(kind="hop", detail=detail))
        if node is not None and kind in _AT_ONCE:
            self._stops(node)
        if node is None or kind not in _AT_ONCE:
            self.tokens.append(self._addressed(node, token))
        elif kind == "end":
            self._mark(token)
            self.tokens, self.ended = [], key
        else:
            self._mark(token)
            ways = self.open_edges(node)
            self._waiting += [(one.to, key, one.key) for one in (ways[:1] if kind == "condition" else ways)]

    def _stops(self, node: Node) -> None:
        """The row by which a node that proposes a solution stops that clock."""
        if node.stops:
            self.told.append(Told(kind="node_done", detail={"node": node.key, "stops": list(node.stops)}))

    def _addressed(self, node: Node | None, token: Token) -> Token:
        """The token with whom the ticket itself names."""
        if node is None:
            return replace(token, assignee=self._creator, settled=self._creator is not None)
        if node.kind == "approval":
            return replace(token, asker=self._person or self._creator)
        if node.kind == "task" and node.handler is not None:
            last = self._passed.get(node.key)
            if last is not None and last.person is not None:
                return replace(token, assignee=last.person)  # whoever did it does it again
            handler = node.handler
            team = handler.team if handler.kind == "team" else None
            return replace(token, assignee=self.named(handler), team=team)
        until = self._dates.get(node.timer.field) if node.timer is not None else None
        return replace(token, settled=node.kind != "fan_out", until=until)

    def named(self, handler: Handler) -> str | None:
        """The person a handler rule names by the ticket alone; None where the server has to find them."""
        if handler.kind == "person":
            return handler.person
        if handler.kind == "creator":
            return self._creator
        done = self._passed.get(handler.node) if handler.kind == "earlier" else None
        return done.person if done is not None else None

    def _join(self) -> None:
        """Let the first join through whose branches have all come to it."""
        for parallel in self._flow.nodes:
            here = [one for one in self.tokens if one.node == parallel.join]
            if parallel.kind != "parallel" or not here:
                continue
            inside = (*self._regions.get(parallel.key, ()), parallel.key)
            if any(region(self._regions, one)[: len(inside)] == inside for one in self.tokens):
                continue
            self.tokens = [one for one in self.tokens if one.node != parallel.join]
            self._mark(here[-1])
            join = self._flow.node(parallel.join)
            assert join is not None
            self._waiting.append((join.edges[0].to, join.key, join.edges[0].key))
            return

    def _visit(self, key: str) -> int:
        """How often a node will have been entered with this time; branches meet in one visit of their join."""
        standing = [one.visit for one in self.tokens if one.node == key]
        if standing:
            return max(standing)
        last = self._passed.get(key)
        return last.visit + 1 if last is not None else 1

    def _left(self, token: Token) -> None:
        self.tokens.remove(token)
        self._mark(token, person=self._person)

    def _mark(self, token: Token, person: str | None = None) -> None:
        """Remember a node as passed; who did it stays remembered when it is left by itself."""
        before = self._passed.pop(token.node, None)
        kept = person if person is not None else before.person if before is not None else None
        self._passed[token.node] = Passed(node=token.node, visit=token.visit, person=kept)


def region(found: Mapping[str, Region], token: Token) -> Region:
    """The parallels a token stands inside of; the initiator's stand where they came from."""
    return found.get(token.back or token.node, ())


def node_at(flow: Flow | None, token: Token) -> Node | None:
    """The configured node of a token; None at the initiator and at a gate."""
    return flow.node(token.node) if flow is not None else None


def returnable(flow: Flow, state: FlowState, token: Token) -> tuple[str, ...]:
    """The nodes of people that this token may be sent back to, the latest first."""
    found = regions(flow)
    here = region(found, token)
    keys = []
    for one in reversed(state.passed):
        node = flow.node(one.node)
        place = found.get(one.node, ())
        if node is None or node.kind not in BY_PEOPLE or one.node in (token.node, token.back):
            continue
        if here[: len(place)] == place:
            keys.append(one.node)
    return tuple(keys)


def main_token(flow: Flow | None, tokens: Iterable[Token]) -> Token | None:
    """The token whose handler holds the ticket: the first at a task; none while only approvals and timers wait."""
    for token in tokens:
        node = node_at(flow, token)
        if token.node == INITIATOR or (node is not None and node.kind == "task"):
            return token
    return None


def token_of(state: FlowState | None, node: str, visit: int = 0) -> Token | None:
    """The token at a node, in a given visit if one is named."""
    for token in state.tokens if state is not None else ():
        if token.node == node and visit in (0, token.visit):
            return token
    return None


def waits_for(state: FlowState | None, person: str) -> bool:
    """Whether this person is asked for something: a node of theirs, or an approval not yet given by them."""
    for token in state.tokens if state is not None else ():
        voted = {vote.person for vote in token.votes}
        if token.assignee == person or (person in token.approvers and person not in voted):
            return True
    return False


def held_up(flow_state: FlowState | None) -> bool:
    """Whether an approval or a return keeps whoever holds the ticket from going on."""
    tokens = flow_state.tokens if flow_state is not None else ()
    return any(one.approvers or one.asker or one.node in (INITIATOR, GATE) for one in tokens)
