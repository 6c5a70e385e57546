"""Only a verdict moves a command that was ever sent; order within a ticket is kept; nothing is sent as new twice."""

import msgspec
import pytest

from desktop.commands import hand_over, status, write
from desktop.replica import heads, outbox
from desktop.replica.apply import begin_anew
from domain.wire.sync import PushAnswer, Verdict
from tests.desktop.replica.desk import Desk
from tests.desktop.replica.station import Station


def _states(station: Station) -> list[str]:
    return station.all("SELECT state FROM command ORDER BY num")


def test_commands_go_in_the_order_given(ann: Station) -> None:
    """A batch holds the oldest, in order, under a push number that rises."""
    id = ann.create()
    hand_over.take(ann.runner, [id])
    write.reply(ann.runner, id, body="hello")
    first, second = ann.request(), ann.request()
    assert first is not None
    assert second is not None
    assert [one.kind for one in first.commands] == ["create", "take", "reply"]
    assert second.commands == first.commands
    assert (first.push_no, second.push_no) == (1, 2)
    assert _states(ann) == ["sent"] * 3


def test_batch_is_bounded(ann: Station) -> None:
    """By number and by size, but never empty."""
    for _ in range(3):
        ann.create(description="x" * 1_000)
    with ann.replica.write() as conn:
        by_number, by_size = outbox.next_push(conn, limit=2), outbox.next_push(conn, max_bytes=10)
    assert by_number is not None
    assert by_size is not None
    assert len(by_number.commands) == 2
    assert len(by_size.commands) == 1


def test_later_commands_depend_on_an_unconfirmed_create(ann: Station) -> None:
    """Until the server took the ticket, what follows names the command that makes it."""
    id = ann.create()
    write.note(ann.runner, id, body="first")
    ann.settle()
    write.note(ann.runner, id, body="second")
    request = ann.request()
    assert request is not None
    assert request.commands[0].depends_on == ()
    assert ann.one("SELECT json_extract(body, '$.depends_on[0]') FROM command WHERE num = 2") == ann.one(
        "SELECT id FROM command WHERE num = 1"
    )


def test_retry_leaves_a_command_where_it_is(ann: Station) -> None:
    """A passing refusal changes nothing: it is sent again, with what follows it."""
    id = ann.create()
    request = ann.request()
    assert request is not None
    answer = PushAnswer(
        verdicts=(Verdict(id=request.commands[0].id, status="retry"),), head="", server_time=1
    )
    assert not ann.verdicts(request, answer)
    assert _states(ann) == ["sent"]
    assert id in ann.shown()


def test_number_comes_with_the_verdict(ann: Station) -> None:
    """The official number is shown before the row is pulled; the provisional one stays."""
    id = ann.create()
    ann.push()
    ticket = ann.shown()[id].ticket
    assert ticket.number == "100001"
    assert ticket.provisional == "\u4e34-K7Q2-0001"
    assert _states(ann) == ["acked"]
    ann.settle()
    assert _states(ann) == ["done"]


def test_second_verdict_of_a_command_changes_nothing(ann: Station, desk: Desk) -> None:
    """A late answer after a repeat is passed over."""
    id = ann.create()
    request = ann.request()
    assert request is not None
    answer = desk.push("ann", request)
    ann.verdicts(request, answer)
    ann.settle()
    rejected = Verdict(id=request.commands[0].id, status="rejected", code="out_of_scope")
    assert not ann.verdicts(request, msgspec.structs.replace(answer, verdicts=(rejected,)))
    assert _states(ann) == ["done"]
    assert id in ann.shown()


def test_rejected_create_keeps_its_text_for_attention(ann: Station, desk: Desk) -> None:
    """The ticket is no longer shown, its words are kept, and what depended on it is blocked."""
    id = ann.create(description="long story")
    write.note(ann.runner, id, body="more of it")
    desk.grant("ann")
    ann.settle()
    assert id not in ann.shown()
    assert _states(ann) == ["attention", "attention"]
    assert ann.all("SELECT kind FROM attention ORDER BY num") == ["rejected", "blocked"]
    assert "long story" in ann.one("SELECT body FROM command WHERE num = 1")


