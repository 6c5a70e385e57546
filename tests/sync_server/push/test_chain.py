"""Triggers on a real database: they act within the push, once each, and fail nobody's command."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select

from domain.entities.base import Entity
from domain.entities.conditions import Condition, Conditions
from domain.entities.rules import RuleAction, Trigger
from domain.entities.ticket import Entry, Ticket
from domain.rules.actions import plan
from domain.wire.commands import EditTicket, Reply
from domain.wire.sync import Verdict
from domain.wire.together_commands import LinkTicket
from sync_server.jobs.automations import Automations
from sync_server.push import chain as chain_module
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.queries.tickets import ask_locked
from tests.sync_server.chain import START, Chain


def action(kind: Any, on: Any = "", **arguments: Any) -> RuleAction:
    """An action with its arguments."""
    return RuleAction(kind=kind, arguments=arguments, on=on)


def trigger(id: str, *actions: RuleAction, events: tuple[str, ...] = ("created",), **more: Any) -> Trigger:
    """A trigger on new tickets unless said otherwise."""
    when = tuple(
        Condition(field=name.replace("__", "."), op="is", value=value)
        for name, value in more.pop("when", {}).items()
    )
    return Trigger(id=id, name=id, events=events, conditions=Conditions(all=when), actions=actions, **more)


def configured(store: Store, *rules: Entity, kind: str = "trigger") -> Chain:
    """The chain with these rules in their order."""
    with store.write() as conn:
        for one in rules:
            body = msgspec.json.encode(one).decode()
            row = {"kind": kind, "id": one.id, "version": 1, "deleted": False, "audience": "server"}  # type: ignore[attr-defined]
            conn.execute(insert(t.config).values(**row, body=body, at=START, person=None))
        conn.commit()
    return Chain(store)


def stored(desk: Chain, id: str) -> tuple[Ticket, list[Entry]]:
    """A ticket with its timeline as it is now."""
    with desk.store.write() as conn:
        rows = ask_locked(conn, [id])()
    return rows[0][id], rows[1][id]


def codes(verdicts: Iterable[Verdict]) -> list[str]:
    """What became of commands."""
    return [one.code or one.status for one in verdicts]


def told(desk: Chain) -> list[tuple[str, str]]:
    """Who has a notice of a rule, and about which ticket."""
    with desk.store.read() as conn:
        rows = conn.execute(select(t.notice.c.person, t.notice.c.ticket).where(t.notice.c.kind == "rule"))
        return sorted((row.person, row.ticket) for row in rows)


def test_triggers_act_within_the_push(store: Store) -> None:
    """A second trigger acts on what the first did; the ticket is one revision further, its rows name both."""
    desk = configured(
        store,
        trigger("urgent", action("set_priority", priority="urgent"), when={"fields.wish": "now"}),
        trigger(
            "watch",
            action("cc", people=["eva"]),
            action("notify", people=["eva"], text="See {number} of {store}"),
            position=1,
            when={"priority": "urgent"},
        ),
    )
    made = desk.create(fields={"wish": "now"})
    assert codes(desk.do("amy", made)) == ["applied"]
    ticket, timeline = stored(desk, made.ticket_id)
    assert (ticket.rev, ticket.priority, ticket.cc) == (1, "urgent", ("eva",))
    rows = [row for row in timeline if row.kind == "rule"]
    assert [(row.detail["rule"], row.detail["depth"]) for row in rows] == [
        ("trigger:urgent", 1),
        ("trigger:watch", 2),
    ]
    assert told(desk) == [("eva", made.ticket_id)]
    plain = desk.create()
    desk.do("amy", plain)
    assert stored(desk, plain.ticket_id)[0].priority == "normal"


def test_a_failing_action_fails_nothing_else(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An action that can't be done is named; one that breaks is taken back whole; the person's command stands."""
    desk = configured(
        store,
        trigger("gone", action("assign", assignee="left-long-ago"), action("tag", add=["seen"])),
        trigger("broken", action("tag", add=["half"]), action("comment", text="x"), position=1),
    )

    def breaking(actions: Any, ticket: Any, context: Any) -> Any:
        if context.name == "broken":
            raise ZeroDivisionError
        return plan(actions, ticket, context)

    monkeypatch.setattr(chain_module, "plan", breaking)
    made = desk.create()
    assert codes(desk.do("amy", made)) == ["applied"]
    ticket, timeline = stored(desk, made.ticket_id)
    assert (ticket.assignee, ticket.tags) == (None, ("seen",))
    did = [row.detail["did"] for row in timeline if row.kind == "rule"]
    assert did[0] == [{"action": "assign", "code": "unknown_person"}, {"action": "tag"}]
    assert [one["code"] for one in did[1]] == ["server_fault", "server_fault"]


