"""Which rows of a ticket's own timeline its clocks look at."""

from typing import Any

from domain.entities.people import HANDLE, MANAGE, ORDINARY, Access
from domain.entities.ticket import Entry
from domain.rules.decide import decide
from domain.rules.ticket_clocks import clock_events
from domain.wire.commands import ApplyRouting, Reply
from tests.domain.rules.facts import NOON, command, done, facts, ticket


def _kinds(*rows: tuple[str, dict[str, Any]]) -> list[str]:
    entries = [
        Entry(id=str(at), ticket="T", kind=kind, at=NOON + at, detail=detail)
        for at, (kind, detail) in enumerate(rows)
    ]
    return [event.kind for event in clock_events(entries)]


def test_routing_sends_only_where_it_gives_the_ticket_to_somebody() -> None:
    """A rule that raises a priority alone doesn't begin acceptance, nor say that the ticket was sent."""
    assert _kinds(("routed", {"rule": "r", "priority": {}})) == []
    assert _kinds(("routed", {"rule": "r", "team": {}})) == ["sent_to"]
    server = facts(ticket(), access=Access(level=MANAGE, classes=ORDINARY))
    changes = done(decide(server, command("route", ApplyRouting(rule="r", priority="high"))))
    assert changes.ticket.sent_at is None


def test_who_asked_does_not_answer_themselves() -> None:
    """A colleague who asked and took the ticket over: what they write is no reply by someone else."""
    own = Access(level=HANDLE, classes=ORDINARY, creator=True, assignee=True)
    asked = facts(ticket(requester="colleague"), access=own)
    (row,) = done(decide(asked, command("reply", Reply(body="found it")))).entries
    assert (row.kind, _kinds((row.kind, row.detail))) == ("reply", [])
    other = Access(level=HANDLE, classes=ORDINARY, assignee=True)
    (row,) = done(
        decide(facts(ticket(requester="colleague"), access=other), command("reply", Reply(body="x")))
    ).entries
    assert _kinds((row.kind, row.detail)) == ["agent_reply"]
    assert _kinds(("reply", {"by": "rule"})) == []  # bots stop nothing
