"""What is due: the next deadline, steps around it, nearness and the live countdown."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entities.calendars import Calendar
from domain.entities.sla import (
    BREACH_STEP,
    Action,
    Clock,
    ClockEvent,
    Metric,
    Policy,
    Soon,
    Standing,
    Step,
    Target,
)
from domain.errors import InvalidInputError
from domain.rules.sla import evaluate
from domain.rules.sla_steps import due_steps, keyed, late, next_due, remaining_s, soon, standing, step_at
from tests.domain.rules.calendar_strategies import calendars, instants
from tests.domain.rules.sla_timelines import HOUR, HOURS_24, MINUTE, created, happens, status

POLICY = Policy(
    id="p",
    targets={
        "normal": {"first_response": Target(n=2, unit="hour"), "resolution": Target(n=8, unit="hour")},
    },
    steps=(
        Step(metric="resolution", percent=50, actions=(Action(kind="notify", arguments={"who": "lead"}),)),
        Step(metric="resolution", offset_s=-3600, actions=(Action(kind="raise_priority"),)),
        Step(metric="resolution", offset_s=2 * 3600, actions=(Action(kind="escalate"),)),
        Step(metric="first_response", offset_s=0),
    ),
)


HALF, BEFORE, AFTER = "p:resolution:50%", "p:resolution:-3600s", "p:resolution:+7200s"


def clocks(*events: ClockEvent, now: int) -> dict[Metric, Clock]:
    """The clocks of POLICY, round the clock."""
    return evaluate(events, POLICY, HOURS_24, now)


def test_the_clock_due_next_is_the_running_one_due_first() -> None:
    """Then the next, then the paused one with its frozen rest, then none."""
    events = [created(0)]
    assert next_due(clocks(*events, now=0)) == clocks(*events, now=0)["first_response"]
    events.append(happens(HOUR, "agent_reply"))
    shown = standing(clocks(*events, now=HOUR))
    assert shown == Standing(state="running", metric="resolution", due_at=8 * HOUR, soon_at=6 * HOUR)
    events.append(status(2 * HOUR, "pending"))
    assert standing(clocks(*events, now=3 * HOUR)) == Standing(
        state="paused", metric="resolution", remaining_s=6 * 3600
    )
    events.append(status(4 * HOUR, "resolved"))
    assert standing(clocks(*events, now=4 * HOUR)) == Standing(state="met")
    assert standing(evaluate(events, None, HOURS_24, 4 * HOUR)) == Standing()


def test_near_is_a_quarter_of_the_target_or_twenty_minutes() -> None:
    """Whichever comes first; past the deadline it is late, not near."""
    first, resolution = clocks(created(0), now=0)["first_response"], clocks(created(0), now=0)["resolution"]
    assert (first.soon_at, resolution.soon_at) == (90 * MINUTE, 6 * HOUR)
    assert [soon(first, at) for at in (90 * MINUTE - 1, 90 * MINUTE, 2 * HOUR, 2 * HOUR + 1)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert [late(first, at) for at in (2 * HOUR, 2 * HOUR + 1)] == [False, True]
    short = Policy(id="p", targets={"normal": {"resolution": Target(n=40, unit="minute")}})
    assert evaluate((created(0),), short, None, 0)["resolution"].soon_at == 20 * MINUTE
    own = msgspec.structs.replace(short, soon=Soon(percent=10, left_s=60))
    assert evaluate((created(0),), own, None, 0)["resolution"].soon_at == 36 * MINUTE


def test_steps_stand_around_the_deadline_and_move_with_it() -> None:
    """Half the target, an hour before, the deadline, two hours after; a pause moves what is still ahead."""
    due = due_steps(clocks(created(0), now=0), POLICY, HOURS_24)
    resolution = [(row.step, row.at // HOUR) for row in due if row.metric == "resolution"]
    assert resolution == [(HALF, 4), (BEFORE, 7), (BREACH_STEP, 8), (AFTER, 10)]
    paused = (created(0), status(5 * HOUR, "pending"), status(15 * HOUR, "open"))
    due = due_steps(clocks(*paused, now=15 * HOUR), POLICY, HOURS_24)
    resolution = [(row.step, row.at // HOUR) for row in due if row.metric == "resolution"]
    assert resolution == [(HALF, 4), (BEFORE, 17), (BREACH_STEP, 18), (AFTER, 20)]


def test_a_step_keeps_its_name_when_others_are_put_before_it() -> None:
    """What has fired is not fired again because somebody edited the policy; two at one place are two."""
    before = Step(metric="resolution", percent=10)
    edited = msgspec.structs.replace(POLICY, version=2, steps=(before, *POLICY.steps, POLICY.steps[1]))
    names = list(keyed(edited))
    assert names[1:5] == list(keyed(POLICY))
    assert names[5] == BEFORE + "#2"
    assert keyed(edited)[BEFORE + "#2"] == POLICY.steps[1]


def test_a_paused_clock_has_only_the_steps_it_passed_and_a_met_one_none() -> None:
    """A late worker still catches up with what came before the pause; a met target drops the rest."""
    events = (created(0), status(5 * HOUR, "pending"))
    due = due_steps(clocks(*events, now=6 * HOUR), POLICY, HOURS_24)
    assert [row.step for row in due if row.metric == "resolution"] == [HALF]
    solved = (*events, status(7 * HOUR, "resolved"))
    assert due_steps(clocks(*solved, now=7 * HOUR), POLICY, HOURS_24) == ()


@given(st.none() | calendars(), instants(), st.integers(1, 3), st.integers(0, 10**8))
def test_a_step_at_the_deadline_is_the_deadline(
    calendar: Calendar | None, begin: int, days: int, more: int
) -> None:
    """An offset of nothing and the whole share are the due instant itself, whatever the calendar."""
    by = Policy(id="p", targets={"normal": {"resolution": Target(n=days, unit="day")}})
    running = evaluate((created(begin + more),), by, calendar, begin + more)["resolution"]
    assert step_at(running, calendar, offset_s=0) == running.due_at
    assert step_at(running, calendar, percent=100) == running.due_at
    before, after = step_at(running, calendar, offset_s=-60), step_at(running, calendar, offset_s=60)
    assert begin + more <= (before or 0) <= (running.due_at or 0) <= (after or 0)


def test_a_step_further_before_than_the_target_is_long_stands_at_the_start() -> None:
    """It fires at once rather than before the ticket was there."""
    assert step_at(clocks(created(HOUR), now=HOUR)["resolution"], None, offset_s=-9 * 3600) == HOUR


def test_a_step_stands_in_exactly_one_place() -> None:
    """An offset or a share, not both and not neither."""
    running = clocks(created(0), now=0)["resolution"]
    with pytest.raises(InvalidInputError, match="step_needs_offset_or_percent"):
        step_at(running, None)
    with pytest.raises(InvalidInputError, match="step_needs_offset_or_percent"):
        Step(metric="resolution", offset_s=1, percent=1)
    with pytest.raises(InvalidInputError, match="step_percent_negative"):
        Step(metric="resolution", percent=-1)
    assert step_at(Clock(metric="resolution", state="no_target"), None, offset_s=0) is None


@given(st.none() | calendars(), instants(), st.integers(1, 100), st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_countdown_is_what_a_new_evaluation_says(
    calendar: Calendar | None, begin: int, hours: int, one_s: int, two_s: int
) -> None:
    """Ticking on from an older evaluation gives what evaluating again would."""
    by = Policy(id="p", targets={"normal": {"resolution": Target(n=hours, unit="hour")}})
    shown = evaluate((created(begin),), by, calendar, begin + one_s * 1000)["resolution"]
    now = begin + (one_s + two_s) * 1000
    assert (
        remaining_s(shown, calendar, now)
        == evaluate((created(begin),), by, calendar, now)["resolution"].remaining_s
    )


def test_the_countdown_of_a_paused_clock_is_frozen() -> None:
    """However long it waits."""
    paused = clocks(created(0), status(HOUR, "pending"), now=HOUR)["resolution"]
    assert remaining_s(paused, None, 99 * HOUR) == 7 * 3600
