"""Flows on a real database: handlers found, approvals asked for, tickets fanned out, times that come once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, select

from domain.entities.calendars import Calendar
from domain.entities.flow import (
    GATE,
    Approval,
    Child,
    Flow,
    Gate,
    Handler,
    Node,
    NodeTarget,
    TimeOut,
    Timer,
)
from domain.entities.forms import FormField, Option, Template
from domain.entities.org import Team
from domain.entities.people import MANAGE
from domain.entities.sla import Target
from domain.entities.ticket import Entry, Ticket
from domain.wire import codec
from domain.wire.commands import ChangeStatus
from domain.wire.flow_commands import ApproveNode, AskToLeave, CompleteNode, ReturnNode
from sync_server.jobs.flows import FlowTimes
from sync_server.jobs.remeasuring import Remeasuring
from sync_server.store import tables as t
from sync_server.store.configuration_changes import Author
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.engine import Store
from sync_server.store.standing_people import heads, with_role
from sync_server.store.unit_of_work import UnitOfWork
from tests.domain.rules.flows import END, approval, plain, task
from tests.sync_server.chain import FORM, Chain

WHERE = (Option(value="W-1", label="West"), Option(value="e2", label="East"))
HOUR = Target(n=1, unit="hour")
DESK = Team(id="desk", name="Desk", unit="east", members=("amy", "ben"))


def by(kind: Any, **names: str) -> Handler:
    """A rule of who it is."""
    return Handler(kind=kind, **names)


def scenario(id: str, *nodes: Node) -> Template:
    """A scenario of these nodes, the first one its start."""
    return replace(FORM, id=id, flow=Flow(start=nodes[0].key, nodes=nodes))


SCENARIOS = (
    scenario(
        "claim",
        task("survey", "ask", handler=by("team", team="desk"), how="round_robin"),
        approval("ask", "pay", approvers=(by("unit_head"),),
                 time_out=TimeOut(after=HOUR, to=(by("role", role="head"),))),
        task("pay", "end", handler=by("earlier", node="survey"), cc=(by("unit_head"),),
             target=NodeTarget(target=HOUR)),
        END,
    ),
    scenario(
        "spread",
        plain("fan_out", "parts", "sum",
              fan_out=(Child(unit="e2", template="part"), Child(unit="w1", template="part", team="desk"))),
        task("sum", "end", handler=by("creator")),
        END,
    ),
    scenario("part", task("work", "end", handler=by("unit_head")), END),
    scenario("later", plain("timer", "wait", "end", timer=Timer(after=HOUR)), END),
)  # fmt: skip


@pytest.fixture
def chain(store: Store) -> Chain:
    """The chain with scenarios that flow."""
    chain = Chain(store)
    with store.write() as conn:
        added: list[tuple[str, Any]] = [("team", DESK), *(("template", one) for one in SCENARIOS)]
        rows = [
            {"kind": kind, "id": one.id, "version": 1, "deleted": False, "audience": "everyone",
             "body": codec.encode(one).decode(), "at": 0, "person": None}
            for kind, one in added
        ]  # fmt: skip
        conn.execute(insert(t.config), rows)
        conn.execute(t.counter.update().where(t.counter.c.name == "config").values(value=2))
        conn.commit()
    return chain


def begin(chain: Chain, template: str, **values: Any) -> str:
    """A new ticket of a scenario, made by amy."""
    command = chain.create(template=template, **values)
    assert [one.status for one in chain.do("amy", command)] == ["applied"]
    return command.ticket_id


def act(chain: Chain, person: str, kind: str, intent: Any, ticket: str) -> str:
    """Do something at a node; the verdict's code, or its status where it has none."""
    (verdict,) = chain.do(person, chain.command(kind, intent, ticket=ticket))
    return verdict.code or verdict.status


def seen(chain: Chain, ticket: str) -> Ticket:
    """The ticket as the head of the chain sees it."""
    return chain.whole("max", ticket).put[0].ticket


def rows(chain: Chain, ticket: str, kind: str) -> list[Entry]:
    """Its timeline's rows of a kind."""
    return [one for one in chain.whole("max", ticket).put[0].entries if one.kind == kind]


