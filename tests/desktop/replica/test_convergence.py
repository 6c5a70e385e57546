"""Whatever comes in whatever order: replicas agree with the desk, and the person's own work stays."""

import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desktop.replica.story import Story


def _play(chance: Random, steps: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), chance)
        try:
            story.play(steps)
        finally:
            story.close()


@settings(max_examples=25)
@given(chance=st.randoms(use_true_random=False), steps=st.integers(5, 60))
def test_any_order_of_pages_and_verdicts_converges(chance: Random, steps: int) -> None:
    """Pages, verdicts and retries lost, late and doubled: shown = replay(base, unsent) always, equal at rest."""
    _play(chance, steps)


@pytest.mark.parametrize("seed", range(6))
def test_long_stories_converge(seed: int) -> None:
    """The same over longer stories, alike in every run."""
    _play(Random(seed), 100)
