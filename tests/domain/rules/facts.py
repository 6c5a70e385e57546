"""Facts and commands for tests of decisions."""

from typing import Any

from domain.entities.forms import FormField, Option, Template
from domain.entities.people import ALL_CLASSES, HANDLE, Access, Actor
from domain.entities.ticket import Changes, PersonalValue, Ticket
from domain.rules.decide import Decision, decide
from domain.rules.facts import Facts, Refused
from domain.wire.commands import Command, payload
from domain.wire.intent import Intent

ME, OTHER = "p-me", "p-other"
NOON = 1_795_000_000_000
FULL = Access(level=HANDLE, classes=ALL_CLASSES)

FORM = Template(
    id="t",
    version=3,
    name="Complaint",
    category_required_at="never",
    fields=(
        FormField(key="phone", label="Phone", kind="phone", personal=True, field_class="sensitive"),
        FormField(key="amount", label="Amount", kind="money", required=True, maximum=500),
        FormField(key="wish", label="Wish", kind="select", options=(Option(value="refund", label="Refund"),)),
        FormField(key="story", label="Story", kind="long_text"),
        FormField(
            key="solution",
            label="Solution",
            section="closure",
            required=True,
            required_at="resolve",
            max_length=20,
        ),
    ),
)


def ticket(**values: Any) -> Ticket:
    """An open ticket of that form, held by nobody."""
    plain: dict[str, Any] = {
        "rev": 4, "status": "open", "creator": OTHER, "requester": "customer", "created_at": NOON - 60_000,
        "updated_at": NOON - 60_000, "fields": {"amount": 10},
    }  # fmt: skip
    return Ticket(id="T", template="t", template_version=3, **{"org": "s1", "line": "l", **plain, **values})


def facts(of: Ticket | None, **values: Any) -> Facts:
    """Facts in which I may do everything and everybody named exists."""
    defaults: dict[str, Any] = {
        "actor": Actor(person=ME),
        "access": FULL,
        "at": NOON,
        "known_at": NOON,
        "ticket": of,
        "template": FORM,
        "units": frozenset({"s1", "s2"}),
        "people": frozenset({ME, OTHER}),
        "teams": frozenset({"team"}),
        "categories": frozenset({"c1"}),
    }
    return Facts(**{**defaults, **values})


def command(kind: str, intent: Intent, base: dict[str, Any] | None = None) -> Command:
    """A command about the ticket."""
    return Command(id="c", ticket_id="T", kind=kind, set=payload(intent), base=base or {}, at=NOON)


def done(decision: Decision) -> Changes:
    """The changes of a decision that is expected to make some."""
    assert isinstance(decision, Changes), decision
    return decision


def refused(of: Facts, what: Command) -> Refused:
    """The refusal of a command that is expected to be refused."""
    decision = decide(of, what)
    assert isinstance(decision, Refused), decision
    return decision


def value(key: str, text: str, field_class: str = "sensitive") -> PersonalValue:
    """A personal value of the ticket."""
    return PersonalValue(ticket="T", key=key, field_class=field_class, value=text)