def stands(chain: Chain, ticket: str) -> list[str]:
    """The nodes it stands at."""
    state = seen(chain, ticket).flow
    return [one.node for one in state.tokens] if state is not None else []


def times(chain: Chain) -> FlowTimes:
    """The job."""
    return FlowTimes(chain.store, pusher=chain.pusher, clock=chain.clock, ids=chain.ids)


def surveyed(chain: Chain) -> str:
    """A claim that waits for its approval."""
    ticket = begin(chain, "claim")
    assert act(chain, "amy", "complete", CompleteNode(node="survey"), ticket) == "applied"
    return ticket


def test_handlers_are_found_in_the_same_transaction(chain: Chain) -> None:
    """A team's people in turn; the unit's head for the approval, who follows it; whoever did a node gets it again."""
    tickets = [begin(chain, "claim") for _ in range(2)]
    assert [seen(chain, one).assignee for one in tickets] == ["amy", "ben"]
    ticket = tickets[0]
    act(chain, "amy", "complete", CompleteNode(node="survey"), ticket)
    found = seen(chain, ticket)
    assert found.flow is not None
    assert found.flow.tokens[0].approvers == ("eva",)
    assert (found.assignee, "eva" in found.cc) == ("amy", True)
    assert act(chain, "amy", "approve", ApproveNode(node="ask", approved=True), ticket) == "flow_own_approval"
    assert act(chain, "max", "approve", ApproveNode(node="ask", approved=True), ticket) == "flow_not_yours"
    assert act(chain, "eva", "approve", ApproveNode(node="ask", approved=True), ticket) == "applied"
    assert (stands(chain, ticket), seen(chain, ticket).assignee) == (["pay"], "amy")
    assert act(chain, "amy", "complete", CompleteNode(node="pay"), ticket) == "applied"
    assert seen(chain, ticket).status == "resolved"
    assert [one.detail["node"] for one in rows(chain, ticket, "hop")] == ["survey", "ask", "pay", "end"]


def test_an_approval_out_of_time_goes_to_whom_it_says_once(chain: Chain) -> None:
    """After the hour, and not before, the head's deputy by role may approve; the job finds nothing more to do."""
    ticket = surveyed(chain)
    assert times(chain).run() == 0
    chain.clock.skip(3_600_000)
    assert times(chain).run() == 1
    found = seen(chain, ticket)
    assert found.flow is not None
    assert found.flow.tokens[0].approvers == ("max",)
    assert [one.detail["why"] for one in rows(chain, ticket, "delegated")] == ["time_out"]
    assert times(chain).run() == 0
    assert act(chain, "eva", "approve", ApproveNode(node="ask", approved=True), ticket) == "flow_not_yours"


def gated(chain: Chain, late: TimeOut) -> str:
    """A ticket without a flow that waits for eva's consent to leave its unit for the west."""
    gate = Gate(id="g", name="Leaving", approval=Approval(approvers=(by("unit_head"),), time_out=late))
    edit(chain, "gate", gate)
    ticket = begin(chain, FORM.id)
    assert act(chain, "amy", "ask_to_leave", AskToLeave(org="w1", note="theirs"), ticket) == "applied"
    assert stands(chain, ticket) == [GATE]
    return ticket


def edit(chain: Chain, kind: str, entity: Any) -> None:
    """Change the configuration as an administrator does."""
    with chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=chain.ids, at=chain.clock.now())
        write_configuration(work, [Edit(kind=kind, id=entity.id, entity=entity)], author=Author())
        work.commit()


@pytest.mark.parametrize(("then", "unit"), [("approve", "w1"), ("reject", "e1")])
def test_a_gate_out_of_time_opens_or_stays_shut(chain: Chain, then: Any, unit: str) -> None:
    """After the hour, and not before, the ticket goes where it was asked to, or the asking is taken away; once."""
    ticket = gated(chain, TimeOut(after=HOUR, then=then))
    assert times(chain).run() == 0
    chain.clock.skip(3_600_000)
    assert times(chain).run() == 1
    assert (seen(chain, ticket).org, stands(chain, ticket)) == (unit, [])
    assert [one.detail["why"] for one in rows(chain, ticket, "approval")] == ["time_out"]
    assert times(chain).run() == 0


