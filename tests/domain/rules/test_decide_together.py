"""Merging and undoing it: who follows, what is carried over, and the clocks that go on (RULES §8)."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.entities.calendars import Calendar
from domain.entities.configuration import Configuration
from domain.entities.links import Link
from domain.entities.people import ALL_CLASSES, HANDLE, MANAGE, Access
from domain.entities.sla import BREACH_STEP, Clock, Policy, Step, Target
from domain.entities.ticket import Changes, Entry
from domain.rules.business_time import working_ms
from domain.rules.decide import decide
from domain.rules.facts import Facts, Other, Unknown
from domain.rules.sla_steps import due_steps
from domain.rules.ticket_clocks import latest, ticket_clocks
from domain.wire.commands import Command, ReceiveMessage, Reply, payload
from domain.wire.intent import Intent
from domain.wire.together_commands import MergeTicket, UnmergeTicket
from tests.domain.rules.facts import ME, NOON, OTHER, done, facts, refused, ticket

MANAGES = Access(level=MANAGE, classes=ALL_CLASSES)
MINUTE = 60_000
FAST = Policy(
    id="fast",
    version=4,
    targets={
        "normal": {"first_response": Target(n=30, unit="minute"), "resolution": Target(n=4, unit="hour")}
    },
)
SLOW = Policy(
    id="slow",
    targets={"normal": {"first_response": Target(n=8, unit="hour"), "resolution": Target(n=5, unit="day")}},
)
POLICIES = Configuration(policies=(FAST, SLOW))
MERGE = MergeTicket(into="U", confirmed=True)


def _command(kind: str, intent: Intent, id: str = "c") -> Command:
    return Command(id=id, ticket_id="T", kind=kind, set=payload(intent), at=NOON)


def _entry(id: str, kind: str, at: int, **detail: Any) -> Entry:
    return Entry(id=id, ticket="T", kind=kind, at=at, person=detail.pop("person", None), detail=detail)


def _created(at: int) -> Entry:
    return _entry(f"made{at}", "created", at, by="customer", status="open", priority="normal")


def _pair(**others: Any) -> Facts:
    """Two tickets: T of a fast policy is late already, U of a slow one has all the time in the world."""
    t = ticket(number="1", policy="fast", cc=("p-a",), links=(Link(relation="related", ticket="R"),))
    u = msgspec.structs.replace(ticket(number="2", policy="slow", creator="p-b", assignee="p-c"), id="U")
    other = Other(ticket=u, access=MANAGES, timeline=[_created(NOON - 20 * MINUTE)])
    given = {
        "access": MANAGES,
        "others": {"U": other},
        "timeline": [_created(NOON - 60 * MINUTE)],
        "configuration": POLICIES,
        **others,
    }
    return facts(t, **given)


def _there(changes: Changes) -> Changes:
    (other,) = changes.others
    return other


def test_source_becomes_a_pointer_and_both_have_the_same_watchers() -> None:
    """The source is closed and points to the other; each is followed by whoever took part in either."""
    changes = done(decide(_pair(), _command("merge", MERGE)))
    there = _there(changes)
    assert (changes.ticket.status, changes.ticket.merged_into) == ("closed", "U")
    assert changes.ticket.cc == ("p-a", "p-b", "p-c")
    assert there.ticket.cc == ("p-a", OTHER)
    assert set(there.ticket.links) == {
        Link(relation="merged_from", ticket="T"),
        Link(relation="related", ticket="R"),
    }
    assert [row.kind for row in changes.entries] == ["merged_into", "status"]
    assert [row.kind for row in there.entries] == ["merged_from"]
    assert len({row.id for row in (*changes.entries, *there.entries)}) == 3


def test_undoing_brings_back_both_as_they_were() -> None:
    """After merge and unmerge both tickets differ from before in their rows and the time of the change alone."""
    before = _pair()
    assert before.ticket is not None
    merged = done(decide(before, _command("merge", MERGE)))
    there = _there(merged)
    known = [*before.others["U"].timeline, *there.entries]
    after = _pair(
        ticket=merged.ticket,
        timeline=[*before.timeline, *merged.entries],
        others={"U": Other(ticket=there.ticket, access=MANAGES, timeline=known)},
    )
    undone = done(decide(after, _command("unmerge", UnmergeTicket(into="U"), "d")))
    assert undone.ticket == msgspec.structs.replace(before.ticket, updated_at=NOON)
    assert _there(undone).ticket == msgspec.structs.replace(before.others["U"].ticket, updated_at=NOON)
    rows = [*known, *_there(undone).entries]
    for timeline, policy, original in (
        (rows, SLOW, before.others["U"].timeline),
        ([*after.timeline, *undone.entries], FAST, before.timeline),
    ):
        assert ticket_clocks(timeline, policy, POLICIES, NOON) == ticket_clocks(
            original, policy, POLICIES, NOON
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"others": {}}, "out_of_scope"),
        ({"level": HANDLE}, "not_allowed"),
        ({"merged_into": "V"}, "merge_target_merged"),
        ({"status": "closed"}, "merge_target_done"),
        ({"status": "resolved"}, "merge_target_done"),
    ],
)
def test_what_may_not_be_merged(change: dict[str, Any], code: str) -> None:
    """Not into what is out of sight, not managed, merged itself, or done already."""
    of = _pair()
    other = of.others["U"]
    if "others" in change:
        of = _pair(others={})
    elif "level" in change:
        access = Access(level=change["level"], classes=ALL_CLASSES)
        of = _pair(others={"U": msgspec.structs.replace(other, access=access)})
    else:
        moved = msgspec.structs.replace(other, ticket=msgspec.structs.replace(other.ticket, **change))
        of = _pair(others={"U": moved})
    assert refused(of, _command("merge", MERGE)).code == code


def test_other_customers_are_merged_only_when_confirmed() -> None:
    """The same customer's tickets merge without a word; others only where somebody says that it is meant."""
    of, plain = _pair(), MergeTicket(into="U")
    assert refused(of, _command("merge", plain)).code == "merge_not_confirmed"
    assert refused(of, _command("merge", MergeTicket(into="T", confirmed=True))).code == "merge_itself"
    other = of.others["U"]
    same = msgspec.structs.replace(other.ticket, customer="k")
    theirs = msgspec.structs.replace(ticket(), customer="k")
    both = _pair(ticket=theirs, others={"U": msgspec.structs.replace(other, ticket=same)})
    assert done(decide(both, _command("merge", plain))).ticket.merged_into == "U"


