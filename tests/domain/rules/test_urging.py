"""Urging: the ladder, its working time, and what answers it (RULES §8)."""

from typing import Any

import msgspec
import pytest

from domain.entities.calendars import Calendar
from domain.entities.configuration import Configuration
from domain.entities.people import ADMINISTER, ALL_CLASSES, ORDINARY, SEE, Access, Actor, Person
from domain.entities.ticket import Changes, Entry, Ticket
from domain.entities.urging import Superiors, UrgeState, Urging
from domain.rules.decide import decide
from domain.rules.facts import Facts
from domain.rules.urging import due_at, superiors_of
from domain.wire.commands import AssignTicket, ChangeStatus, Command, Reply, TakeTicket, payload
from domain.wire.intent import Intent
from domain.wire.together_commands import Urge
from tests.domain.rules.facts import FULL, ME, NOON, OTHER, done, facts, refused, ticket

HOUR = 3_600_000
WAITS = Access(level=SEE, classes=ORDINARY, creator=True)
SYSTEM = Actor(person=None, system=True)
SERVER = Access(level=ADMINISTER + 1, classes=ALL_CLASSES)
ABOVE = Superiors(direct="boss", head="head")


def _held(**values: Any) -> Ticket:
    return ticket(assignee="p-does", creator=ME, cc=("p-cc",), **values)


def _facts(of: Ticket, **values: Any) -> Facts:
    return facts(of, **{"access": WAITS, "superiors": ABOVE, **values})


def _command(kind: str, intent: Intent) -> Command:
    return Command(
        id=f"c-{kind}", ticket_id="T", kind=kind, set=payload(intent), base={"assignee": "p-does"}, at=NOON
    )


def _urge(of: Facts, reason: str = "The customer rang twice.") -> Changes:
    return done(decide(of, _command("urge", Urge(reason=reason))))


def _by_ladder(of: Facts, at: int) -> Changes:
    return _urge(msgspec.structs.replace(of, actor=SYSTEM, access=SERVER, at=at), "")


def test_ladder_climbs_a_level_every_two_hours() -> None:
    """Handler; handler and cc; direct superior; head of department; there it rests, and each step counts."""
    changes = _urge(_facts(_held()))
    told = [changes.entries[0].detail["to"]]
    for level in (1, 2, 3):
        assert changes.ticket.urged is not None
        due = changes.ticket.urged.next_at
        assert due == NOON + level * 2 * HOUR
        early = _by_ladder(_facts(changes.ticket), due - 1)
        assert (early.ticket, early.entries) == (changes.ticket, ())
        changes = _by_ladder(_facts(changes.ticket), due)
        told.append(changes.entries[0].detail["to"])
    assert told == [["p-does"], ["p-does", "p-cc"], ["p-does", "boss"], ["p-does", "boss", "head"]]
    assert changes.ticket.urged == UrgeState(level=3, count=4, last_at=NOON + 6 * HOUR)


def test_where_nobody_stands_above_the_ladder_goes_on_without() -> None:
    """No direct superior: head next; nobody at all: it rests with the followers."""
    at_cc = _held(urged=UrgeState(level=1, count=2, last_at=NOON, next_at=NOON))
    skipped = _by_ladder(_facts(at_cc, superiors=Superiors(head="head")), NOON)
    assert skipped.entries[0].detail["level"] == 3
    alone = _urge(_facts(_held(urged=UrgeState(level=0, count=1, next_at=NOON)), superiors=Superiors()))
    assert alone.ticket.urged == UrgeState(level=1, count=2, last_at=NOON, next_at=None, by=ME)


def test_urging_again_counts_but_does_not_climb() -> None:
    """The level rises with time alone; when its time is up, an urge by hand is at the next."""
    standing = UrgeState(level=0, count=1, last_at=NOON - HOUR, next_at=NOON + HOUR)
    again = _urge(_facts(_held(urged=standing))).ticket.urged
    assert again == UrgeState(level=0, count=2, last_at=NOON, next_at=NOON + HOUR, by=ME)
    over = msgspec.structs.replace(standing, next_at=NOON)
    climbed = _urge(_facts(_held(urged=over))).ticket.urged
    assert climbed is not None
    assert (climbed.level, climbed.next_at) == (1, NOON + 2 * HOUR)


def _urges(*ages_s: int, person: str = ME) -> list[Entry]:
    return [
        Entry(id=f"u{age}", ticket="T", kind="urged", at=NOON - age * 1000, person=person) for age in ages_s
    ]


