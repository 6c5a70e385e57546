"""What leaves the house or stands in an inbox tells nobody what the rule denies them (RULES §9, §10)."""

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, example, given, settings
from sqlalchemy import delete, insert, select

from domain.entities.conditions import Conditions
from domain.entities.notices import Channel, Event, NoticeRule, NoticeTemplate, NoticeText, Variant
from domain.entities.people import CLASS_BIT, Actor
from domain.entities.rules import RuleAction, Trigger
from domain.entities.ticket import Ticket
from domain.rules.notice_text import PLACEHOLDERS
from domain.rules.permissions import access
from domain.rules.rule_texts import PLACEHOLDERS as RULE_PLACEHOLDERS
from domain.wire.commands import ChangeStatus, EditTicket, Reply
from domain.wire.together_commands import Urge
from sync_server.store import tables as t
from sync_server.store.configuration_writer import Edit
from sync_server.store.contacts import set_contacts
from sync_server.store.deliveries import Outgoing
from sync_server.store.engine import Store
from tests.sync_server.access.random_chain import (
    BLIND,
    CLASSES,
    PARTLY,
    PERSON,
    Drawn,
    canary,
    drawn,
    entry_of,
    fill,
)
from tests.sync_server.chain import GRANTS
from tests.sync_server.jobs.post import Desk

SAID = "".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS | {"entry"}))
GROUP = Channel(id="group", kind="webhook", url="http://x.test/group")
ALL = NoticeTemplate(
    id="all",
    texts={"zh": NoticeText(subject=SAID, body=SAID)},
    variants={"sms": Variant(code="1", params=tuple(sorted(PLACEHOLDERS)))},
)
EVENTS: tuple[Event, ...] = ("assigned", "replied", "status", "resolved", "urged", "message")
TELLS = NoticeRule(
    id="tells",
    events=EVENTS,
    roles=("assignee", "creator", "cc", "customer", "group"),
    people=tuple(GRANTS),
    channels=("mail", "sms", "group", "app"),
    template="all",
)
TRIGGER = Trigger(
    id="tells",
    events=("updated", "note", "reply", "urged", "resolved"),
    conditions=Conditions(),
    actions=(
        RuleAction(
            kind="notify",
            arguments={
                "people": tuple(GRANTS),
                "to": ("customer",),
                "channels": ("mail", "sms", "app"),
                "text": "".join(f"{{{name}}}" for name in (*RULE_PLACEHOLDERS, "fields.guess", "phone")),
            },
        ),
    ),
)


@pytest.fixture
def desk(store: Store) -> Desk:
    """A desk that tells everybody everything by every way it has."""
    made = Desk(store)
    made.configure(
        Edit(kind="notice_channel", id="group", entity=GROUP),
        Edit(kind="notice_template", id="all", entity=ALL),
        Edit(kind="notice_rule", id="tells", entity=TELLS),
        Edit(kind="trigger", id="tells", entity=TRIGGER),
    )
    with store.write() as conn:
        for person in GRANTS:
            set_contacts(conn, person, {"email": f"{person}@x.test"})
        conn.commit()
    return made


def _fill(desk: Desk, one: Drawn) -> None:
    """Begin anew, with nobody told of anything; a customer can be reached by phone."""
    with desk.store.write() as conn:
        for table in (t.notice, t.delivery, t.delivery_attempt):
            conn.execute(delete(table))
        fill(conn, one)
        values = [
            {"ticket": two.id, "key": key, "field_class": name, "value": text, "masked": False, "erased": False,
             "rev": 1}
            for two in one.tickets
            for key, name, text in (
                ("phone", "sensitive", f"tel-{two.id}-{canary(two.id, 'sensitive')}"),
                ("hint", "internal", canary(two.id, "internal")),
            )
        ]  # fmt: skip
        conn.execute(insert(t.personal), values)
        conn.commit()
    desk.post.letters.clear()


def _happen(desk: Desk, tickets: Iterable[Ticket]) -> None:
    """What people do by commands, and messages about a row of each class, whoever queued them."""
    queued = []
    for one in tickets:
        inner, plain = canary(one.id, "internal"), canary(one.id, "ordinary")
        intents = (
            ("edit", EditTicket(values={"fields.guess": f"{inner} again"})),
            ("reply", Reply(body=inner, internal=True)),
            ("reply", Reply(body=plain)),
            ("urge", Urge(reason=plain)),
            ("status", ChangeStatus(to="resolved")),
        )
        desk.chain.do("max", *(desk.chain.command(kind, intent, ticket=one.id) for kind, intent in intents))
        for name in CLASSES:
            args = {"entry": entry_of(one.id, name)}
            base = {"ticket": one.id, "rule": f"test {name}", "rev": 1, "template": "all", "args": args}
            queued += [Outgoing(**base, to=person, channel="mail") for person in GRANTS]  # type: ignore[arg-type]
            queued.append(Outgoing(**base, to_kind="customer", channel="sms"))  # type: ignore[arg-type]
            queued.append(Outgoing(**base, to_kind="address", channel="group"))  # type: ignore[arg-type]
    desk.queue(*queued)
    desk.worker().run()


def _denied(said: str, one: Drawn, shown: dict[str, int]) -> list[tuple[str, str]]:
    """The canaries in what is said that whoever hears it, shown these classes of tickets, is denied."""
    return [
        (two.id, name)
        for two in one.tickets
        for name, bit in CLASS_BIT.items()
        if canary(two.id, name) in said and not bit & shown.get(two.id, 0)
    ]


def _classes(person: str, one: Drawn) -> dict[str, int]:
    """The classes of each ticket that the rule shows somebody."""
    grants = one.grants if person == PERSON else (GRANTS[person],)
    actor = Actor(person=person, grants=grants)
    return {two.id: access(actor, two, one.ancestors).classes for two in one.tickets}


@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(one=BLIND)
@example(one=PARTLY)
@given(one=drawn(most=3))
def test_nobody_is_told_what_is_denied(desk: Desk, one: Drawn) -> None:
    """For any org, grants and tickets: letters to people, customers and groups, and notices, by class of field.

    A customer is told nothing of what was said about them, a group's robot nothing that is not ordinary.
    """
    _fill(desk, one)
    _happen(desk, one.tickets)
    shown = {person: _classes(person, one) for person in GRANTS}
    told = {f"{person}@x.test": classes for person, classes in shown.items()}
    group = dict.fromkeys((two.id for two in one.tickets), CLASS_BIT["ordinary"])
    reached = set()
    for channel, letter in desk.post.letters:
        said = "\n".join((letter.subject, letter.body, *(value for _, value in letter.params)))
        reached.add(letter.to.partition("-")[0])
        if letter.to in told:
            assert told[letter.to][letter.ticket], (letter.to, letter.ticket)
        else:
            assert channel == "group" or letter.to.startswith(f"tel-{letter.ticket}-"), letter
        hears = told.get(letter.to, group if channel == "group" else {})
        assert not _denied(said, one, hears), (letter.to, said)
    can_act = any(two.closed_at is None for two in one.tickets)  # nothing is said on what was closed long ago
    assert not can_act or {"tel", "", "max@x.test"} <= reached
    with desk.store.read() as conn:
        rows = conn.execute(select(t.notice.c.person, t.notice.c.ticket, t.notice.c.kind, t.notice.c.detail))
        notices = list(rows)
    assert not can_act or {"all", "rule"} <= {row.kind for row in notices}
    for row in notices:
        assert shown[row.person][row.ticket], row
        assert not _denied(row.detail, one, shown[row.person]), row
