"""Deadlines of open tickets follow an edited policy or calendar, and what that makes late is told once."""

import msgspec
import pytest
from sqlalchemy import select

from domain.entities.calendars import Calendar
from domain.entities.forms import TextModule
from domain.entities.sla import Policy, Target
from domain.wire.commands import ChangeStatus
from sync_server.jobs import remeasuring
from sync_server.jobs.remeasuring import Remeasuring
from sync_server.jobs.sweep import Sweep
from sync_server.operations.configuration.moving import moving
from sync_server.store import tables as t
from sync_server.store.configuration_changes import Author, rows_as_of
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.engine import Store
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.chain import POLICY, START, Chain

MINUTE_MS = 60_000


def edit(chain: Chain, *edits: Edit) -> None:
    """Change the configuration as an administrator does."""
    with chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=chain.ids, at=START)
        write_configuration(work, edits, author=Author())
        work.commit()


def measured_by(n: int) -> Edit:
    """The policy with another first response."""
    targets = {"normal": {"first_response": Target(n=n, unit="minute")}}
    return Edit(kind="policy", id=POLICY.id, entity=Policy(id=POLICY.id, targets=targets))  # type: ignore[arg-type]


def due(chain: Chain) -> list[int | None]:
    """The deadlines of all tickets, in the order of their ids, in minutes since the first was made."""
    with chain.store.read() as conn:
        rows = list(conn.execute(select(t.ticket.c.due_at, t.ticket.c.created_at).order_by(t.ticket.c.id)))
    return [None if row.due_at is None else round((row.due_at - row.created_at) / MINUTE_MS) for row in rows]


def job(chain: Chain) -> Remeasuring:
    """The job over the chain."""
    return Remeasuring(
        chain.store, pusher=chain.pusher, configurations=chain.configurations, trees=chain.trees
    )


@pytest.fixture
def chain(store: Store) -> Chain:
    """Two open tickets and one that is solved."""
    made = Chain(store)
    commands = [made.create("e1") for _ in range(3)]
    made.do("amy", *commands)
    made.do("amy", made.command("status", ChangeStatus(to="resolved"), ticket=commands[2].ticket_id))
    return made


def test_open_tickets_follow_an_edited_policy(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, solved ones not at all; a job that was killed half way begins again and doubles nothing."""
    assert job(chain).run() == 0
    edit(chain, measured_by(60))
    monkeypatch.setattr(remeasuring, "SLICE", 1)
    with monkeypatch.context() as patched:
        patched.setattr(remeasuring, "set_measured", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            job(chain).run()
    assert due(chain) == [60, 60, None]
    assert job(chain).run() == 0  # they are right already
    edit(chain, Edit(kind="text_module", id="m", entity=TextModule(id="m", name="m", body="m")))
    assert job(chain).run() == 0


def test_a_calendar_moves_deadlines_and_tells_how_many_before(chain: Chain) -> None:
    """A dry look says what the job then does."""
    closed = tuple(((0, 1),) for _ in range(7))
    nights = Edit(kind="calendar", id="nights", entity=Calendar(id="nights", zone="UTC", weekly=closed))
    bound = msgspec.structs.replace(POLICY, calendar="nights")
    edits = (nights, Edit(kind="policy", id=POLICY.id, entity=bound))
    with chain.store.write() as conn:
        before = chain.configurations.current(conn)
        work = UnitOfWork(conn, nonces=chain.ids, at=START)
        write_configuration(work, edits, author=Author())
        assert moving(chain, conn, before, rows_as_of(conn).values()) == 2  # type: ignore[arg-type]
    edit(chain, *edits)
    assert job(chain).run() == 2


def test_a_breach_that_a_change_causes_is_told_once_then(chain: Chain) -> None:
    """A shorter target makes them late at once; lengthened and shortened again, nobody is told again."""
    sweep = Sweep(chain.pusher, configurations=chain.configurations, trees=chain.trees)
    assert sweep.run() == 0
    for minutes, fired in ((1, 2), (90, 0), (1, 0)):
        edit(chain, measured_by(minutes))
        job(chain).run()
        for _ in range(90):
            chain.clock.now()
        assert sweep.run() == fired
