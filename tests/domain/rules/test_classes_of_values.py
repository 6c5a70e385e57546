"""Personal values stand apart whichever way they come; hidden values are told to nobody who may not see them."""

import msgspec
import pytest

from domain.entities.forms import FormField
from domain.entities.people import CREATE, HANDLE, INTERNAL, ORDINARY, Access, Actor
from domain.rules.decide import decide
from domain.wire.commands import ChangeStatus, CreateTicket, EditTicket
from tests.domain.rules.facts import FORM, FULL, ME, command, done, facts, refused, ticket, value

PHONE = "13800002716"
WITH_GUESS = msgspec.structs.replace(
    FORM, fields=(*FORM.fields, FormField(key="guess", label="Our guess", field_class="internal"))
)


def test_resolving_keeps_personal_values_apart() -> None:
    """A phone number given while resolving is kept, in its own row and nowhere in the timeline."""
    intent = ChangeStatus(to="resolved", fields={"solution": "Refunded", "phone": PHONE})
    changes = done(decide(facts(ticket()), command("status", intent)))
    assert [(row.key, row.value, row.field_class) for row in changes.personal] == [
        ("phone", PHONE, "sensitive")
    ]
    assert changes.ticket.fields == {"amount": 10, "solution": "Refunded"}
    assert PHONE.encode() not in msgspec.json.encode((changes.ticket, changes.entries))
    assert changes.entries[1].detail == {
        "fields.solution": {"from": None, "to": "Refunded"},
        "personal.phone": {},
    }


def test_a_form_comes_with_resolving_alone() -> None:
    """Values that a step doesn't take are not told as changed."""
    intent = ChangeStatus(to="pending", fields={"solution": "Refunded"})
    changes = done(decide(facts(ticket()), command("status", intent)))
    assert [entry.kind for entry in changes.entries] == ["status"]


def test_editing_a_personal_field_by_its_form_key_keeps_it_apart() -> None:
    """`fields.phone` of a form whose phone is personal changes the personal row."""
    edit = EditTicket(values={"fields.phone": PHONE})
    changes = done(decide(facts(ticket()), command("edit", edit)))
    assert [(row.key, row.value) for row in changes.personal] == [("phone", PHONE)]
    assert PHONE.encode() not in msgspec.json.encode((changes.ticket, changes.entries))


def test_a_conflict_hides_what_the_person_may_not_see() -> None:
    """Both changed an internal value: the conflict tells it to those who see its class alone."""
    now = ticket(fields={"guess": "theft"})
    edit = command("edit", EditTicket(values={"fields.guess": "lost"}), base={"fields.guess": "none"})
    for classes, told in ((ORDINARY, None), (ORDINARY | INTERNAL, "theft")):
        held = Access(level=HANDLE, classes=classes)
        changes = done(decide(facts(now, template=WITH_GUESS, access=held), edit))
        assert changes.conflicts["fields.guess"].theirs == told


def test_creating_what_is_out_of_sight_tells_nothing() -> None:
    """A create with the id of a ticket that the person can't see is answered as out of scope."""
    create = CreateTicket(
        template="t", template_version=3, org="s1", line="l", subject="x", fields={"amount": 5}
    )
    hidden = facts(ticket(), access=Access(level=0, classes=0))
    assert refused(hidden, command("create", create)).code == "out_of_scope"
    seen = facts(ticket(), access=Access(level=CREATE, classes=ORDINARY))
    assert refused(seen, command("create", create)).code == "ticket_exists"


@pytest.mark.parametrize("odd", [["a", ["b"]], {"x": 1}, [{"x": 1}]], ids=str)
def test_values_are_plain(odd: object) -> None:
    """Nested values are refused with a sentence, for known keys and unknown ones."""
    for key in ("wish", "whatever"):
        edit = command("edit", EditTicket(values={f"fields.{key}": odd}))
        assert refused(facts(ticket()), edit).code == "form_invalid"
        create = CreateTicket(
            template="t", template_version=3, org="s1", line="l", subject="x", fields={"amount": 5, key: odd}
        )
        assert refused(facts(None, access=FULL, actor=Actor(person=ME)), command("create", create)).code


def test_a_masked_phone_is_told_masked() -> None:
    """The server's phone number in a conflict is masked for those who may not read it."""
    held = Access(level=HANDLE, classes=ORDINARY)
    known = {"phone": value("phone", PHONE)}
    edit = command(
        "edit", EditTicket(values={"fields.phone": "13900001234"}), base={"fields.phone": "138****2716"}
    )
    changes = done(decide(facts(ticket(), personal=known, access=held), edit))
    assert changes.conflicts["fields.phone"].theirs == "138****2716"
