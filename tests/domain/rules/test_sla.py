"""SLA clocks against a second, plain reading of the rules, and rule by rule."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.entities.calendars import Calendar
from domain.entities.sla import METRICS, Clock, ClockEvent, EventKind, Metric, Policy, Target
from domain.errors import InvalidInputError
from domain.rules.calendar_text import read_calendar
from domain.rules.sla import Terms, evaluate, evaluate_cycles
from tests.domain.rules.calendar_strategies import calendars, instants
from tests.domain.rules.naive import STEP, NaiveSla
from tests.domain.rules.sla_timelines import DAY, HOUR, HOURS_24, MINUTE, OFFICE, created, happens, status

STATUSES = ("new", "open", "pending", "on_hold", "resolved", "closed")
KINDS: tuple[EventKind, ...] = (
    "status", "status", "status", "priority", "requester_message", "agent_reply", "sent_to", "taken",
    "solution_proposed",
)  # fmt: skip


def targets() -> st.SearchStrategy[Target]:
    """Targets on the half hour, in every unit."""
    minutes = st.integers(1, 40).map(lambda n: Target(n=n * 30, unit="minute"))
    hours = st.integers(1, 20).map(lambda n: Target(n=n, unit="hour"))
    return (
        minutes
        | hours
        | st.integers(1, 3).map(lambda n: Target(n=n, unit="day"))
        | st.just(Target(n=1, unit="week"))
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Targets for some metrics of three priorities; a fourth has none."""
    by_metric = st.dictionaries(st.sampled_from(METRICS), targets())
    pauses = st.lists(st.sampled_from(STATUSES[:4]), unique=True).map(tuple)
    return Policy(
        id="drawn",
        targets={priority: draw(by_metric) for priority in ("urgent", "high", "normal")},
        pause_in=draw(st.dictionaries(st.sampled_from(METRICS), pauses)),
    )


@st.composite
def timelines(draw: st.DrawFn) -> tuple[ClockEvent, ...]:
    """A creation and up to a dozen things after it, some at the same instant, some a week later."""
    at = draw(instants())
    priorities = st.sampled_from(("urgent", "high", "normal", "low"))
    statuses = st.sampled_from(STATUSES)
    events = [created(at, status=draw(statuses), priority=draw(priorities), requester=draw(st.booleans()))]
    for kind in draw(st.lists(st.sampled_from(KINDS), max_size=12)):
        at += draw(st.integers(0, 8) | st.integers(0, 7 * 48)) * STEP
        given_status = draw(statuses) if kind == "status" else ""
        given_priority = draw(priorities) if kind == "priority" else ""
        events.append(ClockEvent(at=at, kind=kind, status=given_status, priority=given_priority))
    return tuple(events)


def answer(clock: Clock) -> dict[str, object]:
    """The fields the plain reading gives."""
    if clock.state in ("no_target", "not_started"):
        return {"state": clock.state}
    return {
        "state": clock.state,
        "due": clock.due_at,
        "elapsed_s": clock.elapsed_s,
        "late_by_s": clock.late_by_s,
        "breached": clock.breached,
        "paused_business_s": clock.paused_business_s,
    }


@settings(max_examples=300)
@given(timelines(), policies(), st.none() | calendars(), st.integers(0, 96))
def test_clocks_are_what_walking_through_time_gives(
    events: tuple[ClockEvent, ...], policy: Policy, calendar: Calendar | None, later: int
) -> None:
    """Every field of every clock agrees with a walk through the timeline, half an hour at a time."""
    now = events[-1].at + later * STEP
    expected = NaiveSla(policy, calendar).run(events, now)
    clocks = evaluate(events, policy, calendar, now)
    assert {metric: answer(clock) for metric, clock in clocks.items()} == expected


@given(timelines(), policies(), st.none() | calendars())
def test_the_order_of_arrival_does_not_matter(
    events: tuple[ClockEvent, ...], policy: Policy, calendar: Calendar | None
) -> None:
    """A late offline row, put where it belongs by its own time, gives the same clocks as one in time."""
    distinct = tuple(msgspec.structs.replace(event, at=event.at + n) for n, event in enumerate(events))
    now = distinct[-1].at
    assert evaluate(distinct[::-1], policy, calendar, now) == evaluate(distinct, policy, calendar, now)