def test_a_gate_out_of_time_asks_others(chain: Chain) -> None:
    """Whom the time-out names may let it go then, and nobody else."""
    ticket = gated(chain, TimeOut(after=HOUR, to=(by("role", role="head"),)))
    chain.clock.skip(3_600_000)
    assert times(chain).run() == 1
    assert act(chain, "eva", "approve", ApproveNode(node=GATE, approved=True), ticket) == "flow_not_yours"
    assert act(chain, "max", "approve", ApproveNode(node=GATE, approved=True), ticket) == "applied"
    assert seen(chain, ticket).org == "w1"


def test_an_edited_calendar_moves_what_is_due_at_nodes(chain: Chain) -> None:
    """The time-out follows the hours as they are now, also where the ticket's own deadlines don't move."""
    always = Calendar(id="desk", zone="UTC", weekly=tuple(((0, 1440),) for _ in range(7)))
    edit(chain, "calendar", always)
    gated(chain, TimeOut(after=HOUR, calendar="desk", then="approve"))
    job = Remeasuring(
        chain.store, pusher=chain.pusher, configurations=chain.configurations, trees=chain.trees
    )
    job.run()
    before = due(chain)
    edit(chain, "calendar", replace(always, weekly=tuple(((1439, 1440),) for _ in range(7))))
    job.run()
    assert len(before) == len(due(chain)) == 1
    assert due(chain)[0] > before[0] + 86_400_000


def due(chain: Chain) -> list[int]:
    """When something is due at nodes."""
    with chain.store.read() as conn:
        return list(conn.execute(select(t.flow_due.c.due_at)).scalars())


def test_a_node_out_of_time_is_told_once_and_never_while_it_is_on_hold(chain: Chain) -> None:
    """The node's own deadline stands still on hold; past it one row says so."""
    ticket = surveyed(chain)
    act(chain, "eva", "approve", ApproveNode(node="ask", approved=True), ticket)
    hold = ChangeStatus(to="on_hold", reason="stock", until=chain.clock.now() + 9_000_000)
    act(chain, "amy", "status", hold, ticket)
    chain.clock.skip(7_200_000)
    assert times(chain).run() == 0
    act(chain, "amy", "status", ChangeStatus(to="open"), ticket)
    chain.clock.skip(3_600_000)
    assert times(chain).run() == 1
    assert times(chain).run() == 0
    assert len(rows(chain, ticket, "node_late")) == 1


def test_several_workers_fire_a_timer_once(chain: Chain) -> None:
    """However many workers look, each ticket goes on once, with one hop."""
    tickets = [begin(chain, "later") for _ in range(4)]
    chain.clock.skip(3_700_000)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: times(chain).run(), range(3)))
    assert sum(done) == 4
    for ticket in tickets:
        assert seen(chain, ticket).status == "resolved"
        assert [one.detail["node"] for one in rows(chain, ticket, "hop")] == ["wait", "end"]
    with chain.store.read() as conn:
        assert conn.execute(select(t.flow_due)).all() == []


def test_what_a_dead_worker_had_claimed_is_done_by_another(chain: Chain) -> None:
    """Claimed and never sent: a minute later it is anybody's again."""
    ticket = begin(chain, "later")
    chain.clock.skip(3_700_000)
    assert len(times(chain)._claim()) == 1
    assert times(chain).run() == 0
    chain.clock.skip(61_000)
    assert times(chain).run() == 1
    assert seen(chain, ticket).status == "resolved"