def test_cooldown_and_daily_cap_are_each_persons_own() -> None:
    """A quarter of an hour between two, six a day; what others urged does not count."""
    soon = refused(_facts(_held(), timeline=_urges(14 * 60)), _command("urge", Urge(reason="Please.")))
    assert (soon.code, soon.args) == ("urge_cooldown", {"minutes": 1})
    assert _urge(_facts(_held(), timeline=_urges(15 * 60))).ticket.urged
    assert _urge(_facts(_held(), timeline=_urges(60, person=OTHER))).ticket.urged
    six = _urges(*(3600 * n for n in range(1, 7)))
    assert refused(_facts(_held(), timeline=six), _command("urge", Urge(reason="Please."))).code == "urge_cap"
    assert _urge(_facts(_held(), timeline=_urges(*(86_400 * n for n in range(1, 9))))).ticket.urged


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("resolved", "ticket_resolved"),
        ("closed", "ticket_closed"),
        ("pending", "urge_paused"),
        ("on_hold", "urge_paused"),
    ],
)
def test_nobody_is_urged_after_resolution_or_in_a_pause(status: str, code: str) -> None:
    """Neither by a person nor by the ladder."""
    held = _held(status=status, urged=UrgeState(next_at=NOON - 1))
    assert refused(_facts(held), _command("urge", Urge(reason="Please."))).code == code
    assert _by_ladder(_facts(held), NOON).entries == ()


def test_only_who_waits_or_manages_urges_and_says_why() -> None:
    """The initiator and those in cc; a colleague of the handler's does not, and nobody without a reason."""
    please = _command("urge", Urge(reason="Please."))
    follows = Access(level=SEE, classes=ORDINARY, cc=True)
    assert done(decide(_facts(_held(), access=follows), please)).ticket.urged
    assert refused(_facts(_held(), access=FULL), please).code == "not_allowed"
    assert refused(_facts(_held()), _command("urge", Urge(reason=" "))).code == "reason_missing"


@pytest.mark.parametrize(
    ("kind", "intent", "person", "answered"),
    [
        ("reply", Reply(body="On it."), "p-does", True),
        ("reply", Reply(body="Please!"), ME, False),
        ("take", TakeTicket(), OTHER, True),
        ("assign", AssignTicket(assignee=OTHER), OTHER, True),
        ("status", ChangeStatus(to="pending"), "p-does", True),
    ],
)
def test_any_act_of_handling_answers(kind: str, intent: Intent, person: str, answered: bool) -> None:
    """Words of the handler and every step of the ticket answer and reset; words of whoever waits do not."""
    held = _held(requester="customer", urged=UrgeState(level=2, count=5, next_at=NOON + 1))
    of = facts(held, actor=Actor(person=person), access=FULL, people=frozenset({OTHER}))
    after = done(decide(of, _command(kind, intent))).ticket
    assert (after.urged is None) == answered


def test_level_lasts_working_time() -> None:
    """Urged at half past five where work ends at six: the next level is due at half past ten on the next day."""
    week = (((540, 1080),),) * 7
    office = Calendar(id="office", zone="Asia/Shanghai", weekly=week)
    rules = Configuration(urging=(Urging(id="u", calendar="office"),), calendars={"office": office})
    half_past_five = 1_795_080_600_000  # 2026-11-19 17:30 in Shanghai
    state = _urge(_facts(_held(), configuration=rules, at=half_past_five)).ticket.urged
    assert state is not None
    assert state.next_at == half_past_five + 17 * HOUR


def test_automatic_ladder_begins_where_nobody_handles() -> None:
    """Two hours after the last act of handling it goes to handler and cc, where that is set for the line."""
    automatic = Configuration(urging=(Urging(id="u", line="l", automatic=True),))
    rows = [Entry(id="t", ticket="T", kind="taken", at=NOON, person="p-does")]
    assert due_at(_held(), rows, Configuration()) is None
    assert due_at(_held(), rows, automatic) == NOON + 2 * HOUR
    assert due_at(_held(status="pending"), rows, automatic) is None
    of = _facts(_held(), timeline=rows, configuration=automatic)
    assert _by_ladder(of, NOON + 2 * HOUR - 1).entries == ()
    assert _by_ladder(of, NOON + 2 * HOUR).entries[0].detail["to"] == ["p-does", "p-cc"]


def test_head_is_the_highest_in_the_superiors_own_department() -> None:
    """Up the line of superiors within the unit of the direct one; where that is the direct one, the next above."""

    def person(id: str, unit: str, superior: str = "") -> Person:
        return Person(id=id, name=id, unit=unit, superior=superior)

    line = (person("a", "shop", "b"), person("b", "dep", "c"), person("c", "dep", "d"), person("d", "top"))
    people = {one.id: one for one in line}
    assert superiors_of("a", people) == Superiors(direct="b", head="c")
    assert superiors_of("c", people) == Superiors(direct="d", head="")
    assert superiors_of("b", people) == Superiors(direct="c", head="d")
    assert superiors_of(None, people) == Superiors()
    circle = {"a": person("a", "x", "b"), "b": person("b", "x", "a")}
    assert superiors_of("a", circle) == Superiors(direct="b", head="")
