"""Automations on a real database: slots, episodes, catching up, batches that go on, several workers, sudden ends."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from domain.entities.conditions import Condition, Conditions
from domain.entities.rules import Automation, RuleAction
from domain.entities.ticket import Ticket
from domain.rules.automations import Run, is_due
from domain.wire.commands import ChangeStatus, ReceiveMessage
from domain.wire.intent import Intent
from sync_server.jobs.automations import Automations
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.queries.tickets import TICKET
from sync_server.store.rows import ticket_of
from tests.sync_server.chain import START
from tests.sync_server.push.test_chain import configured

HOUR, DAY = 3_600_000, 86_400_000


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> int:
        """The instant it was set to."""
        return self.at


def rule(id: str = "a", *, when: tuple[tuple[str, str, Any], ...], **more: Any) -> Automation:
    """An automation that tags, unless it is to do something else."""
    conditions = tuple(Condition(field=field, op=op, value=value) for field, op, value in when)  # type: ignore[arg-type]
    actions = more.pop("actions", (RuleAction(kind="tag", arguments={"add": [id]}),))
    return Automation(id=id, name=id, conditions=Conditions(all=conditions), actions=actions, **more)


class Desk:
    """The chain with a clock that is set by hand, and its automations."""

    def __init__(self, store: Store, *rules: Automation, batch: int = 200) -> None:
        self.chain = configured(store, *rules, kind="automation")
        self.clock, self.store = SetClock(), store
        self.chain.pusher._clock = self.clock
        self.jobs = Automations(
            store,
            pusher=self.chain.pusher,
            configurations=self.chain.configurations,
            trees=self.chain.trees,
            ids=self.chain.ids,
            slice_size=batch,
        )
        with store.write() as conn:
            conn.execute(update(t.config).where(t.config.c.kind == "automation").values(at=START - DAY))
            conn.commit()

    def tickets(self, count: int, **values: Any) -> list[str]:
        """New tickets of amy's."""
        made = [self.chain.create(**values) for _ in range(count)]
        self.chain.do("amy", *made)
        return [one.ticket_id for one in made]

    def do(self, id: str, kind: str, intent: Intent) -> None:
        """A command of amy's, given now."""
        command = self.chain.command(kind, intent, ticket=id)
        self.chain.do("amy", msgspec.structs.replace(command, at=self.clock.at))

    def run(self, at: int) -> int:
        """Run at an instant after the start."""
        self.clock.at = START + at
        return self.jobs.run()

    def ticket(self, id: str) -> Ticket:
        """A ticket as it is stored."""
        with self.store.read() as conn:
            return ticket_of(conn.execute(select(*TICKET).where(t.ticket.c.id == id)).one())

    def acted(self, id: str) -> int:
        """How often rules acted on a ticket."""
        with self.store.read() as conn:
            query = select(t.entry.c.id).where(t.entry.c.ticket == id, t.entry.c.kind == "rule")
            return len(conn.execute(query).all())


STALE = rule(when=(("age.message_s", "gte", 5 * 86_400), ("status", "is", "pending")))


def test_acts_once_in_an_episode(store: Store) -> None:
    """Once while the conditions go on holding slot after slot; anew after a slot in which they did not."""
    note = (RuleAction(kind="comment", arguments={"text": "Ask again"}),)
    desk = Desk(store, msgspec.structs.replace(STALE, actions=note), batch=2)
    (id,) = desk.tickets(1)
    desk.do(id, "status", ChangeStatus(to="pending"))
    assert desk.run(5 * DAY - 5 * 60_000) == 0
    assert desk.run(5 * DAY + HOUR) == 1
    assert [desk.run(5 * DAY + n * HOUR) for n in (1, 2, 3)] == [0, 0, 0]
    desk.do(id, "message", ReceiveMessage(body="Hello?"))
    desk.do(id, "status", ChangeStatus(to="pending"))
    assert desk.run(5 * DAY + 4 * HOUR) == 0
    assert desk.run(11 * DAY) == 1
    assert desk.acted(id) == 2


