"""Due steps become notices, once each, whoever sweeps and however late."""

import json
import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.entities.rules import Trigger
from domain.entities.sla import BREACH_STEP, Action, Policy, Step, Target
from domain.entities.ticket import Ticket
from domain.wire.commands import AssignTicket, ChangeMembers, ChangeStatus
from sync_server.jobs.step_commands import message_of
from sync_server.jobs.sweep import Sweep
from sync_server.push.pipeline import Pusher
from sync_server.store import tables as t
from sync_server.store.configuration_changes import Author
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.due_steps import ClaimedStep
from sync_server.store.engine import Store
from sync_server.store.soundness import feed_gap
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.chain import START, Chain

MINUTE_MS = 60_000
POLICY = Policy(
    id="standard",
    targets={
        "normal": {"first_response": Target(n=30, unit="minute"), "resolution": Target(n=4, unit="hour")}
    },
    steps=(
        Step(
            metric="first_response",
            offset_s=-600,
            actions=(Action(kind="notify", arguments={"to": ["assignee"]}),),
        ),
        Step(
            metric="resolution",
            percent=110,
            actions=(Action(kind="notify", arguments={"to": ["assignee", "superior"]}),),
        ),
    ),
)


class MovedClock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.at = START + 60 * MINUTE_MS

    def now(self) -> int:
        return self.at


class Desk:
    """The small chain with a policy that has steps, a ticket in somebody's hands, and a sweep."""

    def __init__(self, store: Store) -> None:
        self.chain, self.clock = Chain(store), MovedClock()
        with store.write() as conn:
            work = UnitOfWork(conn, nonces=self.chain.ids, at=START)
            write_configuration(work, [Edit(kind="policy", id="standard", entity=POLICY)], author=Author())
            conn.execute(update(t.person).where(t.person.c.id == "amy").values(superior="eva"))
            work.commit()
        create = self.chain.create("e1")
        self.ticket = create.ticket_id
        self.chain.do("amy", create)
        given = self.chain.command("assign", AssignTicket(assignee="amy"), ticket=self.ticket)
        self.chain.do("max", given)
        with store.write() as conn:
            conn.execute(t.notice.delete())
            conn.commit()

    def sweep(self) -> Sweep:
        """Another worker's sweep."""
        chain = self.chain
        pusher = Pusher(
            chain.store,
            trees=chain.trees,
            configurations=chain.configurations,
            clock=self.clock,
            ids=chain.ids,
        )
        return Sweep(pusher, configurations=chain.configurations, trees=chain.trees)

    def told(self) -> list[tuple[str, str, str]]:
        """Who has been told what."""
        with self.chain.store.read() as conn:
            rows = conn.execute(select(t.notice).order_by(t.notice.c.at, t.notice.c.person))
            return [(row.person, row.kind, row.detail.split('"metric":"')[1].split('"')[0]) for row in rows]

    def due(self) -> dict[tuple[str, str], int]:
        """When the unfired steps of the ticket are due."""
        with self.chain.store.read() as conn:
            rows = conn.execute(select(t.sla_step).where(t.sla_step.c.fired_at.is_(None)))
            return {(row.metric, row.step): row.due_at for row in rows}


@pytest.fixture
def desk(store: Store) -> Desk:
    """A ticket with clocks, on either database."""
    return Desk(store)


def test_steps_fire_when_due_and_once_only(desk: Desk) -> None:
    """Soon before the deadline, late at it, the superior after it; a second sweep adds nothing."""
    due = desk.due()
    desk.clock.at = due["first_response", "standard:first_response:-600s"]
    assert desk.sweep().run() == 1
    assert desk.told() == [("amy", "soon", "first_response")]
    assert desk.sweep().run() == 0
    desk.clock.at = due["first_response", "-1"]
    desk.sweep().run()
    assert desk.told()[1:] == [("amy", "late", "first_response")]
    desk.clock.at = due["resolution", "standard:resolution:110%"]
    desk.sweep().run()
    assert desk.told()[2:] == [("amy", "late", "resolution"), ("eva", "late", "resolution")]
    assert desk.sweep().run() == 0


def test_nothing_fires_before_its_time(desk: Desk) -> None:
    """A millisecond early is early."""
    desk.clock.at = min(desk.due().values()) - 1
    assert desk.sweep().run() == 0
    assert desk.told() == []


def test_late_worker_catches_up_and_says_so(desk: Desk) -> None:
    """After hours of nobody sweeping each person is told once of each kind, with how late it became known."""
    desk.clock.at = max(desk.due().values()) + 3600 * 1000
    assert desk.sweep().run() == 4
    told = desk.told()
    assert [(person, kind) for person, kind, _ in told].count(("amy", "late")) == 1
    with desk.chain.store.read() as conn:
        details = [row.detail for row in conn.execute(select(t.notice.c.detail))]
    assert all('"known_late_s":' in detail and '"known_late_s":0' not in detail for detail in details)


