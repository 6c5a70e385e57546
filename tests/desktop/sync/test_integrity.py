"""A desktop finds where it differs from the server, repairs that and nothing else, and says so."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from desktop.commands.write import reply
from desktop.replica import digest, integrity, meta, rows, sql
from desktop.replica.integrity import MOST_REPAIRS, Check, Checked
from desktop.sync.engine import Engine
from domain.entities.ticket import OPEN_STATUSES, PersonalValue
from domain.wire.commands import ChangeStatus, Command, CreateTicket, Reply, payload
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

Make = Callable[..., Desktop]


def _create(number: int, **values: object) -> Command:
    plain: dict[str, object] = {
        "template": "complaint",
        "template_version": 1,
        "org": "e1",
        "line": "retail",
        "subject": f"Till {number}",
    }
    intent = CreateTicket(**{**plain, **values})  # type: ignore[arg-type]
    return Command(
        id=f"c{number:031x}", ticket_id=f"d{number:031x}", kind="create", set=payload(intent), at=1
    )


def _ids(count: int) -> list[str]:
    return [f"d{number:031x}" for number in range(count)]


@pytest.fixture
def amy(office: Office, desktop: Make) -> Desktop:
    """Amy's desktop, in step with a server that has twenty tickets for her."""
    office.do("max", *(_create(number, cc=("amy",) if number % 4 == 0 else ()) for number in range(20)))
    made = desktop(office.address, "amy")
    made.settle()
    made.settle()
    return made


def _last(desktop: Desktop) -> Checked:
    with desktop.replica.read() as conn:
        assert integrity.current(conn) is None, "a check is still under way"
        return integrity.last(conn)


def _verify(desktop: Desktop) -> tuple[Checked, list[str]]:
    desktop.engine.verify()
    did = desktop.did()
    return _last(desktop), did


def _meddle(desktop: Desktop, statement: str, *values: object) -> None:
    with desktop.replica.write() as conn:
        sql.run(conn, statement, values)


def _held(desktop: Desktop) -> dict[str, tuple[int, int]]:
    with desktop.replica.read() as conn:
        return {id: (rev, mark) for id, rev, mark in sql.rows(conn, "SELECT id, rev, mark FROM ticket")}


def test_first_sync_ends_with_a_digest_that_fits(amy: Desktop) -> None:
    """What was filled is compared once everything is there, without a request of its own."""
    found = _last(amy)
    assert (found.well, found.repaired, found.why) == (True, 0, "scope")
    assert found.at > 0


def test_nothing_is_fetched_where_nothing_differs(amy: Desktop) -> None:
    """A check of a replica that is right costs one pull."""
    found, did = _verify(amy)
    assert (found.well, found.repaired, found.why) == (True, 0, "asked")
    assert did.count("compared") == 1
    assert "fetched" not in did


def test_what_differs_is_found_and_repaired(office: Office, amy: Desktop) -> None:
    """A row that is lost, older, in other classes, or the server's no more: four tickets, and only these."""
    before = _held(amy)
    lost, older, wider, alien = _ids(5)[1:]
    _meddle(amy, "DELETE FROM ticket WHERE id = ?", lost)
    _meddle(amy, "UPDATE ticket SET rev = 0, mark = mark + 1 WHERE id = ?", older)
    _meddle(amy, "UPDATE ticket SET access = 1 WHERE id = ?", wider)
    office.change(update(t.ticket).where(t.ticket.c.id == alien).values(org="w1", creator=None, cc="[]"))
    office.change(t.ticket_cc.delete().where(t.ticket_cc.c.ticket == alien))
    found, did = _verify(amy)
    assert (found.well, found.repaired) == (True, 4)
    assert did.count("fetched") == 1
    after = _held(amy)
    assert alien not in after
    assert after == {id: held for id, held in before.items() if id != alien}
    with amy.replica.read() as conn:
        assert integrity.repairs(conn, found.at) == 1
        assert not integrity.alarmed(conn, found.at)