def test_it_can_be_undone_for_a_day() -> None:
    """A day and a second after the merge it stands for good; a replica without the timeline does not know."""
    merged = done(decide(_pair(), _command("merge", MERGE)))
    others = {"U": Other(ticket=_there(merged).ticket, access=MANAGES, timeline=_there(merged).entries)}
    late = _pair(
        ticket=merged.ticket, timeline=merged.entries, others=others, at=NOON + 86_401_000, known_at=NOON
    )
    undo = _command("unmerge", UnmergeTicket(into="U"), "d")
    assert refused(late, undo).code == "unmerge_too_late"
    unsure = msgspec.structs.replace(late, others={}, complete=False)
    assert isinstance(decide(unsure, undo), Unknown)


def test_words_to_the_pointer_go_to_the_other() -> None:
    """A message and a reply to a merged ticket stand on the one it was merged into; the pointer says where."""
    merged = done(decide(_pair(), _command("merge", MERGE)))
    waiting = msgspec.structs.replace(_there(merged).ticket, status="pending")
    for kind, intent, kinds in (
        ("message", ReceiveMessage(body="still broken"), ["message", "status"]),
        ("reply", Reply(body="on it", internal=True), ["note"]),
    ):
        of = _pair(ticket=merged.ticket, others={"U": Other(ticket=waiting, access=Access())})
        changes = done(decide(of, _command(kind, intent, "m")))
        there = _there(changes)
        assert [row.kind for row in changes.entries] == ["redirected"]
        assert [(row.kind, row.ticket) for row in there.entries] == [(one, "U") for one in kinds]
        assert changes.entries[0].detail["entry"] == there.entries[0].id != changes.entries[0].id
        assert changes.ticket.status == "closed"
        assert there.ticket.status == ("open" if kind == "message" else "pending")


def _clocks(timeline: list[Entry], policy: Policy, now: int) -> dict[str, Clock]:
    return {clock.metric: clock for clock in ticket_clocks(timeline, policy, POLICIES, now)}


