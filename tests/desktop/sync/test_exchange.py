"""The exchange against a real server: nothing is lost, nothing comes twice, whatever the server says."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select, update

from desktop.commands.write import note
from desktop.replica import heads, meta, sql
from desktop.sync.tokens import KEY
from domain.errors import GongdanError, UnavailableError
from domain.wire.identity import Tokens
from domain.wire.sync import PullAnswer, PullRequest, PushAnswer, PushRequest
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop, ShiftedClock
from tests.desktop.sync.office import Office, password

Make = Callable[..., Desktop]


def test_written_offline_it_is_seen_by_others_when_the_network_is_back(office: Office, desktop: Make) -> None:
    """A ticket made while the server is away reaches it, is numbered, and shows on another desktop."""
    amy, max = desktop(office.address, "amy"), desktop(office.address, "max")
    amy.settle()
    max.settle()
    office.shut()
    id = amy.create("Till 3 prints nothing")
    assert "failed" in amy.did()
    assert amy.engine.connection == "offline"
    assert amy.standing().unsent == 1
    office.open()
    amy.engine.try_now()
    amy.settle()
    assert amy.standing().unsent == 0
    max.settle()
    mine, theirs = amy.ticket(id), max.ticket(id)
    assert mine is not None
    assert theirs is not None
    assert mine.number == theirs.number
    assert mine.number
    assert mine.provisional
    assert [entry.kind for entry in max.entries(id)].count("created") == 1


def test_first_sync_brings_forms_before_anything_else(office: Office, desktop: Make) -> None:
    """The first steps are the scope, the forms and the person's own tickets; then the rest."""
    amy = desktop(office.address, "amy")
    did = amy.did()
    assert did[:3] == ["pulled", "filled", "filled"]
    assert did[-1] == "waited"
    assert amy.create("Now there is a form")


def test_an_expired_token_is_renewed_once_and_kept_before_use(office: Office, desktop: Make) -> None:
    """When the access token has run out the exchange goes on, with tokens that would survive a power cut."""
    amy = desktop(office.address, "amy")
    amy.settle()
    before = amy.signed_on.shelf.current
    office.change(update(t.token).where(t.token.c.kind == "access").values(expires_at=1))
    amy.create("After an hour")
    assert "failed" not in amy.did()
    after = amy.signed_on.shelf.current
    assert after != before
    with amy.replica.read() as conn:
        assert meta.struct(conn, KEY, Tokens) == after
    renewed = office.rows(select(t.token.c.hash).where(t.token.c.kind == "refresh"))
    assert len(renewed) == 2


def test_worthless_tokens_pause_the_exchange_and_lose_nothing(office: Office, desktop: Make) -> None:
    """Where even the refresh token is refused the person is asked to sign in, and then everything goes on."""
    amy = desktop(office.address, "amy")
    amy.settle()
    office.change(t.token.delete())
    id = amy.create("While signed out")
    amy.settle()
    assert amy.engine.paused == "sign_in_needed"
    assert amy.standing().unsent == 1
    from desktop.sync.asked import Asked

    asked = Asked(server=office.address, login="amy", password=password("amy"))
    amy.desk.renew(amy.signed_on, asked)
    amy.engine.resume()
    amy.settle()
    assert amy.standing().unsent == 0
    assert office.rows(select(t.ticket.c.number).where(t.ticket.c.id == id))