def test_what_was_met_in_time_is_not_told(desk: Desk) -> None:
    """Resolving drops the steps that have not fired."""
    chain = desk.chain
    chain.do("amy", chain.command("status", ChangeStatus(to="resolved"), ticket=desk.ticket))
    assert not desk.due()
    desk.clock.at += 10**9
    assert desk.sweep().run() == 0


def test_notices_go_out_in_the_feed_to_the_person_alone(desk: Desk) -> None:
    """A fired step is pulled by whom it tells, by nobody else; the feed stays dense."""
    desk.clock.at = desk.due()["first_response", "standard:first_response:-600s"]
    desk.sweep().run()
    assert [notice.kind for notice in desk.chain.pulled("amy").notices] == ["soon"]
    assert desk.chain.pulled("eva").notices == ()
    with desk.chain.store.read() as conn:
        assert feed_gap(conn)["missing"] == 0


def test_many_workers_fire_each_step_once(desk: Desk) -> None:
    """Four workers at once over many tickets: every step once, nobody waits for another."""
    chain = desk.chain
    for _ in range(10):
        chain.do("amy", *(chain.create("e1") for _ in range(20)))
    desk.clock.at = max(desk.due().values())
    with chain.store.read() as conn:
        waiting = len(list(conn.execute(select(t.sla_step).where(t.sla_step.c.fired_at.is_(None)))))
    counts: list[int] = []
    workers = [threading.Thread(target=lambda: counts.append(desk.sweep().run())) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == waiting
    assert not desk.due()


def test_crash_before_the_commit_fires_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies in the middle leaves its steps to the next one."""

    def die(self: UnitOfWork) -> int:
        raise SystemExit("power cut")

    desk.clock.at = desk.due()["first_response", "standard:first_response:-600s"]
    with monkeypatch.context() as patched:
        patched.setattr(UnitOfWork, "commit", die)
        with pytest.raises(SystemExit):
            desk.sweep().run()
    assert desk.told() == []
    assert desk.sweep().run() == 1
    assert len(desk.told()) == 1


ESCALATE = Action(kind="escalate")


def acting(*actions: Action) -> Policy:
    """A policy whose warning of the first response does these."""
    step = Step(metric="first_response", offset_s=-600, actions=actions)
    return Policy(id="acting", position=-1, targets=POLICY.targets, steps=(step,))


def ready(desk: Desk, policy: Policy) -> None:
    """The desk's ticket under a policy of its own, at the moment of its warning."""
    chain = desk.chain
    with chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=chain.ids, at=START)
        write_configuration(work, [Edit(kind="policy", id=policy.id, entity=policy)], author=Author())
        work.commit()
    chain.do("max", chain.command("tag", ChangeMembers(add=("seen",)), ticket=desk.ticket))
    desk.clock.at = desk.due()["first_response", "acting:first_response:-600s"]


def fired(desk: Desk, policy: Policy) -> Ticket:
    """The ticket after its warning has fired."""
    ready(desk, policy)
    assert desk.sweep().run() == 1
    return desk.chain.whole("max", desk.ticket).put[0].ticket


def test_a_step_raises_the_priority_and_the_deadline_follows(desk: Desk) -> None:
    """One row says which step it was; a second sweep does nothing more."""
    ticket = fired(desk, acting(Action(kind="raise_priority", arguments={"to": "urgent"})))
    assert ticket.priority == "urgent"
    timeline = desk.chain.whole("max", desk.ticket).put[0].entries
    said = [row.detail for row in timeline if row.kind == "rule"]
    assert [one["rule"] for one in said] == ["sla:acting:first_response:-600s"]
    assert [row.detail["to"] for row in timeline if row.kind == "priority"] == ["urgent"]
    desk.sweep().run()
    assert desk.chain.whole("max", desk.ticket).put[0].ticket.rev == ticket.rev


def test_a_step_hands_over_adds_people_and_escalates(desk: Desk) -> None:
    """Whom it names gets the ticket and is told; the superior follows it; what can't be done is named."""
    reassign = Action(kind="reassign", arguments={"assignee": "ben"})
    ticket = fired(desk, acting(reassign, Action(kind="run_macro", arguments={"macro": "gone"}), ESCALATE))
    assert (ticket.assignee, ticket.cc, ticket.taken_at) == ("ben", ("eva",), None)
    timeline = desk.chain.whole("max", desk.ticket).put[0].entries
    did = next(row.detail["did"] for row in timeline if row.kind == "rule")
    assert [one["code"] for one in did if "code" in one] == ["rule_macro_gone"]
    with desk.chain.store.read() as conn:
        told = {(row.person, row.kind) for row in conn.execute(select(t.notice))}
    assert {("ben", "assigned"), ("eva", "cc"), ("eva", "soon")} <= told


