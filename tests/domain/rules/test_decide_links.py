"""Splitting, linking, following up and handing back (RULES §1, §8)."""

from typing import Any

import msgspec
import pytest

from domain.entities.links import Link
from domain.entities.people import ALL_CLASSES, HANDLE, INTERNAL, ORDINARY, SEE, Access
from domain.entities.ticket import Changes, Entry
from domain.rules.decide import decide
from domain.rules.facts import Facts, Other
from domain.rules.ticket_clocks import clock_events
from domain.wire.commands import Command, CreateTicket, EditTicket, SplitTicket, TransferTicket
from domain.wire.intent import Intent
from domain.wire.together_commands import HandBack, LinkTicket
from tests.domain.rules.facts import FULL, ME, NOON, OTHER, command, done, facts, refused, ticket, value

FORM: dict[str, Any] = {
    "template": "t",
    "template_version": 3,
    "org": "s1",
    "line": "l",
    "subject": "The other thing",
}


def _row(id: str, kind: str, at: int, **values: Any) -> Entry:
    return Entry(id=id, ticket="S", kind=kind, at=at, **values)


def _of_new(kind: str, intent: Intent) -> Command:
    return msgspec.structs.replace(command(kind, intent), ticket_id="N")


def _source(**values: Any) -> Other:
    held = msgspec.structs.replace(ticket(number="7", customer="k", order_no="o-1", **values), id="S")
    return Other(
        ticket=held,
        access=FULL,
        personal={"phone": msgspec.structs.replace(value("phone", "13800002716"), ticket="S")},
        timeline=[
            _row("e0", "created", NOON - 9000, body="It drips.", detail={"by": "customer"}),
            _row("e1", "message", NOON - 6000, body="And the door squeaks.", person="p-x"),
            _row("e2", "note", NOON - 3000, body="Ask the smith.", field_class="internal", person=OTHER),
            _row("e3", "taken", NOON - 2000),
        ],
    )


def _split(entries: tuple[str, ...], **values: Any) -> Changes:
    intent = SplitTicket(**FORM, fields={"amount": 10}, source="S", entries=entries)
    return done(decide(facts(None, others={"S": _source()}, **values), _of_new("split", intent)))


def test_split_begins_at_the_first_chosen_message() -> None:
    """The new ticket has copies with their times and authors, customer and order, and a clock from the first on."""
    changes = _split(("e2", "e1"))
    made = changes.ticket
    assert (made.created_at, made.customer, made.order_no) == (NOON - 6000, "k", "o-1")
    assert made.requester == "customer"
    assert [(row.kind, row.at, row.person, row.body) for row in changes.entries] == [
        ("created", NOON - 6000, ME, None),
        ("message", NOON - 6000, "p-x", "And the door squeaks."),
        ("note", NOON - 3000, OTHER, "Ask the smith."),
    ]
    begun = clock_events(changes.entries)[0]
    assert (begun.kind, begun.at, begun.requester) == ("created", NOON - 6000, True)
    assert [(one.key, one.value, one.ticket) for one in changes.personal] == [("phone", "13800002716", "N")]
    assert changes.entries[2].field_class == "internal"


def test_split_leaves_the_source_as_it_was_with_a_row_that_names_what_went() -> None:
    """No row of the source moves; both tickets are linked."""
    changes = _split(("e0",))
    (there,) = changes.others
    assert [(row.kind, row.ticket, row.detail["entries"]) for row in there.entries] == [
        ("split", "S", ["e0"])
    ]
    assert changes.ticket.links == (Link(relation="split_from", ticket="S"),)
    assert there.ticket.links == (Link(relation="split_into", ticket="N"),)
    assert changes.entries[1].kind == "message"
    assert changes.entries[1].detail["of"] == {"ticket": "S", "entry": "e0"}
    assert not {row.id for row in changes.entries} & {row.id for row in there.entries}


def test_split_takes_only_what_says_something_and_may_be_seen() -> None:
    """Rows that tell of steps, of other tickets, or of a class that is hidden can't be chosen; nor can none."""
    ordinary = msgspec.structs.replace(_source(), access=Access(level=HANDLE, classes=ORDINARY))
    for entries, other in (((), _source()), (("e3",), _source()), (("x",), _source()), (("e2",), ordinary)):
        intent = SplitTicket(**FORM, fields={"amount": 10}, source="S", entries=entries)
        assert refused(facts(None, others={"S": other}), _of_new("split", intent)).code == "split_entries"
    only_see = msgspec.structs.replace(_source(), access=Access(level=SEE, classes=ORDINARY | INTERNAL))
    intent = SplitTicket(**FORM, fields={"amount": 10}, source="S", entries=("e0",))
    assert refused(facts(None, others={"S": only_see}), _of_new("split", intent)).code == "not_allowed"


def _link(of: Facts, relation: str, kind: str = "link") -> Changes:
    return done(decide(of, command(kind, LinkTicket(to="S", relation=relation))))