def test_a_clock_a_day_off_does_not_change_when_things_happened(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """A machine a day behind signs in with a hint; what it writes has the server's time."""
    clock = ShiftedClock(-86_400_000)
    amy = Desktop(tmp_path / "late", office.address, "amy", clock=clock)
    try:
        assert dict(amy.signed_on.hints)["clock_off"]["minutes"] in (1439, 1440)
        amy.settle()
        id = amy.create("Written today")
        amy.settle()
        (at,) = office.rows(select(t.ticket.c.created_at).where(t.ticket.c.id == id))
        assert abs(at[0] - office.services.clock.now()) < 60_000
    finally:
        amy.close()


def test_a_copied_replica_becomes_another_device_with_its_outbox(office: Office, desktop: Make) -> None:
    """Two machines with the same replica both send everything; nothing is lost and nothing comes twice."""
    amy = desktop(office.address, "amy")
    amy.settle()
    both = amy.create("Unsent when the disk was copied")
    with amy.replica.read() as conn:
        device = meta.get(conn, "device")
    amy.close()
    shutil.copytree(amy.home, amy.home.with_name("copy"))
    amy.sign_in()
    copy = desktop(office.address, "amy", home="copy")
    first, second = amy.create("On the first machine"), copy.create("On the second machine")
    amy.settle()
    copy.send_all()
    amy.settle()
    with copy.replica.read() as conn:
        assert meta.get(conn, "device") != device
    held = {row[0] for row in office.rows(select(t.ticket.c.id))}
    assert held == {both, first, second}
    assert amy.subjects() == copy.subjects()
    created = office.rows(select(func.count()).select_from(t.entry).where(t.entry.c.kind == "created"))
    assert created[0][0] == 3
    assert amy.standing().attention == copy.standing().attention == 0


def test_a_new_epoch_starts_over_and_drops_nothing(office: Office, desktop: Make) -> None:
    """After the server's feed was begun anew, what is unsent is sent and the replica is whole again."""
    amy = desktop(office.address, "amy")
    amy.settle()
    amy.create("Sent before")
    amy.settle()
    office.change(t.feed_head.update().values(epoch="another"))
    amy.create("Unsent")
    did = amy.did()
    assert "began_anew" in did
    assert amy.standing().unsent == 0
    assert amy.subjects() == ["Sent before", "Unsent"]
    with amy.replica.read() as conn:
        assert meta.epoch(conn) == "another"
        assert not sql.value(conn, "SELECT count(*) FROM ticket WHERE rev = 0")
    assert len(office.rows(select(t.ticket.c.id))) == 2


def test_the_one_bad_command_is_found_and_set_aside(office: Office, desktop: Make) -> None:
    """Where whole batches fail while pulls succeed, the culprit needs attention and all others arrive."""
    amy = desktop(office.address, "amy")
    amy.settle()
    ids = [amy.create(f"Ticket {number}") for number in range(9)]
    culprit = amy.create("The box between drops this one")
    ids += [amy.create(f"Ticket {number}") for number in range(9, 17)]
    sent: list[int] = []
    push = amy.signed_on.transport.push

    def dropping(request: PushRequest) -> PushAnswer:
        sent.append(len(request.commands))
        if any(command.ticket_id == culprit for command in request.commands):
            raise UnavailableError("connection_lost")
        return push(request)

    amy.engine._exchange._transport.push = dropping  # type: ignore[method-assign]
    amy.send_all()
    assert amy.standing().unsent == 0
    assert amy.standing().attention == 1
    assert len(sent) < 20
    held = {row[0] for row in office.rows(select(t.ticket.c.id))}
    assert held == set(ids)
    with amy.replica.read() as conn:
        assert sql.row(conn, "SELECT ticket, code FROM attention") == (culprit, "withdrawn")


def test_an_answer_lost_after_the_commit_does_no_harm(office: Office, desktop: Make) -> None:
    """Every answer to a push is lost once: each comment stands exactly once all the same."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Answers get lost")
    for number in range(5):
        note(amy.runner, id, body=f"Note {number}")
    push = amy.signed_on.transport.push
    lost: set[tuple[str, ...]] = set()

    def losing(request: PushRequest) -> PushAnswer:
        answer = push(request)
        key = tuple(command.id for command in request.commands)
        if key not in lost:
            lost.add(key)
            raise UnavailableError("timeout")
        return answer

    amy.engine._exchange._transport.push = losing  # type: ignore[method-assign]
    amy.send_all()
    assert amy.standing().unsent == 0
    assert amy.standing().attention == 0
    bodies = [row[0] for row in office.rows(select(t.entry.c.body).where(t.entry.c.kind == "note"))]
    mine = [entry.body for entry in amy.entries(id) if entry.kind == "note"]
    assert (
        sorted(filter(None, bodies))
        == sorted(filter(None, mine))
        == [f"Note {number}" for number in range(5)]
    )


def test_pull_does_not_wait_for_an_outbox_that_fails(office: Office, desktop: Make) -> None:
    """While every push fails, news of others still arrive."""
    amy, max = desktop(office.address, "amy"), desktop(office.address, "max")
    amy.settle()
    max.settle()
    amy.create("Can't be sent")

    def failing(request: PushRequest) -> PushAnswer:
        raise UnavailableError("server_error")

    amy.engine._exchange._transport.push = failing  # type: ignore[method-assign]
    id = max.create("From head office")
    max.settle()
    amy.settle()
    assert amy.ticket(id) is not None
    assert amy.standing().unsent == 1


def test_a_server_that_is_busy_is_left_alone(office: Office, desktop: Make) -> None:
    """A time to come back, given by the server, is kept to by each kind of request for itself."""
    amy = desktop(office.address, "amy")
    amy.settle()
    asked: list[str] = []

    def busy(request: object) -> PushAnswer:
        asked.append("asked")
        raise UnavailableError("busy", retry_after_ms=9_000)

    transport = amy.engine._exchange._transport
    transport.push = transport.pull = busy  # type: ignore[method-assign, assignment]
    amy.create("Later")
    last = amy.settle()[-1]
    assert asked == ["asked", "asked"]
    assert 0 < last.wait_ms <= 9_000
    assert amy.engine.connection == "server_error"


def test_a_poke_while_an_answer_is_under_way_is_heeded(office: Office, desktop: Make) -> None:
    """What changed after the server made its answer is asked for at once, not with the next poll."""
    amy, max = desktop(office.address, "amy"), desktop(office.address, "max")
    amy.settle()
    max.settle()
    transport = max.engine._exchange._transport
    plain, created = transport.pull, list[str]()

    def overtaken(request: PullRequest) -> PullAnswer:
        answer = plain(request)
        if not created:
            created.append(amy.create("Made meanwhile"))
            amy.settle()
            max.engine.poke()
        return answer

    transport.pull = overtaken  # type: ignore[method-assign]
    max.engine.poke()
    max.settle()
    assert max.ticket(created[0]) is not None


def test_an_answer_made_under_another_head_is_thrown_away(office: Office, desktop: Make) -> None:
    """A request was under way when another answer told another head: what it brings is asked for again."""
    amy = desktop(office.address, "amy")
    amy.settle()
    amy.create("Till 3")
    amy.settle()
    exchange = amy.engine._exchange
    plain = exchange._transport.pull

    def late(request: PullRequest) -> PullAnswer:
        answer = plain(request)
        with amy.replica.write() as conn:
            heads.take(conn, "told meanwhile")
        return msgspec.structs.replace(answer, to_cursor="of another past")

    exchange._transport.pull = late  # type: ignore[method-assign]
    with amy.replica.read() as conn:
        before = meta.cursor(conn)
    exchange.pull()
    with amy.replica.read() as conn:
        assert (meta.cursor(conn), heads.seen(conn)) == (before, "told meanwhile")


def test_errors_of_the_network_are_ours(office: Office, desktop: Make) -> None:
    """Whatever happens on the way is told in our words."""
    amy = desktop(office.address, "amy")
    office.shut()
    with pytest.raises(GongdanError) as caught:
        amy.signed_on.transport.health()
    assert caught.value.code == "server_unreachable"
    office.open()
    assert amy.signed_on.transport.health().status == "ok"


def test_a_command_whose_dependency_is_nowhere_needs_attention(office: Office, desktop: Make) -> None:
    """After the server lost what it had taken, what depended on it does not wait for ever."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Taken, then lost by the server")
    note(amy.runner, id, body="Depends on it")
    with amy.replica.write() as conn:
        sql.run(conn, "UPDATE command SET state = 'done' WHERE kind = 'create'")
    amy.send_all()
    assert amy.standing().attention == 1
    other = amy.create("Goes on")
    amy.send_all()
    assert office.rows(select(t.ticket.c.id)) == [(other,)]