@settings(max_examples=60, deadline=None)
@given(
    source_age=st.integers(1, 600),
    target_age=st.integers(1, 600),
    waited=st.integers(0, 300),
    answer=st.one_of(st.none(), st.integers(1, 200)),
    pending=st.booleans(),
)
def test_earliest_unmet_deadline_wins(
    source_age: int, target_age: int, waited: int, answer: int | None, pending: bool
) -> None:
    """From the target's timeline alone: each clock is due when the first of the two tickets' own clocks was."""
    of = _pair(timeline=[_created(NOON - source_age * MINUTE)])
    if pending:
        told = _entry("s", "status", NOON - (source_age - 1) * MINUTE, to="pending")
        of = msgspec.structs.replace(of, timeline=[*of.timeline, told])
    target = [_created(NOON - target_age * MINUTE)]
    merged = done(decide(of, _command("merge", MERGE)))
    rows = [*target, *_there(merged).entries]
    now = NOON + waited * MINUTE
    if answer is not None:
        rows.append(_entry("r", "reply", NOON + answer * MINUTE, person=ME))
    source = [*of.timeline, _entry("o", "status", NOON, to="open")] if pending else list(of.timeline)
    apart = [
        _clocks([*source, *rows[len(target) + 1 :]], FAST, now),
        _clocks([*target, *rows[len(target) + 1 :]], SLOW, now),
    ]
    for metric, clock in _clocks(rows, SLOW, now).items():
        dues = [due for one in apart if (due := one[metric].due_at) is not None]
        assert clock.due_at == min(dues, default=None)
        assert clock.breached == any(one[metric].breached for one in apart)


def test_a_clock_that_the_target_had_met_goes_on_for_the_source() -> None:
    """Where the target's requester has had an answer and the source's has not, first response runs again."""
    answered = _entry("r", "reply", NOON - MINUTE, person=ME)
    merged = done(decide(_pair(), _command("merge", MERGE)))
    rows = [_created(NOON - 20 * MINUTE), answered, *_there(merged).entries]
    first = [one for one in ticket_clocks(rows, SLOW, POLICIES, NOON) if one.metric == "first_response"]
    assert [(one.cycle, one.state, one.inherited) for one in first] == [
        (1, "met", False),
        (2, "running", True),
    ]
    assert first[1].due_at == NOON - 30 * MINUTE
    rows.append(_entry("q", "reply", NOON + MINUTE, person=ME))
    assert ticket_clocks(rows, SLOW, POLICIES, NOON + MINUTE)[1].state == "met"


def test_what_was_inherited_is_handed_on() -> None:
    """A ticket that took over a clock and is merged itself leaves that clock to the third, with its old start."""
    merged = done(decide(_pair(), _command("merge", MERGE)))
    second = msgspec.structs.replace(_there(merged).ticket, id="T")
    of = _pair(ticket=second, timeline=[_created(NOON - 20 * MINUTE), *_there(merged).entries])
    again = done(decide(of, _command("merge", MERGE, "d")))
    rows = [_created(NOON), *_there(again).entries]
    due = {one.metric: one.due_at for one in ticket_clocks(rows, SLOW, POLICIES, NOON) if one.target}
    assert due == {"first_response": NOON - 30 * MINUTE, "resolution": NOON + 180 * MINUTE}


def test_steps_around_an_inherited_deadline_count_by_its_own_calendar() -> None:
    """The source counts office hours, the target round the clock: half an hour before is half an office hour."""
    office = Calendar(id="office", weekly=(((540, 1080),),) * 7)
    source = msgspec.structs.replace(FAST, calendar="office")
    warned = msgspec.structs.replace(SLOW, steps=(Step(metric="resolution", offset_s=-1800),))
    rules = Configuration(policies=(source, warned), calendars={"office": office})
    merged = done(decide(_pair(configuration=rules), _command("merge", MERGE)))
    rows = [_created(NOON - 20 * MINUTE), *_there(merged).entries]
    clocks = latest(ticket_clocks(rows, warned, rules, NOON))
    due = clocks["resolution"].due_at or 0
    (step,) = [one for one in due_steps(clocks, warned, None, rules.calendars) if one.step != BREACH_STEP]
    assert working_ms(office, step.at, due) == 1_800_000
    assert due - step.at in (1_800_000, 1_800_000 + 15 * 3_600_000)
    assert clocks["resolution"].inherited
    assert due > NOON + 180 * MINUTE