def test_a_fan_out_makes_linked_tickets_and_the_parent_waits_for_them(chain: Chain) -> None:
    """One for each unit, at the head of the unit; with the last one solved the parent goes on, in that transaction."""
    ticket = begin(chain, "spread")
    parent = seen(chain, ticket)
    children = [one.ticket for one in parent.links if one.relation == "parent_of"]
    assert stands(chain, ticket) == ["parts"]
    assert [seen(chain, one).org for one in children] == ["e2", "w1"]
    assert {seen(chain, one).parent for one in children} == {ticket}
    assert [seen(chain, one).assignee for one in children] == ["eva", "max"]
    act(chain, "eva", "complete", CompleteNode(node="work"), children[0])
    assert stands(chain, ticket) == ["parts"]
    act(chain, "max", "complete", CompleteNode(node="work"), children[1])
    assert (stands(chain, ticket), seen(chain, ticket).assignee) == (["sum"], "amy")


def test_a_fan_out_goes_where_a_field_of_the_form_says(chain: Chain) -> None:
    """One ticket for each unit that was chosen, by code or by id; with none chosen the flow goes on."""
    with chain.store.write() as conn:
        conn.execute(t.org_unit.update().where(t.org_unit.c.id == "w1").values(code="W-1"))
        conn.execute(t.counter.update().where(t.counter.c.name == "tree").values(value=t.counter.c.value + 1))
        conn.commit()
    field = FormField(key="where", label="Where", kind="multi_select", options=WHERE)
    chosen = Child(field="where", template="part")
    again = Child(unit="w1", template="part")
    way = scenario(
        "chosen",
        plain("fan_out", "parts", "sum", fan_out=(chosen, again)),
        task("sum", "end", handler=by("creator")),
        END,
    )
    edit(chain, "template", replace(way, fields=(*FORM.fields, field)))
    ticket = begin(chain, "chosen", fields={"where": ["W-1", "e2"]})
    children = [one.ticket for one in seen(chain, ticket).links if one.relation == "parent_of"]
    assert sorted(seen(chain, one).org for one in children) == ["e2", "w1"]


def test_sent_back_it_is_with_whoever_did_it_before(chain: Chain) -> None:
    """From the approval it goes back to the surveyor, whose turn does not come round again."""
    ticket = surveyed(chain)
    back = ReturnNode(node="ask", to="survey", reason="no photo")
    assert act(chain, "eva", "return", back, ticket) == "applied"
    found = seen(chain, ticket)
    assert found.flow is not None
    assert [(one.node, one.visit, one.assignee) for one in found.flow.tokens] == [("survey", 2, "amy")]
    assert rows(chain, ticket, "node_returned")[0].body == "no photo"


def test_modes_that_name_people_several_times_ask_each_once(chain: Chain) -> None:
    """A person named by two rules has one vote."""
    asked = Approval(approvers=(by("unit_head"), by("role", role="lead")), mode="all")
    node = replace(approval("ask", "end"), approval=asked)
    with chain.store.write() as conn:
        body = codec.encode(replace(scenario("twice", node, END), version=2)).decode()
        row = {"kind": "template", "id": "twice", "version": 2, "deleted": False, "audience": "everyone"}
        conn.execute(insert(t.config).values(**row, body=body, at=0, person=None))
        conn.execute(t.counter.update().where(t.counter.c.name == "config").values(value=3))
        conn.commit()
    command = chain.create(template="twice", template_version=2)
    chain.do("amy", command)
    found = seen(chain, command.ticket_id)
    assert found.flow is not None
    assert found.flow.tokens[0].approvers == ("eva",)


def test_a_role_of_another_business_line_is_passed_over(chain: Chain) -> None:
    """Who has a role, or leads, in one line alone is nobody where a ticket of another line stands."""
    with chain.store.write() as conn:
        own = {"role": "clerk", "unit": "east", "level": MANAGE, "classes": 1}
        conn.execute(
            insert(t.grant),
            [{**own, "id": "1", "person": "amy", "line": "retail"},
             {**own, "id": "2", "person": "ben", "line": "delivery"}],
        )  # fmt: skip
        path = ("root", "east")
        for line, expected in (("retail", ["amy"]), ("delivery", ["ben"]), ("other", [])):
            assert with_role(conn, "clerk", path, line=line, not_of=frozenset()) == expected
        nobody_above = heads(conn, ("east",), line="other", not_of=frozenset())
        assert not {"amy", "ben"} & set(nobody_above)
