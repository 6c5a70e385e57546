"""Each gesture does at once, here, what the server will say it did."""

from collections.abc import Callable

import pytest

from desktop.commands import create, hand_over, members, status, write
from desktop.replica.changed import Changed
from domain.errors import RefusedError
from domain.wire.commands import CreateTicket, TransferTicket
from tests.desktop.replica.desk import Desk
from tests.desktop.replica.station import Station
from tests.desktop.replica.story import by_id


def test_every_gesture_comes_out_as_shown(ann: Station, desk: Desk) -> None:
    """After each gesture the desk says the same as was shown before it was sent."""
    id = ann.create()
    gestures: list[Callable[[], Changed]] = [
        lambda: hand_over.take(ann.runner, [id]),
        lambda: write.reply(ann.runner, id, body="we are on it"),
        lambda: write.note(ann.runner, id, body="call the store"),
        lambda: write.edit(
            ann.runner, [id], values={"subject": "new", "fields.k": 3, "personal.name": "Chen"}
        ),
        lambda: members.add_cc(ann.runner, [id], people=["bob", "eve"]),
        lambda: members.remove_cc(ann.runner, [id], people=["eve"]),
        lambda: members.tag(ann.runner, [id], add=["hot"]),
        lambda: status.pause(ann.runner, [id], reason="parts", until=ann.clock.now() + 1),
        lambda: status.resume(ann.runner, [id]),
        lambda: status.await_customer(ann.runner, [id]),
        lambda: status.resolve(ann.runner, [id], fields={"result": "refund"}),
        lambda: status.reopen(ann.runner, [id]),
        lambda: hand_over.assign(ann.runner, [id], assignee="bob", note="yours"),
        lambda: hand_over.take(ann.runner, [id]),
        lambda: status.resolve(ann.runner, [id]),
        lambda: status.close(ann.runner, [id]),
    ]
    for gesture in gestures:
        ann.clock.at += 60_000
        changed = gesture()
        assert changed.tickets == {id}
        assert changed.kinds >= {"tickets", "entries", "outbox"}
        before = ann.shown()[id]
        ann.settle()
        after = ann.shown()[id]
        assert after.ticket.status == before.ticket.status
        assert (after.ticket.assignee, after.ticket.cc, after.ticket.tags, after.ticket.fields) == (
            before.ticket.assignee,
            before.ticket.cc,
            before.ticket.tags,
            before.ticket.fields,
        )
        assert [(one.id, one.kind, one.body, one.at) for one in after.entries] == [
            (one.id, one.kind, one.body, one.at) for one in before.entries
        ]
        assert by_id(ann.shown()) == by_id(desk.visible("ann"))
    assert not ann.all("SELECT num FROM attention")


def test_transfer_out_of_sight_is_shown_until_it_is_settled(ann: Station, desk: Desk) -> None:
    """Passed on to a place that one may not see, a ticket that is not one's own goes with the feed."""
    id = ann.create()
    hand_over.transfer(ann.runner, [id], to=TransferTicket(org="s3", note="south's"))
    assert ann.shown()[id].ticket.org == "s3"
    ann.settle()
    assert by_id(ann.shown()) == by_id(desk.visible("ann"))


def test_refused_gesture_writes_nothing(ann: Station) -> None:
    """One of many that may not happen undoes them all, and says why."""
    first, second = ann.create(), ann.create()
    status.resolve(ann.runner, [second])
    status.close(ann.runner, [second])
    count = ann.one("SELECT count(*) FROM command")
    with pytest.raises(RefusedError, match="ticket_closed"):
        hand_over.take(ann.runner, [first, second])
    assert ann.one("SELECT count(*) FROM command") == count
    assert ann.shown()[first].ticket.assignee is None


def test_create_outside_the_grants_is_refused(ann: Station) -> None:
    """And gives back its provisional number."""
    with pytest.raises(RefusedError, match="out_of_scope"):
        ann.create(org="s3")
    id = ann.create()
    assert ann.shown()[id].ticket.provisional == "\u4e34-K7Q2-0001"


def test_what_is_so_already_is_no_command(ann: Station) -> None:
    """Taking one's own ticket again sends nothing."""
    id = ann.create()
    hand_over.take(ann.runner, [id])
    assert hand_over.take(ann.runner, [id]).commands == ()


def test_what_cannot_be_known_here_is_left_to_the_server(ann: Station) -> None:
    """A template that is not here yet: queued, doubted, shown once it came."""
    content = CreateTicket(template="t9", template_version=1, org="s1", line="retail", subject="early")
    changed = create.create_ticket(ann.runner, content)
    assert len(changed.commands) == 1
    assert ann.one("SELECT doubt FROM command") == "unknown:template:t9:1"
    assert ann.shown() == {}


def test_base_is_what_was_seen(ann: Station) -> None:
    """A command carries the values that the person had before their eyes."""
    id = ann.create()
    write.edit(ann.runner, [id], values={"subject": "first"})
    write.edit(ann.runner, [id], values={"subject": "second"})
    assert ann.one("SELECT json_extract(body, '$.base.subject') FROM command WHERE num = 3") == "first"


def test_every_keystroke_of_an_agent_is_dated(ann: Station) -> None:
    """The device's time and how it judges its clock go with each command."""
    ann.create()
    assert ann.one("SELECT json_extract(body, '$.at') FROM command") == ann.clock.now()
