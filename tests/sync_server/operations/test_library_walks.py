"""Every scenario of the library is walked to each of its ends, by the people whose turn it is."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import insert, select

from domain.entities.conditions import Condition
from domain.entities.flow import Flow, Node, Token
from domain.entities.forms import FormField, Template
from domain.entities.ticket import Ticket
from domain.wire.commands import Command, CreateTicket, payload
from domain.wire.flow_commands import ApproveNode, CompleteNode
from domain.wire.intent import Intent
from domain.wire.sync import PushRequest, Verdict
from sync_server.jobs.flows import FlowTimes
from sync_server.operations.configuration.applying import apply
from sync_server.operations.library import FOLDER, LANGUAGES
from sync_server.operations.tools import Tools
from sync_server.push.pipeline import Pusher
from sync_server.push.sender import Sender
from sync_server.store import tables as t
from sync_server.store.queries.tickets import ticket_rows
from sync_server.store.rows import ticket_of
from tests.sync_server.chain import TickingClock

Way = tuple[tuple[Node, str], ...]
"""The nodes that are passed on the way to an end, each with the key of the edge that is taken."""

CREATOR, STEPS_IN = "gaoyuan", "lina"
FOUR_DAYS_MS = 4 * 86_400_000
PLAIN: Mapping[str, Any] = {
    "number": 1, "money": 1, "date": "2026-11-20", "bool": True, "phone": "13800000001", "photo": [],
}  # fmt: skip


def ways(flow: Flow) -> Iterator[Way]:
    """One way to each end, through every edge that leads there at first: no node is passed twice."""
    reached: dict[str, Way] = {}
    queue: list[tuple[str, Way]] = [(flow.start, ())]
    while queue:
        key, way = queue.pop(0)
        node = flow.node(key)
        assert node is not None
        if node.kind == "end":
            reached.setdefault(key, way)
            continue
        if any(node.key == passed.key for passed, _ in way):
            continue
        if node.kind == "parallel":
            queue.append((node.join, (*way, (node, ""))))
            continue
        queue += [(edge.to, (*way, (node, edge.key))) for edge in node.edges]
    assert reached.keys() == {node.key for node in flow.nodes if node.kind == "end"}
    yield from reached.values()


def fulfilling(condition: Condition, field: FormField) -> Any:
    """A value that meets a condition."""
    value = condition.value[0] if isinstance(condition.value, tuple | list) else condition.value
    if condition.op == "is_not":
        return next(one.value for one in field.options if one.value != value)
    return value + 1 if condition.op == "gt" else value


def wish(way: Way, at: int, key: str) -> Condition | None:
    """What the rest of the way wants of a field, before another node fills it in."""
    for number, (node, edge_key) in enumerate(way[at:]):
        if number and any(one.key == key for one in node.outputs):
            return None
        edge = node.edge(edge_key)
        for condition in edge.when.all if edge is not None else ():
            if condition.field == f"fields.{key}":
                return condition
    return None


def filled(template: Template, way: Way, at: int, keys: Iterator[str] | list[str]) -> dict[str, Any]:
    """Values for fields: what the way wants, else something plain."""
    fields = {field.key: field for field in template.fields}
    values = {}
    for key in keys:
        condition, field = wish(way, at, key), fields[key]
        first = field.options[0].value if field.options else "as it was"
        values[key] = fulfilling(condition, field) if condition is not None else PLAIN.get(field.kind, first)
    return values


class Hands:
    """People of the sample chain at the server, each with a device."""

    def __init__(self, tools: Tools) -> None:
        self.tools, self.clock = tools, TickingClock()
        self._pushed = 0
        self.pusher = Pusher(
            tools.store,
            trees=tools.trees,
            configurations=tools.configurations,
            clock=self.clock,
            ids=tools.ids,
        )
        self.times = FlowTimes(tools.store, pusher=self.pusher, clock=self.clock, ids=tools.ids)
        with tools.store.write() as conn:
            logins = conn.execute(select(t.person.c.login, t.person.c.id, t.person.c.unit)).all()
            self.people = {row.login: row.id for row in logins}
            self.units = {row.id: row.unit for row in logins}
            devices = [
                {"id": f"d-{id}", "person": id, "name": "", "code": id, "registered_at": 0, "seen_at": 0,
                 "push_no": 0, "push_hash": "", "revoked": False}
                for id in self.people.values()
            ]  # fmt: skip
            conn.execute(insert(t.device), devices)
            conn.commit()

    def push(self, person: str, kind: str, intent: Intent, ticket: str) -> Verdict:
        """Do one thing as a person; it has to be taken as it is."""
        self._pushed += 1
        command = Command(
            id=self.tools.ids.new(), ticket_id=ticket, kind=kind, set=payload(intent), at=self.clock.now()
        )
        request = PushRequest(protocol=2, device=f"d-{person}", push_no=self._pushed, commands=(command,))
        (verdict,) = self.pusher.push(Sender(person=person, device=request.device), request).verdicts
        assert verdict.status == "applied", (kind, intent, verdict)
        return verdict

    def create(self, template: Template, way: Way) -> str:
        """A ticket of the scenario, filled in for a way."""
        wanted = [
            f for f in template.fields if (f.required and f.required_at == "create") or wish(way, 0, f.key)
        ]
        outputs = {one.key for node in (template.flow or Flow(start="")).nodes for one in node.outputs}
        keys = [f.key for f in wanted if f.key not in outputs or (f.required_at == "create" and f.required)]
        values = filled(template, way, 0, keys)
        personal = {f.key for f in template.fields if f.personal}
        creator = self.people[CREATOR]
        intent = CreateTicket(
            template=template.id,
            template_version=template.version,
            org=self.units[creator],
            line=template.line or "retail",
            subject=template.name,
            category=next(iter(template.frequent_categories), None),
            fields={key: value for key, value in values.items() if key not in personal},
            personal={key: str(value) for key, value in values.items() if key in personal},
        )
        ticket = self.tools.ids.new()
        self.push(creator, "create", intent, ticket)
        return ticket

    def ticket(self, id: str) -> Ticket:
        """The ticket as it stands."""
        with self.tools.store.read() as conn:
            return ticket_of(ticket_rows(conn, [id])[0])


def walk(hands: Hands, template: Template, way: Way) -> Ticket:
    """Bring a ticket along a way to its end."""
    assert template.flow is not None
    places = {node.key: at for at, (node, _) in enumerate(way)}
    id = hands.create(template, way)
    for _ in range(40):
        ticket = hands.ticket(id)
        assert ticket.flow is not None
        if not ticket.flow.tokens:
            return ticket
        token = next(one for one in ticket.flow.tokens if _node(template, one).kind != "join")
        node = _node(template, token)
        at = places.get(node.key)
        edge = way[at][1] if at is not None else node.edges[0].key
        _pass(hands, template, id, token, node, edge, filled(
            template, way, at if at is not None else len(way), [o.key for o in node.outputs if o.right == "required"]
        ))  # fmt: skip
    raise AssertionError(f"{template.id} never came to an end")


def _node(template: Template, token: Token) -> Node:
    node = template.flow.node(token.node) if template.flow is not None else None
    assert node is not None
    return node


def _pass(
    hands: Hands, template: Template, id: str, token: Token, node: Node, edge: str, values: dict[str, Any]
) -> None:
    """Do what a node asks for."""
    leader = hands.people[STEPS_IN]
    if node.kind == "timer":
        hands.clock.skip(FOUR_DAYS_MS)
        assert hands.times.run() > 0
    elif node.kind == "approval":
        voted = {vote.person for vote in token.votes}
        creator = hands.people[CREATOR]
        turn = [one for one in token.approvers if one not in voted and one not in (token.asker, creator)]
        yes = edge == "approved"
        intent = ApproveNode(node=node.key, approved=yes, note="" if yes else "not so")
        hands.push(turn[0] if turn else leader, "approve", intent, id)
    else:
        hidden = _hidden(template, hands.ticket(id), values)
        done = {key: value for key, value in values.items() if key not in hidden}
        person = token.assignee or leader
        hands.push(person, "complete", CompleteNode(node=node.key, edge=edge, values=done), id)


def _hidden(template: Template, ticket: Ticket, values: dict[str, Any]) -> set[str]:
    """Fields that the form does not ask for with these values."""
    after = {**ticket.fields, **values}
    found = set()
    for field in template.fields:
        for condition in field.when.all if field.when is not None else ():
            actual = after.get(condition.field)
            wanted = condition.value if isinstance(condition.value, tuple | list) else (condition.value,)
            if actual not in wanted:
                found.add(field.key)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_scenario_comes_to_each_of_its_ends(quick_sample: Tools, language: str) -> None:
    """Made by a store, handled by whoever has the turn, each way ends where it says, with the status it says."""
    assert apply(quick_sample, FOLDER / language, add=True).problems == ()
    hands = Hands(quick_sample)
    with quick_sample.store.read() as conn:
        configuration = quick_sample.configurations.current(conn)
    names = {file.stem for file in (FOLDER / language / "templates").glob("*.json")}
    newest = {one.id: one for one in sorted(configuration.templates.values(), key=lambda one: one.version)}
    ended = 0
    for template in (newest[name] for name in sorted(names)):
        assert template.flow is not None
        for way in ways(template.flow):
            last, edge_key = way[-1]
            edge = last.edge(edge_key)
            assert edge is not None
            ticket = walk(hands, template, way)
            end = template.flow.node(edge.to)
            assert end is not None
            assert ticket.flow is not None
            assert (ticket.flow.ended, ticket.status) == (end.key, end.status), (template.id, end.key)
            ended += 1
    assert ended == 18