@given(timelines(), policies(), st.none() | calendars())
def test_the_latest_cycles_are_among_all_cycles(
    events: tuple[ClockEvent, ...], policy: Policy, calendar: Calendar | None
) -> None:
    """Cycles are numbered from one, and the last of each metric is the one that is shown."""
    now = events[-1].at
    cycles = evaluate_cycles(events, policy, calendar, now)
    for metric, clock in evaluate(events, policy, calendar, now).items():
        own = [one for one in cycles if one.metric == metric]
        assert [one.cycle for one in own] == list(range(1, len(own) + 1))
        assert not own or own[-1] == clock


@given(timelines(), policies(), st.none() | calendars(), st.integers(0, 10**9))
def test_a_running_deadline_stays_while_nothing_happens(
    events: tuple[ClockEvent, ...], policy: Policy, calendar: Calendar | None, later: int
) -> None:
    """The passing of time alone moves no deadline: what is stored for the sweep stays true."""
    now = events[-1].at
    before, after = evaluate(events, policy, calendar, now), evaluate(events, policy, calendar, now + later)
    for metric in METRICS:
        assert before[metric].due_at == after[metric].due_at
        assert before[metric].state == after[metric].state
        assert after[metric].breached == (
            before[metric].breached
            or (after[metric].state == "running" and now + later > (after[metric].due_at or 0))
        )


def policy(**hours: int) -> Policy:
    """The same targets in hours for normal priority, and half of them for high."""
    known = [metric for metric in METRICS if metric in hours]
    normal: dict[Metric, Target] = {metric: Target(n=hours[metric], unit="hour") for metric in known}
    high: dict[Metric, Target] = {
        metric: Target(n=target.n * 30, unit="minute") for metric, target in normal.items()
    }
    return Policy(id="p", targets={"normal": normal, "high": high})


ALL = policy(first_response=2, next_response=1, acceptance=1, solution_proposed=3, resolution=4)


def clock(metric: Metric, *events: ClockEvent, now: int, by: Policy = ALL) -> Clock:
    """One clock, round the clock."""
    return evaluate(events, by, HOURS_24, now)[metric]


def cycles_of(metric: Metric, *events: ClockEvent, now: int) -> list[Clock]:
    """Every cycle of one clock, round the clock."""
    return [one for one in evaluate_cycles(events, ALL, HOURS_24, now) if one.metric == metric]


def test_without_a_requester_there_is_no_first_response() -> None:
    """On a ticket an agent opened the creation counts as the first reply; its resolution runs as ever."""
    events = (created(0, requester=False), happens(HOUR, "requester_message"))
    assert clock("first_response", *events, now=2 * HOUR).state == "not_started"
    assert clock("next_response", *events, now=2 * HOUR).started_at == HOUR
    assert clock("resolution", *events, now=2 * HOUR).elapsed_s == 2 * 3600


def test_the_oldest_unanswered_message_rules() -> None:
    """A second message before the answer changes nothing; the next one after it is a cycle of its own."""
    events = [created(0), happens(MINUTE, "agent_reply"), happens(HOUR, "requester_message")]
    events.append(happens(HOUR + 30 * MINUTE, "requester_message"))
    assert clock("next_response", *events, now=2 * HOUR).due_at == 2 * HOUR
    events += [happens(3 * HOUR, "agent_reply"), happens(4 * HOUR, "requester_message")]
    cycles = cycles_of("next_response", *events, now=5 * HOUR)
    assert [(one.state, one.breached) for one in cycles] == [("met", True), ("running", False)]
    assert cycles[0].late_by_s == 3600


def test_resolving_stops_the_responses_without_a_reply() -> None:
    """Judged at that instant and marked; reopening starts no second first response."""
    events = [created(0), status(HOUR, "resolved"), status(5 * HOUR, "open")]
    first = clock("first_response", *events, now=9 * HOUR)
    assert (first.state, first.stopped_at, first.breached, first.without_reply) == ("met", HOUR, False, True)
    assert not clock("resolution", *events[:2], now=HOUR).without_reply


def test_a_message_after_an_unanswered_resolution_waits_for_the_next_response() -> None:
    """Nobody who writes again is left without a clock."""
    events = (
        created(0),
        status(HOUR, "resolved"),
        happens(5 * HOUR, "requester_message"),
        status(5 * HOUR, "open"),
    )
    following = clock("next_response", *events, now=5 * HOUR)
    assert (following.state, following.due_at) == ("running", 6 * HOUR)