def test_many_updates_in_one_push_are_one_storm_less(store: Store) -> None:
    """Thirty changes of a ticket that come together set a trigger off once: one message, one row."""
    desk = configured(store, trigger("tell", action("notify", people=["eva"]), events=("updated", "note")))
    made = desk.create()
    desk.do("amy", made)
    notes = [
        desk.command("reply", Reply(body=f"note {n}", internal=True), ticket=made.ticket_id)
        for n in range(30)
    ]
    assert set(codes(desk.do("amy", *notes))) == {"applied"}
    assert told(desk) == [("eva", made.ticket_id)]


def test_nobody_is_told_of_what_they_may_not_see(store: Store) -> None:
    """A rule that names somebody outside the ticket's unit tells them nothing."""
    desk = configured(store, trigger("tell", action("notify", people=["wes", "eva"])))
    made = desk.create()
    desk.do("amy", made)
    assert told(desk) == [("eva", made.ticket_id)]


def test_triggers_see_what_changed_and_by_whom(store: Store) -> None:
    """A change to urgent by somebody at the desk sets it off; the same value again, or another change, does not."""
    rule = trigger(
        "raised",
        action("tag", add=["raised"]),
        events=("field_changed:priority",),
        when={"priority": "urgent", "from.priority": "normal", "by": "amy", "by_kind": "agent"},
    )
    desk = configured(store, rule)
    made = desk.create()
    desk.do("amy", made)
    desk.do(
        "amy",
        desk.command(
            "edit", EditTicket(values={"subject": "x"}), ticket=made.ticket_id, base={"subject": "Till"}
        ),
    )
    assert stored(desk, made.ticket_id)[0].tags == ()
    wanted = EditTicket(values={"priority": "urgent"})
    desk.do("amy", desk.command("edit", wanted, ticket=made.ticket_id, base={"priority": "normal"}))
    assert stored(desk, made.ticket_id)[0].tags == ("raised",)


def related(desk: Chain) -> tuple[str, str]:
    """Two tickets that are linked."""
    one, two = desk.create(), desk.create()
    desk.do("amy", one, two)
    link = desk.command("link", LinkTicket(to=two.ticket_id, relation="related"), ticket=one.ticket_id)
    assert codes(desk.do("amy", link)) == ["applied"]
    return one.ticket_id, two.ticket_id


PING = (
    trigger("ping", action("tag", on="linked", add=["heard"]), events=("note",)),
    trigger("pong", action("tag", on="linked", add=["echo"]), events=("field_changed:tags",), position=1),
)


def test_one_chain_spans_linked_tickets(store: Store) -> None:
    """A note here tags the other, which tags this one; each acts once on each ticket, then it rests."""
    desk = configured(store, *PING)
    one, two = related(desk)
    said = desk.command("reply", Reply(body="x", internal=True), ticket=one)
    assert codes(desk.do("amy", said)) == ["applied"]
    assert stored(desk, two)[0].tags == ("echo", "heard")
    assert stored(desk, one)[0].tags == ("echo",)
    acted = [row.detail["rule"] for id in (one, two) for row in stored(desk, id)[1] if row.kind == "rule"]
    assert sorted(acted) == ["trigger:ping", "trigger:pong", "trigger:pong"]


def test_a_linked_ticket_that_is_held_elsewhere_follows_later(store: Store) -> None:
    """Nobody waits for the other's lock: what is to be done there is kept, and done by the next worker."""
    if store.sqlite:
        pytest.skip("one writes at a time there: nothing is held elsewhere")
    desk = configured(store, PING[0])
    one, two = related(desk)
    with store.write() as other:
        other.execute(select(t.ticket.c.id).where(t.ticket.c.id == two).with_for_update()).all()
        said = desk.command("reply", Reply(body="x", internal=True), ticket=one)
        assert codes(desk.do("amy", said)) == ["applied"]
    assert stored(desk, two)[0].tags == ()
    jobs = Automations(
        store, pusher=desk.pusher, configurations=desk.configurations, trees=desk.trees, ids=desk.ids
    )
    assert [jobs.run(), jobs.run()] == [1, 0]
    assert stored(desk, two)[0].tags == ("heard",)
