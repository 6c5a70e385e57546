"""What commands do to a ticket, and when they may not."""

import msgspec
import pytest

from domain.entities.people import CREATE, INTERNAL, ORDINARY, SEE, Access, Actor
from domain.rules.decide import decide
from domain.rules.facts import Unknown
from domain.wire.commands import (
    AssignTicket,
    ChangeMembers,
    ChangeStatus,
    Command,
    CreateTicket,
    EditTicket,
    Reply,
    TakeTicket,
    TransferTicket,
)
from tests.domain.rules.facts import FULL, ME, NOON, OTHER, command, done, facts, refused, ticket, value

CREATE_INTENT = CreateTicket(
    template="t",
    template_version=3,
    org="s1",
    line="l",
    subject=" Broken till ",
    fields={"amount": 5, "phone": "13800002716"},
)


def test_created_ticket_keeps_personal_values_apart() -> None:
    """A phone number given in the form stands in a personal row, not in the ticket or its timeline."""
    changes = done(decide(facts(None, access=FULL), command("create", CREATE_INTENT)))
    assert changes.ticket.subject == "Broken till"
    assert changes.ticket.fields == {"amount": 5}
    assert [(p.key, p.value, p.field_class) for p in changes.personal] == [
        ("phone", "13800002716", "sensitive")
    ]
    rest = msgspec.json.encode((changes.ticket, changes.entries))
    assert b"13800002716" not in rest


def test_create_reports_every_wrong_field() -> None:
    """A form is refused with all its errors at once, each with its field."""
    wrong = msgspec.structs.replace(CREATE_INTENT, fields={"phone": "138", "amount": 900, "wish": "cake"})
    refusal = refused(facts(None), command("create", wrong))
    assert refusal.code == "form_invalid"
    assert [(e["key"], e["code"]) for e in refusal.args["errors"]] == [
        ("phone", "field_phone"),
        ("amount", "field_too_large"),
        ("wish", "field_unknown_option"),
    ]


def test_create_outside_the_grants_is_refused() -> None:
    """Whoever may only see a unit can't create there."""
    only_see = Access(level=SEE, classes=ORDINARY)
    assert refused(facts(None, access=only_see), command("create", CREATE_INTENT)).code == "out_of_scope"
    may_create = Access(level=CREATE, classes=ORDINARY)
    assert (
        done(decide(facts(None, access=may_create), command("create", CREATE_INTENT))).ticket.status == "new"
    )


def test_replica_without_the_template_lets_the_server_decide() -> None:
    """A fact that is missing here is a refusal on the server and an unknown on a replica."""
    create = command("create", CREATE_INTENT)
    assert decide(facts(None, template=None, complete=False), create) == Unknown(what="template:t:3")
    assert refused(facts(None, template=None), create).code == "unknown_template"


def test_edit_of_a_value_nobody_else_changed_applies() -> None:
    """Server = base: the new value stands, with a row that tells before and after."""
    edit = command("edit", EditTicket(values={"priority": "high"}), base={"priority": "normal"})
    changes = done(decide(facts(ticket()), edit))
    assert changes.ticket.priority == "high"
    assert [(e.kind, e.detail) for e in changes.entries] == [("priority", {"from": "normal", "to": "high"})]


def test_edit_of_a_value_both_changed_is_a_conflict_and_the_rest_applies() -> None:
    """The server's value stands, mine is kept beside it; other fields of the same edit go through."""
    edit = EditTicket(values={"priority": "low", "fields.amount": 20})
    now = ticket(priority="urgent")
    changes = done(
        decide(facts(now), command("edit", edit, base={"priority": "normal", "fields.amount": 10}))
    )
    assert changes.ticket.priority == "urgent"
    assert changes.ticket.fields["amount"] == 20
    assert {k: (c.theirs, c.mine) for k, c in changes.conflicts.items()} == {"priority": ("urgent", "low")}