def test_reopening_goes_on_with_the_old_clock() -> None:
    """The solved span is left out; what was used before stays used."""
    events = [created(0), status(3 * HOUR, "resolved"), status(10 * HOUR, "closed")]
    events.append(status(20 * HOUR, "open"))
    solved = clock("resolution", *events[:3], now=15 * HOUR)
    assert (solved.state, solved.stopped_at, solved.elapsed_s) == ("met", 3 * HOUR, 3 * 3600)
    reopened = clock("resolution", *events, now=20 * HOUR)
    assert (reopened.state, reopened.due_at, reopened.cycle) == ("running", 21 * HOUR, 1)
    assert reopened.paused_business_s == 17 * 3600


def test_a_breach_is_kept_when_reopened() -> None:
    """Late once, late for good: the deadline stays where it was."""
    events = (created(0), status(5 * HOUR, "resolved"), status(6 * HOUR, "open"))
    reopened = clock("resolution", *events, now=6 * HOUR)
    assert (reopened.breached, reopened.due_at, reopened.late_by_s) == (True, 4 * HOUR, 3600)


def test_a_paused_clock_shows_what_is_left_and_has_no_deadline() -> None:
    """By default waiting for the customer and being on hold pause the resolution alone."""
    for word in ("pending", "on_hold"):
        events = (created(0), status(HOUR, word))
        paused = clock("resolution", *events, now=50 * HOUR)
        assert (paused.state, paused.due_at, paused.remaining_s) == ("paused", None, 3 * 3600)
        assert clock("first_response", *events, now=50 * HOUR).breached


def test_a_clock_paused_with_nothing_left_is_late_only_when_it_goes_on() -> None:
    """Pausing at the very deadline is in time; the deadline then is the moment work goes on."""
    events = [created(0), status(4 * HOUR, "pending")]
    assert not clock("resolution", *events, now=9 * HOUR).breached
    events.append(status(9 * HOUR, "open"))
    assert clock("resolution", *events, now=9 * HOUR).due_at == 9 * HOUR
    assert clock("resolution", *events, now=9 * HOUR + 1).breached


def test_a_pause_after_the_breach_moves_nothing() -> None:
    """The deadline that was missed is a fact; only the lateness stops growing."""
    events = (created(0), status(5 * HOUR, "pending"))
    paused = clock("resolution", *events, now=9 * HOUR)
    assert (paused.state, paused.due_at) == ("paused", 4 * HOUR)
    assert (paused.late_by_s, paused.remaining_s) == (3600, -3600)


def test_in_time_to_the_very_instant() -> None:
    """A reply at the deadline meets it; a millisecond later it is late."""
    first = clock("first_response", created(0), happens(2 * HOUR, "agent_reply"), now=2 * HOUR)
    assert (first.breached, first.remaining_s) == (False, 0)
    assert clock("first_response", created(0), happens(2 * HOUR + 1, "agent_reply"), now=3 * HOUR).breached


def test_after_closing_a_deadline_at_closing_is_missed() -> None:
    """Due at closing means just that: an answer the same evening is late, though by no working time."""
    opening = OFFICE_MONDAY
    events = (created(opening), happens(opening + 9 * HOUR, "agent_reply"))
    eight_hours = policy(first_response=8)
    first = evaluate(events, eight_hours, OFFICE, opening + 9 * HOUR)["first_response"]
    assert (first.due_at, first.breached, first.late_by_s) == (opening + 8 * HOUR, True, 0)


OFFICE_MONDAY = 1_780_279_200_000  # 2026-06-01T10:00+08:00


def test_a_new_priority_recomputes_from_the_original_start() -> None:
    """The deadline moves at once, to before now where the new target is used up already; and back again."""
    raised = [created(0), ClockEvent(at=3 * HOUR, kind="priority", priority="high")]
    late = clock("resolution", *raised, now=3 * HOUR)
    assert (late.due_at, late.breached, late.late_by_s) == (2 * HOUR, True, 3600)
    raised.append(ClockEvent(at=3 * HOUR, kind="priority", priority="normal"))
    assert not clock("resolution", *raised, now=3 * HOUR).breached
    raised.append(ClockEvent(at=3 * HOUR, kind="priority", priority="low"))
    assert clock("resolution", *raised, now=3 * HOUR).state == "no_target"


