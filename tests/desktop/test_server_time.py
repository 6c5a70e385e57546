"""Invariant 13 on a desktop: whatever is done to its clocks, its times stay within what it says of them."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.clock import DRIFT_PPM, STEP_MS, Contact, ServerTime, boot_id
from domain.rules.effective_time import effective_at
from domain.wire.commands import Command

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
START = 1_795_000_000_000


class Machine:
    """A machine whose clocks drift, sleep, are set and start anew; it knows the true time."""

    def __init__(self, off_ms: int, ppm: int) -> None:
        self.true_at, self.off_ms, self.ppm = START, off_ms, ppm
        self.steady, self.boot, self.starts = 5_000_000.0, "start 0", 0
        self.contact: Contact | None = None
        self.time = ServerTime(self, boot=self.boot)

    def now(self) -> int:
        """What the wall says."""
        return self.true_at + self.off_ms

    def monotonic(self) -> int:
        """Since the machine was started, a little fast or slow."""
        return int(self.steady)

    def passes(self, ms: int) -> None:
        """Time passes, awake or asleep."""
        self.true_at += ms
        self.steady += ms * (1 + self.ppm / 1_000_000)

    def starts_anew(self) -> None:
        """The machine is switched off and on; what was learnt is read from disk."""
        self.starts += 1
        self.boot, self.steady = f"start {self.starts}", 0.0
        self.time = ServerTime(self, self.time.contact, boot=self.boot)

    def asks(self, there: int, back: int) -> None:
        """One round trip."""
        asked = self.monotonic()
        self.passes(there)
        told = self.true_at
        self.passes(back)
        self.time.observe(asked=asked, answered=self.monotonic(), server_at=told)


class Event(NamedTuple):
    """Something that happens to the machine."""

    kind: str
    first: int = 0
    second: int = 0


ROAD = st.integers(0, 3_000)
EVENTS = st.one_of(
    st.builds(Event, st.just("passes"), st.integers(0, 30 * DAY_MS)),
    st.builds(Event, st.just("asks"), ROAD, ROAD),
    st.builds(Event, st.just("set"), st.integers(-400 * DAY_MS, 400 * DAY_MS)),
)


def live(machine: Machine, events: list[Event]) -> None:
    """Have it all happen."""
    for event in events:
        if event.kind == "passes":
            machine.passes(event.first)
        elif event.kind == "asks":
            machine.asks(event.first, event.second)
        else:
            machine.off_ms += event.first


@given(
    off=st.integers(-90 * DAY_MS, 90 * DAY_MS),
    ppm=st.integers(-DRIFT_PPM + 5, DRIFT_PPM - 5),
    events=st.lists(EVENTS, max_size=12),
)
@settings(max_examples=300)
def test_within_one_start_the_estimate_holds_whatever_is_done_to_the_wall(
    off: int, ppm: int, events: list[Event]
) -> None:
    """The server's time lies within the error, a command's corrected time too, and a set clock is told."""
    machine = Machine(off, ppm)
    machine.asks(20, 20)
    live(machine, events)
    error = machine.time.error_ms() + 2
    assert abs(machine.time.now() - machine.true_at) <= error
    clock = machine.time.device_clock()
    assert abs(machine.now() + clock.offset_ms - machine.true_at) <= error
    known_at = machine.true_at + 5
    command = Command(id="c", ticket_id="t", kind="reply", at=machine.now(), clock=clock)
    at = effective_at(command, ticket=None, timeline=(), person="p", known_at=known_at)
    assert at <= known_at
    assert abs(at - machine.true_at) <= error + 5


@given(there=ROAD, back=ROAD, rounds=st.lists(st.tuples(ROAD, ROAD), max_size=10))
def test_more_round_trips_never_tell_less(there: int, back: int, rounds: list[tuple[int, int]]) -> None:
    """A slow answer does not spoil what a quick one told: the error only grows as fast as clocks drift."""
    machine = Machine(0, 0)
    machine.asks(there, back)
    for one in rounds:
        before = machine.time.error_ms()
        machine.asks(*one)
        assert machine.time.error_ms() <= before + 3


@given(
    off=st.integers(-90 * DAY_MS, 90 * DAY_MS),
    away=st.integers(0, 30 * DAY_MS),
    moved=st.integers(-90 * DAY_MS, 90 * DAY_MS),
)
def test_after_another_start_time_goes_forward_and_says_where_it_comes_from(
    off: int, away: int, moved: int
) -> None:
    """The wall clock counts only forwards from the last contact, and commands are marked."""
    machine = Machine(off, 0)
    machine.asks(20, 20)
    contact_at = machine.time.contact.at
    machine.passes(away)
    machine.off_ms += moved
    machine.starts_anew()
    assert machine.time.now() >= contact_at
    assert machine.time.device_clock().reported
    if not moved:
        assert abs(machine.time.now() - machine.true_at) <= machine.time.error_ms() + 2


@given(step=st.integers(-DAY_MS, DAY_MS))
def test_a_set_clock_is_told_where_it_matters(step: int) -> None:
    """A second or two are an adjustment, more is somebody's hand."""
    machine = Machine(0, 0)
    machine.asks(20, 20)
    machine.off_ms += step
    assert machine.time.device_clock().reported == (abs(step) > STEP_MS)


def test_a_start_with_a_clock_that_fits_is_still_noticed() -> None:
    """By the machine's own name for it, though both clocks stand as if nothing had happened."""
    machine = Machine(0, 0)
    machine.asks(20, 20)
    machine.passes(HOUR_MS)
    machine.boot = "another"
    machine.time = ServerTime(machine, machine.time.contact, boot="another")
    assert machine.time.device_clock().reported


def test_a_server_that_was_set_is_believed_at_once() -> None:
    """An answer that no earlier one allows replaces them."""
    machine = Machine(0, 0)
    machine.asks(20, 20)
    machine.time.observe(
        asked=machine.monotonic(), answered=machine.monotonic(), server_at=machine.true_at + DAY_MS
    )
    assert abs(machine.time.now() - machine.true_at - DAY_MS) <= 2


def test_this_machine_names_its_start() -> None:
    """The same name at each look."""
    assert boot_id() == boot_id()
