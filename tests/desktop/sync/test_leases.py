"""Past the lease: the replica stays closed, new tickets can be written, a code or the server opens it again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from desktop.clock import ServerTime, SystemIds
from desktop.commands.create import create_ticket
from desktop.commands.runner import Runner
from desktop.commands.sealed import seal
from desktop.lease import DAY_MS, LEASE_FILE
from desktop.replica import outside
from desktop.replica.engine import Replica
from desktop.sync.ahead import EarlyPull
from desktop.sync.signed_on import LeaseEndedError, Locked
from domain.errors import RefusedError, UnavailableError
from domain.rules.unlocking import unlock_code
from domain.wire import codec
from domain.wire.commands import CreateTicket
from domain.wire.sync import PullAnswer, PullRequest
from sync_server.operations import devices
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop, ShiftedClock
from tests.desktop.sync.office import Office, tools

Make = Callable[..., Desktop]


@pytest.fixture
def away(office: Office, desktop: Make) -> Iterator[Desktop]:
    """A desktop with a ticket, signed out, whose server can't be reached for twenty days."""
    amy = desktop(office.address, "amy")
    amy.settle()
    amy.create("Before the cable was pulled")
    amy.settle()
    with amy.replica.read() as conn:
        forms = outside.taken_out(conn)
    amy.signed_on.box.prepare(amy.signed_on.key, codec.encode(forms))
    amy.close()
    office.shut()
    _skip(amy, 20 * DAY_MS)
    yield amy
    office.open()


def _skip(amy: Desktop, ms: int) -> None:
    clock = amy.clock
    assert isinstance(clock, ShiftedClock)
    clock.skipped_ms += ms


def locked(amy: Desktop) -> Locked:
    """Sign in past the lease."""
    with pytest.raises(LeaseEndedError, match="lease_ended") as caught:
        amy.sign_in()
    assert caught.value.args_by_name["until"] == caught.value.locked.lease.until_at
    return caught.value.locked


def write_sealed(amy: Desktop, at_door: Locked, scratch: Path, subject: str) -> str:
    """Make a ticket as the lock page does; returns its id."""
    forms = codec.decode(at_door.box.forms(), outside.Outside)
    replica = Replica(scratch / "scratch.db", bytes(32), durable=False)
    try:
        with replica.write() as conn:
            outside.put_in(conn, forms, count=at_door.box.next_count())
        time = ServerTime(amy.clock)
        runner = Runner(replica, clock=amy.clock, time=time, ids=SystemIds())
        content = CreateTicket(
            template="complaint", template_version=1, org="e1", line="retail", subject=subject
        )
        moved = create_ticket(runner, content)
        assert seal(replica, at_door.box) == 1
    finally:
        replica.close()
    return next(iter(moved.tickets))


def test_offline_past_the_lease_nothing_opens(away: Desktop) -> None:
    """Not by the right password, nor after the wall clock was set back; a wrong password tells nothing."""
    locked(away)
    clock = away.clock
    assert isinstance(clock, ShiftedClock)
    clock.off_ms = -19 * DAY_MS
    locked(away)
    with pytest.raises(RefusedError, match="wrong_password"):
        away.sign_in("not the password")


def test_within_the_lease_it_opens_offline(office: Office, desktop: Make) -> None:
    """To its last day."""
    amy = desktop(office.address, "amy")
    amy.settle()
    amy.close()
    office.shut()
    try:
        _skip(amy, 13 * DAY_MS)
        signed_on = amy.sign_in()
        assert signed_on.lease.ends_soon()
        assert not signed_on.online
    finally:
        office.open()


def test_taking_the_leases_file_away_opens_nothing(away: Desktop) -> None:
    """The replica itself knows that there was one."""
    (away.signed_on.folder / LEASE_FILE).unlink()
    at_door = locked(away)
    with pytest.raises(RefusedError, match="no_unlock_secret"):
        away.desk.unlock(at_door, unlock_code(bytes(32), counter=0, days=3))


def test_the_server_opens_it_again(office: Office, away: Desktop) -> None:
    """Signing in online begins a new lease."""
    locked(away)
    office.open()
    signed_on = away.sign_in()
    assert signed_on.lease.left_s() > 13 * 86_400
    office.shut()


def test_a_code_from_the_operator_opens_it(office: Office, away: Desktop) -> None:
    """The challenge read out, the code typed in: work goes on offline for its days, not longer."""
    at_door = locked(away)
    with tools(office) as made:
        code = devices.unlock(made, at_door.challenge, days=2)
    assert code.login == "amy"
    signed_on = away.desk.unlock(at_door, code.code)
    assert dict(signed_on.hints)["unlocked"]["days"] == 2
    assert not signed_on.online
    with signed_on.replica.read() as conn:
        subjects = [row[0] for row in conn.exec_driver_sql("SELECT subject FROM ticket")]
    assert subjects == ["Before the cable was pulled"]
    signed_on.replica.close()
    away.sign_in()
    away.close()
    _skip(away, 2 * DAY_MS)
    with pytest.raises(RefusedError, match="unlock_code_wrong"):
        away.desk.unlock(locked(away), code.code)