def test_a_clock_that_has_stopped_keeps_the_priority_of_that_time() -> None:
    """What was answered in time doesn't become late because somebody makes it urgent afterwards."""
    events = (
        created(0),
        happens(90 * MINUTE, "agent_reply"),
        ClockEvent(at=2 * HOUR, kind="priority", priority="high"),
    )
    first = clock("first_response", *events, now=2 * HOUR)
    assert (first.state, first.breached, first.priority) == ("met", False, "normal")


def test_a_clock_that_has_stopped_keeps_the_policy_of_that_time() -> None:
    """Running clocks are measured by the terms of now, stopped ones by those they stopped under."""
    events = (
        created(0), ClockEvent(at=0, kind="policy", policy="old"), happens(2 * HOUR, "agent_reply"),
        ClockEvent(at=3 * HOUR, kind="policy", policy="new"),
    )  # fmt: skip
    strict = policy(first_response=1, resolution=1)
    clocks = evaluate(events, strict, None, 3 * HOUR, earlier={"old": Terms(ALL, HOURS_24)})
    assert not clocks["first_response"].breached
    assert clocks["resolution"].late_by_s == 2 * 3600
    without = evaluate(events, None, None, 3 * HOUR, earlier={"old": Terms(ALL, HOURS_24)})
    assert (without["first_response"].state, without["resolution"].state) == ("met", "no_target")


def test_acceptance_runs_from_each_sending_to_the_take() -> None:
    """Passing it on before it was taken ends the one cycle and begins the next."""
    events = [created(0), happens(HOUR, "sent_to"), happens(3 * HOUR, "sent_to")]
    events.append(happens(3 * HOUR + MINUTE, "taken"))
    cycles = cycles_of("acceptance", *events, now=4 * HOUR)
    assert [(one.elapsed_s, one.breached, one.without_reply) for one in cycles] == [
        (7200, True, True),
        (60, False, False),
    ]


def test_a_target_may_run_round_the_clock_in_an_office_calendar() -> None:
    """The one counts the night, the other doesn't."""
    around: dict[Metric, Target] = {
        "first_response": Target(n=12, unit="hour", round_the_clock=True),
        "resolution": Target(n=12, unit="hour"),
    }
    clocks = evaluate(
        (created(OFFICE_MONDAY),), Policy(id="p", targets={"normal": around}), OFFICE, OFFICE_MONDAY
    )
    assert clocks["first_response"].due_at == OFFICE_MONDAY + 12 * HOUR
    assert clocks["resolution"].due_at == OFFICE_MONDAY + DAY + 4 * HOUR


def test_an_edited_calendar_redoes_the_conversion_of_days() -> None:
    """With a new holiday the same timeline gives a later deadline; nothing is remembered."""
    day = Policy(id="p", targets={"normal": {"resolution": Target(n=1, unit="day")}})
    events = (created(OFFICE_MONDAY + HOUR),)
    closed = read_calendar(
        "office", {"timezone": "Asia/Shanghai", "weekly": WEEK, "holidays": ["2026-06-02"]}, version=2
    )
    assert evaluate(events, day, OFFICE, OFFICE_MONDAY)["resolution"].due_at == OFFICE_MONDAY + DAY + HOUR
    assert evaluate(events, day, closed, OFFICE_MONDAY)["resolution"].due_at == OFFICE_MONDAY + 2 * DAY + HOUR


WEEK = {day: [["10:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def test_a_clock_behind_the_timeline_undoes_nothing() -> None:
    """A device whose clock lags sees what has happened, not less."""
    events = (created(0), status(5 * HOUR, "open"))
    assert clock("resolution", *events, now=HOUR).elapsed_s == 5 * 3600


def test_an_empty_or_headless_timeline_is_no_error() -> None:
    """A replica may hold only a part of a long timeline: what is there is evaluated."""
    assert {one.state for one in evaluate((), ALL, HOURS_24, 0).values()} == {"no_target"}
    headless = evaluate((status(HOUR, "resolved"), status(2 * HOUR, "open")), ALL, HOURS_24, 3 * HOUR)
    assert headless["resolution"].cycle == 0


@pytest.mark.parametrize(("n", "unit"), [(0, "hour"), (-1, "minute"), (521, "week")])
def test_a_target_of_no_or_endless_length_is_refused(n: int, unit: str) -> None:
    """Between one minute and ten years."""
    with pytest.raises(InvalidInputError, match="target_length"):
        msgspec.convert({"n": n, "unit": unit}, Target)