def test_replica_shows_the_own_value_until_the_verdict() -> None:
    """In a replay of unsent commands the own value wins over a newer one, whatever the level is by now."""
    edit = command("edit", EditTicket(values={"priority": "low"}), base={"priority": "normal"})
    weak = Access(level=SEE, classes=ORDINARY)
    changes = done(decide(facts(ticket(priority="urgent"), optimistic=True, access=weak), edit))
    assert changes.ticket.priority == "low"
    assert not changes.conflicts


def test_same_value_from_two_people_is_no_change() -> None:
    """Server = mine: nothing to do, no row, no new revision."""
    edit = command("edit", EditTicket(values={"priority": "high"}), base={"priority": "normal"})
    now = ticket(priority="high")
    changes = done(decide(facts(now), edit))
    assert changes.ticket == now
    assert not changes.entries
    assert not changes.conflicts


def test_long_text_merges_by_lines() -> None:
    """Two people who changed different lines of a long text both keep their words."""
    edit = EditTicket(values={"fields.story": "one\ntwo\nTHREE\n"})
    now = ticket(fields={"amount": 10, "story": "ONE\ntwo\nthree\n"})
    changes = done(decide(facts(now), command("edit", edit, base={"fields.story": "one\ntwo\nthree\n"})))
    assert changes.ticket.fields["story"] == "ONE\ntwo\nTHREE\n"
    assert changes.merged
    assert not changes.conflicts


def test_conflict_does_not_tell_a_hidden_value() -> None:
    """Who may not read phone numbers is told of a conflict with a masked one."""
    known = {"phone": value("phone", "13911112222")}
    edit = command(
        "edit", EditTicket(values={"personal.phone": "13800002716"}), base={"personal.phone": "old"}
    )
    weak = Access(level=3, classes=ORDINARY | INTERNAL)
    changes = done(decide(facts(ticket(), personal=known, access=weak), edit))
    assert changes.conflicts["personal.phone"].theirs == "139****2222"


def test_edited_personal_value_is_not_told_in_the_timeline() -> None:
    """The timeline says that the phone was changed, never from what to what."""
    known = {"phone": value("phone", "13911112222")}
    edit = EditTicket(values={"personal.phone": "13800002716"})
    of = facts(ticket(), personal=known)
    changes = done(decide(of, command("edit", edit, base={"personal.phone": "13911112222"})))
    assert [(p.key, p.value) for p in changes.personal] == [("phone", "13800002716")]
    assert [(e.kind, e.detail) for e in changes.entries] == [("edited", {"personal.phone": {}})]


def test_who_takes_first_keeps_the_ticket() -> None:
    """Two agents take the same ticket offline: the second meets a conflict, the first stays."""
    taken = ticket(assignee=OTHER, taken_at=NOON - 1)
    changes = done(decide(facts(taken), command("take", TakeTicket(), base={"assignee": None})))
    assert changes.ticket.assignee == OTHER
    assert changes.conflicts["assignee"].theirs == OTHER


def test_taking_opens_a_new_ticket() -> None:
    """Taking makes the ticket mine and open, in two rows of the timeline with ids both ends know."""
    changes = done(
        decide(facts(ticket(status="new")), command("take", TakeTicket(), base={"assignee": None}))
    )
    assert (changes.ticket.assignee, changes.ticket.status, changes.ticket.taken_at) == (ME, "open", NOON)
    assert [(e.id, e.kind) for e in changes.entries] == [("c", "taken"), ("c.1", "status")]


def test_transfer_across_units_needs_a_note() -> None:
    """A ticket that leaves its unit takes a note along; scope moves with it."""
    bare = command("transfer", TransferTicket(org="s2"))
    assert refused(facts(ticket()), bare).code == "transfer_note_missing"
    noted = command("transfer", TransferTicket(org="s2", note="wrong store"), base={"org": "s1"})
    changes = done(decide(facts(ticket(assignee=ME, team="team")), noted))
    assert (changes.ticket.org, changes.ticket.assignee, changes.ticket.team) == ("s2", None, None)
    assert [(e.kind, e.field_class) for e in changes.entries] == [
        ("transferred", "ordinary"),
        ("note", "internal"),
    ]