def test_children_that_no_sum_tells_of_go(office: Office, amy: Desktop) -> None:
    """A row said already what a narrower grant now gives: what it hides goes, and nothing else is asked for."""
    note, phone, plain = "only for ourselves", {"phone": "+86 138 0000 0000"}, _ids(32)[30:]
    office.do("max", *(_create(number, personal=phone) for number in (30, 31)))
    inside = payload(Reply(body=note, internal=True))
    office.do(
        "max", *(Command(id=f"e{id[1:]}", ticket_id=id, kind="reply", set=inside, at=2) for id in plain)
    )
    amy.settle()
    assert all(note in [entry.body for entry in amy.entries(id)] for id in plain)
    _meddle(amy, "UPDATE ticket SET access = 1 WHERE id = ?", plain[0])
    office.change(update(t.grant).where(t.grant.c.person == "amy").values(classes=1))
    office.change(update(t.person).where(t.person.c.id == "amy").values(grants_version=2))
    amy.settle()
    amy.settle()  # the totals come with the next pull
    found = _last(amy)
    assert (found.why, found.well, found.repaired) == ("scope", True, 1)
    for id in plain:
        assert note not in [entry.body for entry in amy.entries(id)]
        assert [value.masked for value in _values(amy, id)] == [True]
    assert _verify(amy)[0].repaired == 0


def _values(desktop: Desktop, id: str) -> list[PersonalValue]:
    with desktop.replica.read() as conn:
        return rows.load_personal(conn, id)


def test_a_change_that_the_feed_never_told_is_found(office: Office, amy: Desktop) -> None:
    """The server's rows decide, whatever its feed says."""
    id = _ids(8)[7]
    changed = update(t.ticket).where(t.ticket.c.id == id)
    office.change(changed.values(subject="Behind the feed", rev=t.ticket.c.rev + 1, mark=4711))
    found, _ = _verify(amy)
    assert found.repaired == 1
    assert "Behind the feed" in amy.subjects()
    assert _held(amy)[id][1] == 4711


def test_unsent_work_neither_counts_nor_is_lost(office: Office, amy: Desktop) -> None:
    """Edits count by the server's copy, a new ticket not at all; a check leaves both as they are."""
    with amy.replica.read() as conn:
        before = digest.whole(conn, 0)
    office.shut()
    made = amy.create("Only here so far")
    reply(amy.runner, _ids(3)[2], body="written offline")
    with amy.replica.read() as conn:
        assert digest.whole(conn, 0) == before
    amy.engine.verify()
    amy.settle()
    office.open()
    amy.engine.try_now()
    amy.settle()
    found = _last(amy)
    assert (found.well, found.repaired) == (True, 0)
    ticket = amy.ticket(made)
    assert ticket is not None
    assert ticket.status in OPEN_STATUSES
    assert "written offline" in [entry.body for entry in amy.entries(_ids(3)[2])]


def _again(desktop: Desktop) -> None:
    """The program is killed, and started again over the same replica."""
    desktop.engine = Engine(
        desktop.replica,
        desktop.signed_on.transport,
        desktop.signed_on.shelf,
        clock=desktop.clock,
        time=desktop.signed_on.time,
        chance=lambda: 0.5,
    )


def test_a_replica_is_checked_after_an_unclean_end_only(amy: Desktop) -> None:
    """A program that was killed compares at its next start; one that ended in order does not."""
    amy.engine.end()
    _again(amy)
    amy.settle()
    assert _last(amy).why == "scope"
    _again(amy)
    amy.settle()
    assert _last(amy).why == "unclean"


def test_a_check_goes_on_after_the_program_was_killed(amy: Desktop) -> None:
    """How far it was stands in the replica: killed after any step, it ends with the same repair."""
    wanted = _held(amy)
    for steps in range(1, 6):
        _meddle(amy, "UPDATE ticket SET rev = 0, mark = mark + 1 WHERE id = ?", _ids(6)[5])
        amy.engine.verify()
        for _ in range(steps):
            amy.step()
        _again(amy)
        amy.settle()
        assert _last(amy).well
        assert _held(amy) == wanted