def test_link_stands_at_both_ends_and_goes_from_both() -> None:
    """An incident of a problem: linked at both ends, the problem is its parent; unlinked, nothing is left."""
    of = facts(ticket(), others={"S": _source(type="problem")})
    linked = _link(of, "incident_of")
    (there,) = linked.others
    assert linked.ticket.parent == "S"
    assert there.ticket.links == (Link(relation="problem_of", ticket="T"),)
    after = facts(linked.ticket, others={"S": msgspec.structs.replace(_source(), ticket=there.ticket)})
    assert _link(after, "incident_of").entries == ()
    gone = _link(after, "incident_of", "unlink")
    assert (gone.ticket.links, gone.ticket.parent, gone.others[0].ticket.links) == ((), None, ())


@pytest.mark.parametrize(
    ("own", "others", "relation", "code"),
    [
        ({}, {}, "merged_into", "unknown_relation"),
        ({}, {}, "incident_of", "link_no_problem"),
        ({"parent": "P"}, {"type": "problem"}, "incident_of", "link_has_parent"),
        ({}, {"parent": "T"}, "child_of", "link_circle"),
        ({"type": "problem", "parent": "S"}, {}, "problem_of", "link_circle"),
    ],
)
def test_links_that_make_no_sense(own: Any, others: Any, relation: str, code: str) -> None:
    """Not by hand what merging makes, not below what is no problem, not below two, not in a circle."""
    of = facts(ticket(**own), others={"S": _source(**others)})
    assert refused(of, command("link", LinkTicket(to="S", relation=relation))).code == code


def test_follow_up_of_a_closed_ticket() -> None:
    """A closed ticket is taken up by a new one of the same customer, linked at both ends; an open one is not."""
    intent = CreateTicket(**FORM, fields={"amount": 10}, follows="S")
    changes = done(decide(facts(None, others={"S": _source(status="closed")}), _of_new("create", intent)))
    assert changes.ticket.links == (Link(relation="follows", ticket="S"),)
    assert (changes.ticket.customer, changes.ticket.order_no) == ("k", "o-1")
    assert changes.others[0].ticket.links == (Link(relation="followed_by", ticket="N"),)
    still_open = facts(None, others={"S": _source()})
    assert refused(still_open, _of_new("create", intent)).code == "follow_up_open"


def test_task_has_a_date_and_nothing_else_has() -> None:
    """The date of a task can be set and taken away; other types have none."""
    edit = EditTicket(values={"task_due_at": NOON + 1})
    task = done(decide(facts(ticket(type="task")), command("edit", edit))).ticket
    assert task.task_due_at == NOON + 1
    gone = command("edit", EditTicket(values={"task_due_at": None}), base={"task_due_at": NOON + 1})
    assert done(decide(facts(task), gone)).ticket.task_due_at is None
    assert refused(facts(ticket(type="incident")), command("edit", edit)).code == "task_due_no_task"
    never = EditTicket(values={"task_due_at": "soon"})
    assert refused(facts(ticket(type="task")), command("edit", never)).code == "bad_command"


def _sent() -> tuple[Facts, Entry]:
    """Facts of a ticket that somebody passed from their unit to me."""
    intent = TransferTicket(org="s2", assignee=ME, note="Yours, I think.")
    sent = done(decide(facts(ticket(assignee=OTHER)), command("transfer", intent)))
    holds = Access(level=HANDLE, classes=ALL_CLASSES, assignee=True)
    return facts(sent.ticket, timeline=sent.entries, access=holds), sent.entries[0]


def test_hand_back_goes_to_whom_it_came_from() -> None:
    """Unit and person are those before the transfer; the reason stands in a note, and nobody hands back twice."""
    of, _ = _sent()
    back = command("hand_back", HandBack(reason="Not our store."))
    changes = done(decide(of, back))
    assert (changes.ticket.org, changes.ticket.assignee, changes.ticket.taken_at) == ("s1", OTHER, None)
    assert [(row.kind, row.body) for row in changes.entries] == [
        ("returned", None), ("note", "Not our store."),
    ]  # fmt: skip
    again = msgspec.structs.replace(of, ticket=changes.ticket, timeline=[*of.timeline, *changes.entries])
    assert refused(again, back).code == "hand_back_nowhere"
    assert refused(of, command("hand_back", HandBack(reason=" "))).code == "reason_missing"


def test_whoever_holds_a_ticket_may_hand_it_back() -> None:
    """With no grant at all, only by holding it; a conflict with somebody who moved it meanwhile keeps the words."""
    of, _ = _sent()
    nothing = msgspec.structs.replace(of, access=Access(level=SEE, classes=ORDINARY, assignee=True))
    back = command("hand_back", HandBack(reason="No."))
    assert done(decide(nothing, back)).ticket.assignee == OTHER
    moved = command("hand_back", HandBack(reason="No."), base={"assignee": "p-third"})
    met = done(decide(of, moved))
    assert met.conflicts
    assert [row.kind for row in met.entries] == ["note"]
