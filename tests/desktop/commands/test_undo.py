"""Undo takes back what never left, and answers what did by its opposite."""

from collections.abc import Callable
from typing import Any

import pytest

from desktop.commands import hand_over, members, status, write
from desktop.commands.create import create_ticket
from desktop.commands.undo import undo
from desktop.replica.changed import Changed
from domain.errors import RefusedError
from domain.wire.commands import CreateTicket
from tests.desktop.replica.desk import Desk
from tests.desktop.replica.station import Station

_GESTURES: dict[str, Callable[[Station, str], Changed]] = {
    "edit": lambda s, id: write.edit(s.runner, [id], values={"subject": "other", "fields.k": 2}),
    "status": lambda s, id: status.await_customer(s.runner, [id]),
    "assign": lambda s, id: hand_over.assign(s.runner, [id], assignee="bob"),
    "cc": lambda s, id: members.add_cc(s.runner, [id], people=["bob"]),
    "tag": lambda s, id: members.tag(s.runner, [id], add=["hot"]),
}


def _values(station: Station, id: str) -> dict[str, Any]:
    ticket = station.shown()[id].ticket
    return {
        "subject": ticket.subject,
        "k": ticket.fields.get("k"),
        "status": ticket.status,
        "assignee": ticket.assignee,
        "cc": ticket.cc,
        "tags": ticket.tags,
    }


@pytest.fixture
def taken(ann: Station) -> str:
    """A ticket that ann holds and the server knows."""
    id = ann.create()
    hand_over.take(ann.runner, [id])
    ann.settle()
    return id


@pytest.mark.parametrize("gesture", sorted(_GESTURES))
def test_never_sent_is_withdrawn(ann: Station, taken: str, gesture: str) -> None:
    """As if it had not been."""
    before = ann.shown()
    undo(ann.runner, _GESTURES[gesture](ann, taken))
    assert ann.shown() == before
    assert ann.request() is None


@pytest.mark.parametrize("gesture", sorted(_GESTURES))
def test_sent_is_answered_by_its_opposite(ann: Station, taken: str, gesture: str, desk: Desk) -> None:
    """The values are as before, here and there; the timeline tells of both."""
    before = _values(ann, taken)
    changed = _GESTURES[gesture](ann, taken)
    ann.settle()
    assert _values(ann, taken) != before
    undo(ann.runner, changed)
    ann.settle()
    assert _values(ann, taken) == before
    assert not ann.all("SELECT num FROM attention")


def test_words_that_left_cannot_be_taken_back(ann: Station, taken: str) -> None:
    """A reply may have been read."""
    changed = write.reply(ann.runner, taken, body="hello")
    ann.settle()
    with pytest.raises(RefusedError, match="undo_impossible"):
        undo(ann.runner, changed)


def test_create_is_withdrawn_while_nothing_follows(ann: Station) -> None:
    """Later work on the ticket keeps it."""
    content = CreateTicket(template="t1", template_version=1, org="s1", line="retail", subject="x")
    made = create_ticket(ann.runner, content)
    undo(ann.runner, made)
    assert ann.shown() == {}
    made = create_ticket(ann.runner, content)
    write.note(ann.runner, next(iter(made.tickets)), body="more")
    with pytest.raises(RefusedError, match="undo_impossible"):
        undo(ann.runner, made)
    assert len(ann.shown()) == 1
