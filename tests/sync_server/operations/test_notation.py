"""How files write durations, steps, hours and conditions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entities.sla import LONGEST, Target
from domain.errors import InvalidInputError
from sync_server.operations.configuration import notation

TARGETS = st.one_of(
    *(
        st.builds(Target, n=st.integers(1, most), unit=st.just(unit), round_the_clock=st.booleans())
        for unit, most in LONGEST.items()
    )
)


@given(TARGETS)
def test_targets_are_read_as_they_are_written(target: Target) -> None:
    """Any target survives its text."""
    assert notation.read_target(notation.write_target(target)) == target


@given(st.integers(1, 10**7))
def test_lengths_are_read_as_they_are_written(seconds: int) -> None:
    """Any length survives its text."""
    assert notation.read_length(notation.write_length(seconds)) == seconds


@given(st.integers(1, 10**6), st.booleans())
def test_steps_are_read_as_they_are_written(seconds: int, before: bool) -> None:
    """Steps before and after a deadline survive their text."""
    offset = -seconds if before else seconds
    assert notation.read_step(notation.write_step(offset, None)) == {"offset_s": offset}


@pytest.mark.parametrize("text", ["", "30", "30 parsecs", "-1 minutes", "1.5 hours", "30 minutes round"])
def test_what_is_no_target_is_refused(text: str) -> None:
    """Anything else is an error, never a guess."""
    with pytest.raises(InvalidInputError):
        notation.read_target(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("09:00-18:00", ((540, 1080), None)),
        ("22:00-06:00", ((1320, 1440), (0, 360))),
        ("22:00-24:00", ((1320, 1440), None)),
        ("22:00-00:00", ((1320, 1440), None)),
    ],
)
def test_periods_past_midnight_are_two(text: str, parts: object) -> None:
    """The part after midnight belongs to the next day."""
    assert notation.read_period(text) == parts


@pytest.mark.parametrize("text", ["9-18", "09:00", "09:00-09:00", "25:00-26:00", "24:30-25:00"])
def test_what_is_no_period_is_refused(text: str) -> None:
    """Half a period, an empty one and impossible hours."""
    with pytest.raises(InvalidInputError):
        notation.read_period(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_written_json_says_the_same(value: object) -> None:
    """However it is laid out, it reads as what was written."""
    assert json.loads(notation.write_json(value)) == value