def test_conflict_keeps_both_values(ann: Station, bob: Station) -> None:
    """Both changed one value: the server's stands and is shown, mine is kept beside it."""
    id = ann.create()
    ann.settle()
    bob.settle()
    write.edit(bob.runner, [id], values={"priority": "urgent"})
    write.edit(ann.runner, [id], values={"priority": "low", "subject": "mine"})
    bob.settle()
    ann.push()
    assert ann.shown()[id].ticket.subject == "mine"
    ann.settle()
    assert ann.shown()[id].ticket.priority == "urgent"
    assert ann.one("SELECT json_extract(detail, '$.priority.mine') FROM attention") == "low"
    assert ann.one("SELECT json_extract(detail, '$.priority.theirs') FROM attention") == "urgent"


def test_own_value_is_shown_until_the_verdict(ann: Station, bob: Station) -> None:
    """A newer value of somebody else that was pulled does not hide what was written here."""
    id = ann.create()
    ann.settle()
    bob.settle()
    write.edit(bob.runner, [id], values={"priority": "urgent"})
    bob.settle()
    write.edit(ann.runner, [id], values={"priority": "low"})
    ann.pull()
    assert ann.shown()[id].ticket.priority == "low"


def test_conflict_in_a_handover_keeps_its_note(ann: Station, bob: Station) -> None:
    """The hand-over fell, what was written with it stays in the timeline."""
    id = ann.create()
    ann.settle()
    bob.settle()
    hand_over.assign(bob.runner, [id], assignee="eve")
    hand_over.assign(ann.runner, [id], assignee="bob", note="please look")
    bob.settle()
    ann.push()
    shown = ann.shown()[id]
    assert "please look" in {entry.body for entry in shown.entries}
    ann.settle()
    assert ann.shown()[id].ticket.assignee == "eve"


def test_set_aside_holds_back_its_ticket_alone(ann: Station) -> None:
    """Commands on other tickets go on; later ones on the same ticket wait."""
    one, other = ann.create(), ann.create()
    write.note(ann.runner, one, body="after")
    write.note(ann.runner, other, body="goes on")
    with ann.replica.write() as conn:
        outbox.set_aside(conn, ann_first := conn_first(ann, one))
        request = outbox.next_push(conn)
        outbox.set_aside(conn, ann_first, aside=False)
        whole = outbox.next_push(conn)
    assert request is not None
    assert whole is not None
    assert {command.ticket_id for command in request.commands} == {other}
    assert len(whole.commands) == 4


def conn_first(station: Station, ticket: str) -> str:
    """The first command on a ticket."""
    return str(station.one("SELECT id FROM command WHERE ticket = ? ORDER BY num", ticket))


def test_restored_server_is_sent_its_lost_work(ann: Station, desk: Desk) -> None:
    """What was acknowledged goes once more, with its id; what the server still knows is not done twice."""
    id = ann.create()
    ann.settle()
    backup = (dict(desk.tickets), {key: list(rows) for key, rows in desk.entries.items()})
    write.reply(ann.runner, id, body="lost on the server")
    ann.settle()
    desk.tickets, desk.entries = backup
    lost = ann.one("SELECT id FROM command WHERE num = 2")
    del desk.verdicts[lost]
    desk.epoch, desk.changes = "e2", []
    with ann.replica.write() as conn:
        begin_anew(conn, restored=True)
    assert ann.give_back()
    assert _states(ann) == ["again", "again"]
    assert ann.one("SELECT ticket FROM base") == id, "what may be lost is shown over the server's copy"
    ann.settle()
    assert ann.one("SELECT count(*) FROM base") == 0
    assert [entry.body for entry in ann.shown()[id].entries if entry.kind == "reply"] == [
        "lost on the server"
    ]
    assert _states(ann) == ["done", "done"]