def test_a_trigger_hears_of_a_deadline_that_passed(desk: Desk) -> None:
    """Where one waits for it, the breach leaves its row, and the trigger acts in the same transaction."""
    tag = Action(kind="tag", arguments={"add": ["too late"]})
    trigger = Trigger(id="late", events=("overdue",), actions=(tag,))
    chain = desk.chain
    with chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=chain.ids, at=START)
        write_configuration(work, [Edit(kind="trigger", id="late", entity=trigger)], author=Author())
        work.commit()
    desk.clock.at = desk.due()["first_response", BREACH_STEP]
    assert desk.sweep().run() == 2
    assert chain.whole("max", desk.ticket).put[0].ticket.tags == ("too late",)
    assert desk.sweep().run() == 0


def test_a_step_that_fails_keeps_nothing_else_from_firing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as fired, people are told, and its actions are in the log."""

    def broken(*_args: Any) -> Any:
        raise ZeroDivisionError

    ready(desk, acting(Action(kind="raise_priority"), Action(kind="notify")))
    with monkeypatch.context() as patched:
        patched.setattr("sync_server.push.judging.Judge.verdict", broken)
        assert desk.sweep().run() == 1
    assert desk.sweep().run() == 0
    assert ("amy", "soon", "first_response") in desk.told()
    assert desk.chain.whole("max", desk.ticket).put[0].ticket.priority == "normal"


def test_one_that_can_not_be_told_stands_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails with one step, all others fire in the same turn, and it is not tried for ever."""
    chain, real = desk.chain, message_of

    def of(found: Any, claimed: ClaimedStep, *rest: Any) -> Any:
        if claimed.ticket == desk.ticket:
            raise ZeroDivisionError
        return real(found, claimed, *rest)

    monkeypatch.setattr("sync_server.jobs.sweep.message_of", of)
    others = [chain.create("e1") for _ in range(5)]
    chain.do("amy", *others)
    for one in others:
        chain.do("max", chain.command("assign", AssignTicket(assignee="amy"), ticket=one.ticket_id))
    desk.clock.at += 10**9
    assert desk.sweep().run() == 6 * 4
    with chain.store.read() as conn:
        told = {row.ticket for row in conn.execute(select(t.notice)) if row.kind in ("soon", "late")}
    assert told == {one.ticket_id for one in others}
    assert desk.sweep().run() == 0


def test_a_step_that_its_policy_lost_says_nothing(desk: Desk) -> None:
    """Its row may still stand while the deadlines are measured anew: nobody is told that something is late."""
    ready(desk, acting(Action(kind="notify")))
    with desk.chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=desk.chain.ids, at=START)
        bare = Policy(id="acting", position=-1, targets=POLICY.targets)
        write_configuration(work, [Edit(kind="policy", id="acting", entity=bare)], author=Author())
        work.commit()
    before = desk.told()
    assert desk.sweep().run() == 1
    assert desk.told() == before


def test_what_leaves_the_program_tells_of_the_ticket_as_it_was(desk: Desk) -> None:
    """A message that quiet hours hold back until morning says who held the ticket when the step fired."""
    fired(desk, acting(Action(kind="notify", arguments={"to": ["assignee"], "channels": ["sms"]})))
    with desk.chain.store.read() as conn:
        (args,) = conn.execute(select(t.delivery.c.args)).scalars()
    assert json.loads(args)["was"]["assignee"] == "amy"


def test_steps_that_act_are_taken_in_smaller_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice with too many commands begins again with fewer steps; each fires once all the same."""
    chain = desk.chain
    ready(desk, acting(Action(kind="raise_priority", arguments={"to": "urgent"}), Action(kind="notify")))
    chain.do("amy", *(chain.create("e1") for _ in range(6)))
    with chain.store.write() as conn:
        conn.execute(update(t.sla_step).where(t.sla_step.c.step == BREACH_STEP).values(fired_at=0))
        conn.commit()
    desk.clock.at += 10**9
    with chain.store.read() as conn:
        waiting = len(list(conn.execute(select(t.sla_step).where(t.sla_step.c.fired_at.is_(None)))))
    monkeypatch.setattr("sync_server.jobs.sweep.ACTING", 2)
    assert desk.sweep().run() == waiting == 7
    assert desk.sweep().run() == 0
    with chain.store.read() as conn:
        said = [row.ticket for row in conn.execute(select(t.entry).where(t.entry.c.kind == "rule"))]
    assert len(said) == len(set(said)) == 7