def test_note_survives_a_hand_over_that_met_a_conflict() -> None:
    """What was written is never lost, even where somebody else moved the ticket meanwhile."""
    moved = ticket(assignee=OTHER)
    intent = AssignTicket(assignee=ME, note="mine, please")
    changes = done(decide(facts(moved), command("assign", intent, base={"assignee": None})))
    assert changes.conflicts["assignee"].theirs == OTHER
    assert [e.body for e in changes.entries] == ["mine, please"]


def test_resolving_asks_for_the_closure_form() -> None:
    """A field required at the end is asked for when resolving, not before."""
    assert refused(facts(ticket()), command("status", ChangeStatus(to="resolved"))).code == "form_invalid"
    filled = command("status", ChangeStatus(to="resolved", fields={"solution": "refunded"}))
    changes = done(decide(facts(ticket()), filled))
    assert (changes.ticket.status, changes.ticket.resolved_at) == ("resolved", NOON)
    assert changes.ticket.fields == {"amount": 10, "solution": "refunded"}


@pytest.mark.parametrize(
    ("intent", "code"),
    [
        (ChangeStatus(to="on_hold"), "hold_reason_missing"),
        (ChangeStatus(to="on_hold", reason="parts"), "hold_until_missing"),
        (ChangeStatus(to="closed"), "status_step"),
        (ChangeStatus(to="lost"), "unknown_status"),
    ],
)
def test_impossible_steps_are_refused(intent: ChangeStatus, code: str) -> None:
    """On hold takes a reason and an end, an open ticket can't be closed, unknown statuses don't exist."""
    assert refused(facts(ticket()), command("status", intent)).code == code


def test_colleague_who_asked_reopens_by_writing() -> None:
    """Where a store asked head office, the store's next message counts as the requester's and reopens."""
    asked = ticket(status="resolved", requester="colleague", creator=ME, resolved_at=NOON - 5)
    creator = Access(level=SEE, classes=ORDINARY, creator=True)
    changes = done(decide(facts(asked, access=creator), command("reply", Reply(body="still broken"))))
    assert (changes.ticket.status, changes.ticket.resolved_at) == ("open", None)
    assert [e.kind for e in changes.entries] == ["message", "status"]


def test_members_merge_as_additions_and_removals() -> None:
    """Two people who changed the cc list apart both get their way."""
    now = ticket(cc=("a", "b"))
    intent = ChangeMembers(add=(OTHER,), remove=("b", "gone"))
    changes = done(decide(facts(now), command("cc", intent)))
    assert changes.ticket.cc == ("a", OTHER)
    assert changes.entries[0].detail == {"added": [OTHER], "removed": ["b"]}


def test_malformed_commands_are_refused_by_name() -> None:
    """Unknown kinds and wrong contents are refused with a stable code, never an exception."""
    assert refused(facts(ticket()), Command(id="c", ticket_id="T", kind="explode")).code == "unknown_command"
    wrong = Command(id="c", ticket_id="T", kind="reply", set={"body": 7})
    assert refused(facts(ticket()), wrong).code == "bad_command"


def test_ticket_out_of_sight_says_no_more_than_that() -> None:
    """A ticket that is not visible answers like one that does not exist."""
    hidden = facts(ticket(), access=Access())
    assert refused(hidden, command("take", TakeTicket())).code == "out_of_scope"
    assert refused(facts(None), command("take", TakeTicket())).code == "out_of_scope"


def test_system_may_resolve_without_the_closure_form() -> None:
    """Imported histories carry no closure form; the server's own commands are not asked for one."""
    system = facts(ticket(), actor=Actor(person=None, system=True))
    changes = done(decide(system, command("status", ChangeStatus(to="resolved"))))
    assert changes.ticket.status == "resolved"