@pytest.mark.parametrize("epoch", ["new", "old"])
def test_an_answer_of_before_a_restore_settles_nothing(ann: Station, epoch: str) -> None:
    """It tells of what the server may have lost, restored or gone back silently: the command stays to be sent.

    (Stories real 23754, 1504086.)
    """
    with ann.replica.write() as conn:
        heads.take(conn, "old.4.n")
    ann.create()
    request = ann.request()
    assert request is not None
    verdict = Verdict(id=request.commands[0].id, status="applied", seq=5, rev=1, number="7")
    with ann.replica.write() as conn:
        begin_anew(conn, restored=True)
    told = PushAnswer(verdicts=(verdict,), server_time=0, head="old.5.n")
    assert not ann.verdicts(request, told)
    with ann.replica.write() as conn:
        heads.take(conn, f"{epoch}.3.n")
    assert not ann.verdicts(request, told)
    assert _states(ann) == ["sent"]
    again = ann.request()
    assert again is not None
    assert ann.verdicts(again, msgspec.structs.replace(told, head=f"{epoch}.4.n"))
    assert _states(ann) == ["acked"]


def test_own_work_keeps_its_order_over_two_restores(ann: Station) -> None:
    """What was judged between the two has a seq of the later past, what waits yet one of the earlier."""
    id = ann.create()
    for body in ("first", "second"):
        write.reply(ann.runner, id, body=body)
    ann.settle()
    with ann.replica.write() as conn:
        conn.exec_driver_sql("UPDATE command SET state = 'again', seq = 100 - 20 * num")
    with ann.replica.read() as conn:
        shown = outbox.unsent(conn, id)
    assert [(one.state, one.num) for one in shown] == [("again", 1), ("again", 2), ("again", 3)]


def test_ticket_the_restored_server_lacks_is_dropped_at_the_end(
    ann: Station, desk: Desk, bob: Station
) -> None:
    """Somebody else's ticket that is gone stays readable until everything came again, then goes."""
    id = bob.create()
    bob.settle()
    ann.settle()
    desk.tickets.clear()
    desk.changes.clear()
    desk.epoch = "e2"
    with ann.replica.write() as conn:
        begin_anew(conn, restored=True)
    ann.pull()
    assert id in ann.shown()
    ann.settle()
    assert ann.shown() == {}


def test_journal_is_forgotten_after_its_time(ann: Station, desk: Desk) -> None:
    """What is done is kept for a while, what is open for ever."""
    id = ann.create()
    ann.settle()
    write.note(ann.runner, id, body="unsent")
    with ann.replica.write() as conn:
        assert outbox.forget(conn, desk.now - 1) == 0
        assert outbox.forget(conn, desk.now + 1) == 1
    assert _states(ann) == ["pending"]


def test_copied_replica_takes_another_identity(ann: Station) -> None:
    """It registers anew, counts its requests and provisional numbers from the start, and keeps its outbox."""
    ann.create()
    ann.request()
    with ann.replica.write() as conn:
        outbox.register_anew(conn, device="other", code="Z9")
    ann.create()
    request = ann.request()
    assert request is not None
    assert (request.device, request.push_no, len(request.commands)) == ("other", 1, 2)
    assert request.commands[1].set["provisional"] == "\u4e34-Z9-0001"


def test_replay_that_no_longer_fits_is_doubted_not_lost(ann: Station, bob: Station) -> None:
    """A step that the new state does not allow stays queued; the server will say."""
    id = ann.create()
    ann.settle()
    bob.settle()
    status.resolve(bob.runner, [id])
    status.close(bob.runner, [id])
    bob.settle()
    status.await_customer(ann.runner, [id])
    ann.pull()
    assert _states(ann)[-1] == "pending"
    assert ann.shown()[id].ticket.status == "pending"
    ann.settle()
    assert ann.shown()[id].ticket.status == "closed"
    assert ann.all("SELECT kind FROM attention") == ["rejected"]
