"""Due steps become notices, once each, whoever sweeps and however late."""

import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.entities.org import Team
from domain.entities.sla import Action, Policy, Step, Target
from domain.wire.commands import AssignTicket, ChangeStatus
from sync_server.jobs.recipients import kind_of, people_of, roles_of
from sync_server.jobs.sweep import Sweep
from sync_server.store import tables as t
from sync_server.store.configuration_writer import Edit, write_configuration
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
            write_configuration(work, [Edit(kind="policy", id="standard", entity=POLICY)])
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
        return Sweep(chain.store, configurations=chain.configurations, clock=self.clock, ids=chain.ids)

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
    desk.clock.at = due["first_response", "0"]
    assert desk.sweep().run() == 1
    assert desk.told() == [("amy", "soon", "first_response")]
    assert desk.sweep().run() == 0
    desk.clock.at = due["first_response", "-1"]
    desk.sweep().run()
    assert desk.told()[1:] == [("amy", "late", "first_response")]
    desk.clock.at = due["resolution", "1"]
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
    desk.clock.at = desk.due()["first_response", "0"]
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

    desk.clock.at = desk.due()["first_response", "0"]
    with monkeypatch.context() as patched:
        patched.setattr(UnitOfWork, "commit", die)
        with pytest.raises(SystemExit):
            desk.sweep().run()
    assert desk.told() == []
    assert desk.sweep().run() == 1
    assert len(desk.told()) == 1


def _ticket(desk_ticket: Any, **values: Any) -> Any:
    return desk_ticket.__class__(
        **{**{name: getattr(desk_ticket, name) for name in desk_ticket.__struct_fields__}, **values}
    )


def test_recipients_are_people_by_their_part(desk: Desk) -> None:
    """Assignee, creator, cc, superior, lead; a team only while nobody holds the ticket."""
    chain = desk.chain
    with chain.store.read() as conn:
        configuration = chain.configurations.current(conn)
    team = Team(id="desk", name="Desk", unit="hq", members=("max", "ben"), lead="eva")
    configuration = configuration.__class__(teams={"desk": team})
    put = next(one for one in chain.pulled("max").put if one.ticket.id == desk.ticket)
    held = _ticket(put.ticket, team="desk", assignee="amy", creator="wes", cc=("ben",))
    free = _ticket(held, assignee=None)

    def told(ticket: Any, *roles: str) -> set[str]:
        return set(people_of(ticket, roles, configuration, {"amy": "eva"}))

    assert told(held, "assignee", "creator", "cc", "superior", "lead") == {"amy", "wes", "ben", "eva"}
    assert told(held, "team") == set()
    assert told(free, "team", "assignee", "superior") == {"max", "ben"}


def test_kind_tells_before_from_after() -> None:
    """What stands before the deadline warns, what stands after it tells; an unknown step tells nobody."""
    early, late = POLICY.steps
    assert (kind_of(early), kind_of(late), kind_of(None)) == ("soon", "late", "late")
    assert roles_of(early, 0) == ("assignee",)
    assert roles_of(None, 7) == ()