def test_inactivity_is_exact_to_the_second(store: Store) -> None:
    """Five minutes before five days are over nothing is closed; five minutes after, in the next slot, it is."""
    close = (RuleAction(kind="set_status", arguments={"status": "resolved"}),)
    desk = Desk(store, msgspec.structs.replace(STALE, actions=close, every_s=300))
    (id,) = desk.tickets(1)
    desk.do(id, "status", ChangeStatus(to="pending"))
    desk.run(5 * DAY - 5 * 60_000)
    assert desk.ticket(id).status == "pending"
    desk.run(5 * DAY + 5 * 60_000)
    assert desk.ticket(id).status == "resolved"


def test_looks_once_in_a_slot_and_catches_up_once(store: Store) -> None:
    """What becomes true within an hour waits for the next; a day of missed hours is one look."""
    desk = Desk(store, rule(when=(("age.created_s", "gte", 60),)))
    desk.run(HOUR)
    (id,) = desk.tickets(1)
    desk.clock.at = START + HOUR + 1000
    slot_end = HOUR - (START + HOUR) % HOUR
    assert desk.run(HOUR + slot_end - 1000) == 0
    assert desk.run(HOUR + slot_end) == 1
    assert desk.run(2 * DAY) == 0
    assert desk.acted(id) == 1


def test_no_ticket_is_left_out_for_its_number(store: Store) -> None:
    """Batches go on until all are done, whatever their size; order is that of the rules."""
    first = rule("first", when=(("status", "is", "new"),))
    second = rule("second", when=(("tags", "contains", "first"),), position=1)
    desk = Desk(store, first, second, batch=3)
    ids = desk.tickets(10)
    assert desk.run(HOUR) == 20
    assert {desk.ticket(id).tags for id in ids} == {("first", "second")}


def test_a_run_that_was_cut_short_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends after a batch, or in the middle of one: nothing twice, nothing left out."""
    desk = Desk(store, rule(when=(("status", "is", "new"),)), batch=3)
    ids = desk.tickets(8)
    work_off, left = desk.chain.pusher.work_off, iter((True, False))

    class Killed(BaseException):
        """The process is gone."""

    def dying(begin: Any) -> Any:
        if next(left, False):
            return work_off(begin)

        def begins(work: Any) -> Any:
            begin(work)
            raise Killed

        return work_off(begins)

    monkeypatch.setattr(desk.chain.pusher, "work_off", dying)
    monkeypatch.setattr(desk.jobs, "_rest", lambda: 0)
    with pytest.raises(Killed):
        desk.run(HOUR)
    assert [desk.acted(id) for id in sorted(ids)] == [1, 1, 1, 0, 0, 0, 0, 0]
    monkeypatch.undo()
    assert desk.run(HOUR + 1000) == 5
    assert {desk.acted(id) for id in ids} == {1}


def test_a_run_that_another_worker_holds_is_left_alone(store: Store) -> None:
    """And those after it too, so that they come in order; once it is free it goes on."""
    if store.sqlite:
        pytest.skip("one process works there, and one writes at a time")
    desk = Desk(store, rule("one", when=(("status", "is", "new"),)), rule("two", when=(), position=1))
    (id,) = desk.tickets(1)
    desk.run(HOUR)
    assert desk.acted(id) == 2
    (late,) = desk.tickets(1)
    with store.write() as other:
        run = t.automation_run
        other.execute(select(run).where(run.c.automation == "one").with_for_update()).all()
        assert desk.run(3 * HOUR) == 0
    assert desk.run(3 * HOUR) == 2
    assert desk.acted(late) == 2


@pytest.mark.parametrize(
    ("edited_ago_s", "last_ago_s", "active", "runs"),
    [
        (120, None, True, True),
        (5, None, True, False),
        (120, None, False, False),
        (120, 300, True, False),
        (120, 900, True, True),
        (120, 90_000, True, True),
    ],
)
def test_when_an_automation_runs(edited_ago_s: int, last_ago_s: int | None, active: bool, runs: bool) -> None:
    """Not while it is being edited, nor inactive, nor twice in a slot (case AUT-01, with slots of ten minutes)."""
    now = START - START % 600_000 + 500_000
    one = rule(when=(), every_s=600, active=active)
    slot = None if last_ago_s is None else now - last_ago_s * 1000
    run = None if slot is None else Run(slot_at=slot - slot % 600_000, done=True)
    assert is_due(one, edited_at=now - edited_ago_s * 1000, run=run, now=now) is runs
