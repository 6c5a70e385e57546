"""The lines of *why this deadline* add up."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.tickets.why_steps import COUNTED, MOST_STEPS, PAUSED, REST, steps_of
from domain.entities.calendars import Calendar
from domain.entities.sla import ClockEvent, Policy, Target
from domain.rules.sla import evaluate

_WEEK = (((540, 720), (780, 1080)),) * 5 + ((), ())
_CALENDAR = Calendar(id="c", weekly=_WEEK)
_POLICY = Policy(id="p", calendar="c", targets={"normal": {"resolution": Target(n=8, unit="hour")}})
_MONDAY = 1_795_312_800_000  # a Sunday afternoon in Shanghai, before a working week
_HOUR = 3_600_000


@given(
    started=st.integers(0, 120),
    changes=st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from(["open", "pending", "on_hold"])), max_size=6
    ),
    now=st.integers(1, 400),
)
def test_counted_lines_sum_to_what_was_used(started: int, changes: list[tuple[int, str]], now: int) -> None:
    """However a ticket went, the lines that count are the elapsed time and the rest is what is left."""
    at = _MONDAY + started * _HOUR
    events = [ClockEvent(at=at, kind="created", status="open", priority="normal")]
    for hours, status in changes:
        at += hours * _HOUR
        events.append(ClockEvent(at=at, kind="status", status=status))
    clock = evaluate(events, _POLICY, _CALENDAR, at + now * _HOUR // 4)["resolution"]
    steps = steps_of(clock, _CALENDAR)
    counted = sum(step.seconds for step in steps if step.kind == COUNTED)
    assert abs(counted - clock.elapsed_s) <= len(steps)
    rest = [step for step in steps if step.kind == REST]
    if clock.state == "running" and clock.remaining_s > 0:
        assert rest[0].seconds == clock.remaining_s
    else:
        assert not rest
    assert sum(step.kind in (COUNTED, PAUSED) for step in steps) <= MOST_STEPS
    assert all(step.seconds == 0 for step in steps if step.kind == PAUSED)
