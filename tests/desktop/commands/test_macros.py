"""Macros at the desktop: planned from what is here, whole or not at all, for many, and taken back."""

import pytest

from desktop.commands import hand_over, macros
from desktop.commands.undo import undo
from desktop.replica.queries.macros import people_named
from desktop.ui.tickets.macros import lines_of
from domain.entities.rules import Macro, RuleAction
from domain.errors import RefusedError
from tests.desktop.replica.desk import Desk
from tests.desktop.replica.station import Station

ASK = Macro(
    id="ask",
    name="Ask for a photo",
    reply="About {subject}: a photo, please. {by}",
    internal=True,
    actions=(
        RuleAction(kind="set_priority", arguments={"priority": "urgent"}),
        RuleAction(kind="tag", arguments={"add": ["photo"]}),
    ),
)
RAISE = Macro(id="raise", name="Raise", actions=ASK.actions)


def test_a_macro_is_done_here_and_there(ann: Station, desk: Desk) -> None:
    """Offline at once, its note with the placeholders filled in; the server comes to the same."""
    id = ann.create()
    hand_over.take(ann.runner, [id])
    ann.settle()
    macros.apply(ann.runner, [id], macro=ASK)
    ticket = ann.shown()[id].ticket
    assert (ticket.priority, ticket.tags) == ("urgent", ("photo",))
    ann.settle()
    assert ann.shown()[id].ticket.tags == ("photo",)
    assert not ann.all("SELECT num FROM attention")
    said = [entry.body for entry in ann.shown()[id].entries if entry.kind == "note"]
    assert said == [f"About {ticket.subject}: a photo, please. {_name(ann)}"]


def _name(station: Station) -> str:
    with station.replica.read() as conn:
        return people_named(conn, [station.person]).get(station.person, "")


def test_a_macro_without_words_is_taken_back(ann: Station, desk: Desk) -> None:
    """As one command, sent or not; what was said can't be."""
    ids = [ann.create(), ann.create()]
    hand_over.take(ann.runner, ids)
    ann.settle()
    changed = macros.apply(ann.runner, ids, macro=RAISE)
    assert len(changed.commands) == 2
    ann.settle()
    undo(ann.runner, changed)
    ann.settle()
    for id in ids:
        ticket = ann.shown()[id].ticket
        assert (ticket.priority, ticket.tags) == ("normal", ())
    said = macros.apply(ann.runner, ids[:1], macro=ASK)
    ann.settle()
    with pytest.raises(RefusedError, match="undo_impossible"):
        undo(ann.runner, said)


def test_a_macro_that_cannot_be_done_does_nothing(ann: Station, desk: Desk) -> None:
    """Its second action is impossible: nothing of it happens, and it is said why."""
    id = ann.create()
    ann.settle()
    before = ann.shown()
    close = RuleAction(kind="set_status", arguments={"status": "closed"})
    for actions, code in (
        ((*RAISE.actions, close), "status_step"),
        ((*RAISE.actions, RuleAction(kind="assign", arguments={"to": ["lead"]})), "rule_nobody"),
    ):
        with pytest.raises(RefusedError, match=code):
            macros.apply(ann.runner, [id], macro=Macro(id="m", name="M", actions=actions))
    with pytest.raises(RefusedError, match="macro_other_line"):
        macros.apply(ann.runner, [id], macro=Macro(id="m", name="M", line="elsewhere", reply="x"))
    assert ann.shown() == before


def test_a_macro_is_shown_before_it_is_done(ann: Station, desk: Desk) -> None:
    """Line by line, with what is there before; nothing is written by looking."""
    id = ann.create()
    before = ann.shown()
    with ann.replica.read() as conn:
        found, reply = macros.plan_of(conn, ASK, ann.shown()[id].ticket, at=0)
    lines = list(lines_of(found, ann.shown()[id].ticket, lambda _kind, one: one))
    assert len(lines) == 2
    assert "photo" in lines[1]
    assert reply.startswith("About ")
    assert ann.shown() == before
