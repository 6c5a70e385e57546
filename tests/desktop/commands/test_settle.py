"""Needs attention: settled by the person alone, and nothing they wrote is lost on the way."""

import json
from pathlib import Path

import pytest

from desktop.commands import hand_over, settle, write
from desktop.commands.export import export_outbox
from domain.errors import RefusedError
from tests.desktop.replica.desk import Desk, handler
from tests.desktop.replica.station import Station


@pytest.fixture
def conflict(ann: Station, bob: Station) -> str:
    """A ticket of which ann's priority and category met bob's."""
    id = ann.create()
    ann.settle()
    bob.settle()
    write.edit(bob.runner, [id], values={"priority": "urgent", "fields.k": 1})
    write.edit(ann.runner, [id], values={"priority": "low", "fields.k": 2})
    bob.settle()
    ann.settle()
    return id


def _item(station: Station) -> int:
    return int(station.one("SELECT num FROM attention WHERE settled_at IS NULL"))


def test_mine_is_set_over_theirs(ann: Station, desk: Desk, conflict: str) -> None:
    """Key by key: one mine, one theirs."""
    settle.settle_conflict(ann.runner, _item(ann), {"priority": "mine", "fields.k": "theirs"})
    assert ann.shown()[conflict].ticket.priority == "low"
    ann.settle()
    assert desk.tickets[conflict].priority == "low"
    assert desk.tickets[conflict].fields == {"k": 1}
    assert ann.one("SELECT count(*) FROM attention WHERE settled_at IS NULL") == 0


def test_theirs_sends_nothing(ann: Station, conflict: str) -> None:
    """The server's value stands already."""
    changed = settle.settle_conflict(ann.runner, _item(ann), {})
    assert changed.commands == ()
    assert changed.kinds == {"attention"}


def test_an_item_is_settled_once(ann: Station, conflict: str) -> None:
    """A second click finds nothing to do."""
    num = _item(ann)
    settle.settle_conflict(ann.runner, num, {"priority": "mine"})
    with pytest.raises(RefusedError, match="attention_settled"):
        settle.settle_conflict(ann.runner, num, {"priority": "mine"})


def test_handover_is_given_again(ann: Station, bob: Station, desk: Desk) -> None:
    """Both assigned the ticket; mine is sent anew over theirs, its note not doubled."""
    id = ann.create()
    ann.settle()
    bob.settle()
    hand_over.assign(bob.runner, [id], assignee="eve")
    hand_over.assign(ann.runner, [id], assignee="bob", note="please")
    bob.settle()
    ann.settle()
    settle.settle_conflict(ann.runner, _item(ann), {"assignee": "mine"})
    ann.settle()
    assert desk.tickets[id].assignee == "bob"
    assert [entry.body for entry in desk.entries[id]].count("please") == 1


@pytest.fixture
def refused(ann: Station, desk: Desk) -> str:
    """A ticket that the server refused to make, with a note that waited for it."""
    id = ann.create("Broken till", description="since nine")
    write.note(ann.runner, id, body="called support")
    desk.grant("ann")
    ann.settle()
    desk.grant("ann", handler("s1"))
    ann.settle()
    return id


def test_edited_create_keeps_ticket_and_number(ann: Station, desk: Desk, refused: str) -> None:
    """Sent anew with another subject; what was blocked follows by itself."""
    num = int(ann.one("SELECT num FROM attention WHERE kind = 'rejected'"))
    settle.resend(ann.runner, num, edited={"subject": "Till out of order"})
    assert ann.shown()[refused].ticket.subject == "Till out of order"
    ann.settle()
    ticket = desk.tickets[refused]
    assert (ticket.subject, ticket.provisional) == ("Till out of order", "\u4e34-K7Q2-0001")
    assert "called support" in {entry.body for entry in desk.entries[refused]}
    assert ann.one("SELECT count(*) FROM attention WHERE settled_at IS NULL") == 0


def test_discarded_is_gone_for_good(ann: Station, desk: Desk, refused: str) -> None:
    """Only the person gives up what was refused."""
    for num in ann.all("SELECT num FROM attention"):
        settle.discard(ann.runner, num)
    ann.settle()
    assert ann.all("SELECT state FROM command") == ["discarded", "discarded"]
    assert refused not in desk.tickets


def test_refused_reply_becomes_a_note(ann: Station, bob: Station, desk: Desk) -> None:
    """A reply to a ticket that was closed meanwhile is kept where colleagues see it."""
    from desktop.commands import status

    id = ann.create()
    ann.settle()
    bob.settle()
    status.resolve(bob.runner, [id])
    status.close(bob.runner, [id])
    write.reply(ann.runner, id, body="a long answer")
    bob.settle()
    ann.settle()
    settle.paste_as_note(ann.runner, _item(ann))
    ann.settle()
    assert [(e.kind, e.body) for e in desk.entries[id] if e.body] == [("note", "a long answer")]


def test_nothing_to_paste_is_refused(ann: Station, bob: Station) -> None:
    """A step along the lifecycle has no words."""
    from desktop.commands import status

    id = ann.create()
    ann.settle()
    bob.settle()
    status.resolve(bob.runner, [id])
    status.close(bob.runner, [id])
    status.await_customer(ann.runner, [id])
    bob.settle()
    ann.settle()
    with pytest.raises(RefusedError, match="text_missing"):
        settle.paste_as_note(ann.runner, _item(ann))
    assert ann.one("SELECT count(*) FROM attention WHERE settled_at IS NULL") == 1


def test_export_holds_every_word(ann: Station, refused: str, tmp_path: Path) -> None:
    """Unsent and refused commands as JSON lines."""
    ann.create("Unsent too")
    assert export_outbox(ann.replica, tmp_path / "outbox.jsonl") == 3
    lines = [json.loads(line) for line in (tmp_path / "outbox.jsonl").read_text("utf-8").splitlines()]
    assert [(one["state"], one["attention"]) for one in lines] == [
        ("attention", "rejected"),
        ("attention", "blocked"),
        ("pending", None),
    ]
    assert lines[0]["command"]["set"]["description"] == "since nine"