def test_what_only_moved_meanwhile_is_not_repaired(office: Office, amy: Desktop) -> None:
    """While the tickets of a group are compared another of them changes: the feed brings it, not a repair."""
    damaged, moves = _ids(3)[1:]
    _meddle(amy, "UPDATE ticket SET mark = mark + 1 WHERE id = ?", damaged)
    amy.engine.verify()
    for _ in range(50):
        with amy.replica.read() as conn:
            check = integrity.current(conn)
        if check is not None and check.stage == "tickets":
            break
        amy.step()
    resolved = payload(ChangeStatus(to="resolved"))
    office.do("max", Command(id="e" * 32, ticket_id=moves, kind="status", set=resolved, at=1))
    assert amy.step().did == "compared", "its tickets are told before the feed is read on"
    amy.settle()
    found = _last(amy)
    assert (found.well, found.repaired) == (True, 1)
    ticket = amy.ticket(moves)
    assert ticket is not None
    assert ticket.status == "resolved"


def test_more_than_three_repairs_a_day_raise_an_alarm(amy: Desktop) -> None:
    """Each repair is made; the fourth in a day says that somebody has to look into it."""
    for count in range(1, MOST_REPAIRS + 2):
        _meddle(amy, "UPDATE ticket SET mark = mark + 1 WHERE id = ?", _ids(1)[0])
        found, _ = _verify(amy)
        assert found.repaired == 1
        with amy.replica.read() as conn:
            assert integrity.repairs(conn, found.at) == count
            assert integrity.alarmed(conn, found.at) == (count > MOST_REPAIRS)
            assert integrity.repairs(conn, found.at + integrity.DAY_MS) == 0


def test_what_cannot_be_repaired_is_given_up_and_said(office: Office, amy: Desktop) -> None:
    """A replica that differs again and again doesn't ask for ever."""
    with amy.replica.write() as conn:
        meta.put_struct(conn, "check", Check(why="daily", round=integrity.MOST_ROUNDS))
        sql.run(conn, "UPDATE ticket SET mark = mark + 1 WHERE id = ?", (_ids(1)[0],))
    amy.settle()
    found = _last(amy)
    assert not found.well
    with amy.replica.read() as conn:
        assert integrity.alarmed(conn, found.at)
    assert _verify(amy)[0].well


def test_a_check_never_goes_before_what_is_to_be_sent(amy: Desktop) -> None:
    """With something to send, the send comes before the comparing of groups and tickets."""
    _meddle(amy, "UPDATE ticket SET mark = mark + 1 WHERE id = ?", _ids(1)[0])
    amy.engine.verify()
    while amy.step().did != "compared":
        pass
    amy.create("Meanwhile")
    did = amy.did()
    assert did.index("pushed") < did.index("compared")
    assert _last(amy).repaired == 1


def test_a_cursor_that_expired_is_caught_up_by_digest(office: Office, amy: Desktop) -> None:
    """Everything stays here; only what moved meanwhile is fetched, what left is purged, what is unsent is sent."""
    office.do("max", _create(50), _create(51))
    resolved = Command(
        id="e" * 32, ticket_id=_ids(1)[0], kind="status", set=payload(ChangeStatus(to="resolved")), at=1
    )
    office.do("max", resolved)
    gone = _ids(8)[7]
    office.change(update(t.ticket).where(t.ticket.c.id == gone).values(org="w1"))
    office.change(update(t.feed_head).values(floor=t.feed_head.c.seq - 1))
    reply(amy.runner, _ids(4)[3], body="written meanwhile")
    steps = amy.settle()
    did = [step.did for step in steps]
    assert "began_anew" in did
    # Configuration alone is filled again; no range of tickets is.
    assert did.count("filled") == 1
    assert did.count("fetched") == 1
    found = _last(amy)
    assert (found.why, found.well, found.repaired) == ("reconcile", True, 5)
    assert gone not in _held(amy)
    assert len(_held(amy)) == 21
    ticket = amy.ticket(_ids(1)[0])
    assert ticket is not None
    assert ticket.status == "resolved"
    assert amy.states() == ["done"]
    with amy.replica.read() as conn:
        assert not integrity.alarmed(conn, found.at)


def test_an_expired_cursor_is_caught_up_at_once(office: Office, amy: Desktop) -> None:
    """Nothing has to be sent, nobody pokes: the totals are asked for when configuration has come, not later."""
    office.do("max", _create(50), _create(51))
    office.change(update(t.feed_head).values(floor=t.feed_head.c.seq - 1))
    did = amy.did()
    assert did.count("compared") >= 2
    found = _last(amy)
    assert (found.why, found.well, found.repaired) == ("reconcile", True, 2)
    assert "Till 50" in amy.subjects()
