"""Deciding what may be attached, and where the references stand."""

from typing import Any

import msgspec
import pytest

from domain.entities.forms import FormField
from domain.entities.ticket import Changes
from domain.rules.decide import decide
from domain.wire import codec
from domain.wire.attachments import AttachmentLimits, AttachmentRef, refs_of
from domain.wire.commands import ChangeStatus, Command, CreateTicket, EditTicket, Reply, payload
from domain.wire.intent import Intent
from tests.domain.rules.facts import FORM, command, done, facts, refused, ticket

HASH, OTHER_HASH = "ab" * 32, "cd" * 32
PHOTO = AttachmentRef(hash=HASH, name="till.jpg", size=2000, type="image/jpeg", width=40, height=30)
FILES = msgspec.structs.replace(
    FORM,
    fields=(
        *FORM.fields,
        FormField(key="site", label="Site photo", kind="photo"),
        FormField(key="proof", label="Proof", kind="file", field_class="internal", personal=True),
    ),
)


def _reply(**values: Any) -> Reply:
    return Reply(**{"body": "See here", "attachments": (PHOTO,), **values})


def _create(**values: Any) -> CreateTicket:
    return CreateTicket(
        **{
            "template": "t",
            "template_version": 3,
            "org": "s1",
            "line": "l",
            "subject": "Till",
            "fields": {"amount": 5},
            **values,
        }
    )


def _changes(of: Any, intent: Intent, kind: str) -> Changes:
    heard = codec.decode(codec.encode(command(kind, intent)), Command)
    return done(decide(facts(of, template=FILES), heard))


def test_reference_stands_in_the_row_of_the_reply() -> None:
    """What is attached to a reply, a note or a new ticket syncs with its timeline row, in that row's class."""
    reply = _changes(ticket(), _reply(), "reply").entries[0]
    note = _changes(ticket(), _reply(internal=True), "reply").entries[0]
    created = _changes(None, _create(attachments=(PHOTO,)), "create").entries[0]
    assert [refs_of(row.detail) for row in (reply, note, created)] == [(PHOTO,)] * 3
    assert (reply.field_class, note.field_class) == ("ordinary", "internal")


def test_picture_alone_is_a_reply() -> None:
    """With something attached a reply needs no text; without, it does."""
    assert _changes(ticket(), _reply(body=""), "reply").entries[0].body == ""
    assert refused(facts(ticket()), command("reply", Reply(body=" "))).code == "text_missing"


def test_command_without_attachments_says_nothing_of_them() -> None:
    """To a server of the version before, a command without attachments is what it was."""
    assert payload(Reply(body="hello")) == {"body": "hello"}
    assert "attachments" not in payload(_create())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hash": "AB" * 32}, "attachment_bad"),
        ({"hash": "ab"}, "attachment_bad"),
        ({"type": "image"}, "attachment_bad"),
        ({"width": -1}, "attachment_bad"),
        ({"size": 0}, "attachment_empty"),
        ({"size": 20 * 1024 * 1024 + 1}, "attachment_too_large"),
        ({"name": ""}, "attachment_name"),
        ({"name": "a/b.jpg"}, "attachment_name"),
        ({"name": "a" * 151}, "attachment_name"),
        ({"name": "Bill.EXE"}, "attachment_blocked"),
    ],
)
def test_what_may_not_be_attached_is_refused_by_name(change: dict[str, Any], code: str) -> None:
    """Each reason has its own code, at both ends the same."""
    bad = msgspec.structs.replace(PHOTO, **change)
    assert refused(facts(ticket()), command("reply", _reply(attachments=(bad,)))).code == code


def test_limits_are_the_facts() -> None:
    """Count, size and endings are judged by the limits that the server set."""
    tight = AttachmentLimits(most_bytes=1000, most_files=1, allowed=("pdf",))
    other = msgspec.structs.replace(PHOTO, hash=OTHER_HASH)

    def code(*refs: AttachmentRef) -> str:
        what = command("reply", _reply(attachments=refs))
        return refused(facts(ticket(), attachment_limits=tight), what).code

    assert code(PHOTO, other) == "attachment_count"
    assert code(PHOTO) == "attachment_blocked"
    assert code(msgspec.structs.replace(PHOTO, name="a.pdf")) == "attachment_too_large"


def test_unsent_attachment_stays_visible_when_limits_tighten() -> None:
    """A replica that replays what is unsent does not judge it again: the verdict will."""
    tight = AttachmentLimits(most_bytes=10)
    kept = decide(facts(ticket(), attachment_limits=tight, optimistic=True), command("reply", _reply()))
    assert refs_of(done(kept).entries[0].detail) == (PHOTO,)


def test_form_field_of_files_has_a_row_of_its_class() -> None:
    """By these rows bytes are given out: a field for insiders never shows its files to others."""
    value = [msgspec.to_builtins(PHOTO)]
    made = _changes(None, _create(fields={"amount": 5, "site": value, "proof": value}), "create")
    rows = [(row.detail["field"], row.field_class) for row in made.entries if row.kind == "attached"]
    assert rows == [("site", "ordinary"), ("proof", "internal")]
    assert made.ticket.fields["site"] == value
    assert made.personal == ()


def test_edited_form_field_of_files_tells_what_came() -> None:
    """New files stand in a row of the field's class; taking them away is told, too."""
    value = [msgspec.to_builtins(PHOTO)]
    edited = _changes(ticket(), EditTicket(values={"fields.proof": value}), "edit")
    assert [(row.kind, row.field_class, refs_of(row.detail)) for row in edited.entries] == [
        ("attached", "internal", (PHOTO,))
    ]
    held = ticket(fields={"amount": 10, "proof": value})
    cleared = command("edit", EditTicket(values={"fields.proof": []}), base={"fields.proof": value})
    rows = done(decide(facts(held, template=FILES), cleared)).entries
    assert [(row.kind, row.detail) for row in rows] == [("attached", {"field": "proof"})]


def test_closure_form_takes_files() -> None:
    """A photo that resolving asks for is attached as any other."""
    given = {"solution": "ok", "site": [msgspec.to_builtins(PHOTO)]}
    rows = _changes(ticket(), ChangeStatus(to="resolved", fields=given), "status").entries
    assert [row.kind for row in rows] == ["status", "edited", "attached"]
    assert "fields.site" not in rows[1].detail


@pytest.mark.parametrize("value", ["text", [1], [{"name": "x"}], [{"hash": "ab", "name": "x", "size": 1}]])
def test_other_values_in_a_field_of_files_are_refused(value: Any) -> None:
    """Neither form nor timeline ever holds what is no reference."""
    made = facts(ticket(), template=FILES)
    assert refused(made, command("edit", EditTicket(values={"fields.site": value}))).code in (
        "form_invalid",
        "attachment_bad",
    )


def test_dictionaries_are_refused_in_other_fields() -> None:
    """Only fields of files hold more than plain values."""
    what = command("edit", EditTicket(values={"fields.story": [{"hash": HASH}]}))
    assert refused(facts(ticket(), template=FILES), what).code == "form_invalid"