def test_what_is_written_at_the_door_can_not_be_read_there(
    office: Office, away: Desktop, tmp_path: Path
) -> None:
    """Sealed, under a number of its own; online it is sent as it was written then, once."""
    at_door = locked(away)
    (tmp_path / "scratch").mkdir()
    id = write_sealed(away, at_door, tmp_path / "scratch", "Written at the door")
    assert at_door.box.count() == 1
    for file in away.signed_on.folder.rglob("*"):
        assert not file.is_file() or b"Written at the door" not in file.read_bytes()
    office.open()
    signed_on = away.sign_in()
    assert dict(signed_on.hints)["sealed_taken_in"]["count"] == 1
    assert at_door.box.count() == 0
    made = away.ticket(id)
    assert made is not None
    assert made.provisional is not None
    assert made.provisional.endswith("S-0001")
    away.settle()
    (row,) = office.rows(select(t.ticket.c.subject, t.ticket.c.provisional).where(t.ticket.c.id == id))
    assert tuple(row) == ("Written at the door", made.provisional)
    away.close()
    away.sign_in()
    assert away.standing().unsent == 0
    office.shut()


def test_a_sealed_ticket_taken_in_twice_stands_once(office: Office, away: Desktop, tmp_path: Path) -> None:
    """The program ended between the outbox and the file: it is known by its id."""
    at_door = locked(away)
    (tmp_path / "scratch").mkdir()
    write_sealed(away, at_door, tmp_path / "scratch", "Once")
    file = next(at_door.box.folder.glob("*.sealed"))
    content = file.read_bytes()
    office.open()
    away.sign_in()
    away.close()
    file.write_bytes(content)
    away.sign_in()
    away.settle()
    assert away.states().count("done") + away.states().count("acked") == 2
    assert len(office.rows(select(t.ticket.c.id))) == 2
    office.shut()


def test_each_page_renews_the_lease(office: Office, desktop: Make) -> None:
    """By the server's time and the length it tells; the replica notes it for the sync panel."""
    amy = desktop(office.address, "amy")
    lease = amy.signed_on.lease
    _skip(amy, DAY_MS)
    transport = amy.engine._exchange._transport
    pull = transport.pull

    def later(request: PullRequest) -> PullAnswer:
        return _days_later(pull(request), 1)

    transport.pull = later  # type: ignore[method-assign]
    amy.settle()
    with amy.replica.read() as conn:
        noted = int(conn.exec_driver_sql("SELECT value FROM meta WHERE key = 'lease_until'").scalar_one())
    assert 14 * 86_400 - 60 < lease.left_s() <= 14 * 86_400
    assert abs(noted - lease.until_at) < 5 * 60_000
    assert amy.engine.lease_until_at == lease.until_at


def test_a_page_read_ahead_renews_no_lease(office: Office, desktop: Make) -> None:
    """Nobody knows how long ago it came: a machine that slept on it would get that time for nothing."""
    amy = desktop(office.address, "amy")
    amy.settle()
    until_at = amy.signed_on.lease.until_at
    transport = amy.engine._exchange._transport
    pull = transport.pull

    def early(request: PullRequest) -> PullAnswer:
        answer = _days_later(pull(request), 1)
        return EarlyPull(**{name: getattr(answer, name) for name in answer.__struct_fields__})

    transport.pull = early  # type: ignore[method-assign]
    amy.engine.poke()
    assert amy.step().did == "pulled"
    assert amy.signed_on.lease.until_at == until_at


def _days_later(answer: PullAnswer, days: int) -> PullAnswer:
    from msgspec.structs import replace

    return replace(answer, server_time=answer.server_time + days * DAY_MS)


def test_an_hourly_refresh_tells_the_lease_too(office: Office, desktop: Make) -> None:
    """With new tokens comes the policy of now."""
    amy = desktop(office.address, "amy")
    told: list[int] = []
    amy.signed_on.shelf.lease_told = lambda lease, at: told.append(lease.length_s)
    amy.signed_on.transport.fresh_token(amy.signed_on.transport.token())
    assert told == [14 * 86_400]


def test_tokens_that_the_server_forgot_are_renewed(office: Office, desktop: Make) -> None:
    """After some days away the access token is gone from the server; the refresh token still works."""
    amy = desktop(office.address, "amy")
    amy.settle()
    office.change(t.token.delete().where(t.token.c.kind == "access"))
    amy.create("After the holidays")
    amy.settle()
    assert amy.engine.paused == ""
    assert amy.standing().unsent == 0


def test_without_forms_outside_nothing_can_be_written(away: Desktop) -> None:
    """The page says so; a replica that never had forms has none to keep."""
    at_door = locked(away)
    at_door.box.folder.joinpath("forms.json").unlink()
    assert not at_door.box.ready


def test_the_door_needs_to_know_whose_it_is(away: Desktop) -> None:
    """A folder that lost its name opens online only."""
    at_door = locked(away)
    away.signed_on.folder.joinpath("identity.json").unlink()
    assert at_door.lease.challenge(at_door.code)
    with pytest.raises(UnavailableError, match="no_replica_here"):
        away.sign_in()
